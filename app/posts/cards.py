"""Cards as HTML: the same for every reader, so each is rendered once per (entry, version, locale)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from flask import current_app
from flask_babel import get_locale
from markupsafe import Markup

from app.posts import queries

MOST = 3_000
_cache: OrderedDict[tuple[int, int, str], Markup] = OrderedDict()
_talks: OrderedDict[tuple[Any, ...], Markup] = OrderedDict()


def html(rows: Sequence[Any]) -> list[Markup]:
    """The cards of rows (id, version), in order; those unknown so far are read together."""
    locale = str(get_locale() or "fr")
    missing = [row.id for row in rows if (row.id, row.version, locale) not in _cache]
    if missing:
        for card in queries.cards(missing).values():
            _keep((card.id, card.version, locale), _rendered("posts/_card.html", card=card))
    return [found for row in rows if (found := _find((row.id, row.version, locale), row.id)) is not None]


def one(entry_id: int) -> Markup | None:
    """One post's card as it is now."""
    card = queries.cards([entry_id]).get(entry_id)
    if card is None:
        return None
    key = (card.id, card.version, str(get_locale() or "fr"))
    if key not in _cache:
        _keep(key, _rendered("posts/_card.html", card=card))
    return _cache[key]


def comment(comment_id: int) -> Markup | None:
    """One comment as every reader sees it."""
    view = queries.comments([comment_id]).get(comment_id)
    if view is None:
        return None
    return _rendered("posts/_comment.html", comment=view)


def thread(comments: Sequence[queries.CommentView], post_id: int) -> list[Markup]:
    """The comments of a thread with their answers, each rendered once for what it and they say."""
    locale = str(get_locale() or "fr")
    return [_talk(top, post_id, locale) for top in comments]


def _talk(top: queries.CommentView, post_id: int, locale: str) -> Markup:
    key = (top.id, locale, *((said.id, said.version) for said in (top, *top.replies)))
    if key not in _talks:
        _talks[key] = _rendered("posts/_talk.html", comment=top, post_id=post_id)
        if len(_talks) > MOST:
            _talks.popitem(last=False)
    _talks.move_to_end(key)
    return _talks[key]


def forget() -> None:
    """Render everything afresh."""
    _cache.clear()
    _talks.clear()


def _rendered(template: str, **context: Any) -> Markup:
    """Without the frame's context: a card knows no reader, and is also made outside of requests."""
    return Markup(current_app.jinja_env.get_template(template).render(context))  # noqa: S704 - our own template


def _keep(key: tuple[int, int, str], card: Markup) -> None:
    _cache[key] = card
    if len(_cache) > MOST:
        _cache.popitem(last=False)


def _find(key: tuple[int, int, str], entry_id: int) -> Markup | None:
    """By its key; a card that changed between two queries is found by its newer version."""
    if key in _cache:
        _cache.move_to_end(key)
        return _cache[key]
    return one(entry_id)
