"""Cards as HTML: the same for every reader, so each is rendered once per (entry, version, locale)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import current_app
from markupsafe import Markup

from app.kernel.templating import language
from app.posts import queries

MOST = 3_000


@dataclass(frozen=True, slots=True)
class Whole:
    """A post at the head of its thread: what its page says around it, and its HTML."""

    id: int
    title: str
    author_name: str
    comment_count: int
    html: Markup


_cache: OrderedDict[tuple[int, int, str], Markup] = OrderedDict()
_talks: OrderedDict[tuple[Any, ...], Markup] = OrderedDict()
_wholes: OrderedDict[tuple[Any, ...], Whole] = OrderedDict()


def html(rows: Sequence[Any]) -> list[Markup]:
    """The cards of rows (id, version), in order; those unknown so far are read together."""
    locale = language()
    missing = [row.id for row in rows if (row.id, row.version, locale) not in _cache]
    if missing:
        for card in queries.cards(missing).values():
            _keep(_cache, (card.id, card.version, locale), _rendered("posts/_card.html", card=card))
    return [found for row in rows if (found := _find((row.id, row.version, locale), row.id)) is not None]


def one(entry_id: int) -> Markup | None:
    """One post's card as it is now."""
    card = queries.cards([entry_id]).get(entry_id)
    if card is None:
        return None
    key = (card.id, card.version, language())
    if key not in _cache:
        _keep(_cache, key, _rendered("posts/_card.html", card=card))
    return _cache[key]


def comment(comment_id: int) -> Markup | None:
    """One comment as every reader sees it."""
    view = queries.comments([comment_id]).get(comment_id)
    if view is None:
        return None
    return _rendered("posts/_comment.html", comment=view)


def thread(comments: Sequence[Any], post_id: int) -> list[Markup]:
    """The comments of a thread (rows) with their answers, each rendered once for what it and they say."""
    locale = language()
    talks = queries.nested(comments)
    keys = [(locale, *((said.id, said.version) for said in talk)) for talk in talks]
    missing = [said.id for talk, key in zip(talks, keys, strict=True) if key not in _talks for said in talk]
    views = queries.comments(missing)
    return [_talk(talk, key, views, post_id) for talk, key in zip(talks, keys, strict=True)]


def whole(entry: Any) -> Whole:
    """A post at the head of its thread, rendered once for what it says."""
    key = (language(), "whole", entry.id, entry.version)
    if key not in _wholes:
        card = queries.cards([entry.id])[entry.id]
        html = _rendered("posts/_whole.html", card=card)
        _keep(_wholes, key, Whole(card.id, card.title, card.author.name, card.comment_count, html))
    return _wholes[key]


def _talk(talk: Sequence[Any], key: Any, views: Mapping[int, queries.CommentView], post_id: int) -> Markup:
    if key not in _talks:
        said = [views[row.id] for row in talk if row.id in views]
        if not said:
            return Markup()
        top = replace(said[0], replies=said[1:])
        _keep(_talks, key, _rendered("posts/_talk.html", comment=top, post_id=post_id))
    _talks.move_to_end(key)
    return _talks[key]


def forget() -> None:
    """Render everything afresh."""
    _cache.clear()
    _talks.clear()
    _wholes.clear()


def _rendered(template: str, **context: Any) -> Markup:
    """Without the frame's context: a card knows no reader, and is also made outside of requests."""
    return Markup(current_app.jinja_env.get_template(template).render(context))  # noqa: S704 - our own template


def _keep(kept: OrderedDict[Any, Any], key: Any, piece: Any) -> None:
    kept[key] = piece
    if len(kept) > MOST:
        kept.popitem(last=False)


def _find(key: tuple[int, int, str], entry_id: int) -> Markup | None:
    """By its key; a card that changed between two queries is found by its newer version."""
    if key in _cache:
        _cache.move_to_end(key)
        return _cache[key]
    return one(entry_id)
