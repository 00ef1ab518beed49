"""What every page knows: who looks, in which language, what waits for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from babel import Locale
from flask import current_app, g, has_request_context, request
from flask_babel import (
    format_date,
    format_datetime,
    format_decimal,
    format_time,
    get_timezone,
)
from flask_babel import gettext as _
from markupsafe import Markup, escape

from app.kernel import settings
from app.kernel.http import Parvis, actor_or_none, csrf_token
from app.kernel.ids import new_id
from app.kernel.templating import catalogue, each, language, once
from app.moderation import heard
from app.moderation.policy import is_reviewer
from app.moderation.view import waiting
from app.notifications.queries import unread
from app.people.actor import Actor
from app.people.models import LOCALES
from app.spaces.queries import my_spaces

FLASHES = {
    "posted": lambda: _("Your post is published."),
    "held": lambda: _("Your message waits for a moderator; you will be told."),
    "saved": lambda: _("Saved."),
    "deleted": lambda: _("Deleted."),
    "moved": lambda: _("Moved."),
    "reported": lambda: _("Thank you. A moderator will look at it and you will be told."),
    "joined": lambda: _("You belong to this space now."),
    "asked": lambda: _("Your request was sent to the owners of this space."),
    "left": lambda: _("You have left this space."),
    "accepted": lambda: _("Thank you. You can post and comment now."),
    "decided": lambda: _("Your decision is recorded and the people concerned are told."),
    "passed": lambda: _("It is passed on; the people concerned are told."),
    "undone": lambda: _("The decision is taken back; the case waits again."),
    "appealed": lambda: _("Your appeal has arrived. Somebody else will look at it."),
    "released": lambda: _("You have let go of this item."),
    "synchronising": lambda: _("The directory is being synchronised. Reload this page in a moment."),
    "ended": lambda: _("The session is closed."),
    "reset": lambda: _("Your password is changed. Sign in with it."),
    "waits": lambda: _("Your account is made. You can sign in once somebody has agreed to it."),
    "revoked": lambda: _("Programs can’t use this token any more."),
    "password": lambda: _("Your password is changed and your other devices are signed out."),
}

WITHOUT_FRAME = {"api", "files"}

_said: dict[str, Markup] = {}
_locales = {name: Locale.parse(name) for name in LOCALES}


def render_alone(template: str) -> str:
    """A template that knows no reader and no page."""
    return current_app.jinja_env.get_template(template).render()


@dataclass(frozen=True, slots=True)
class Me:
    """The reader, as the frame shows them."""

    id: int
    name: str
    title: str
    photo_url: str | None
    theme: str
    can_moderate: bool
    can_admin: bool
    has_messages: bool = False
    suspended_until: datetime | None = None


def locale() -> Locale:
    """The person's language, else the browser's, else French."""
    return _locales.get(_language(), _locales["fr"])


def _language() -> str:
    person = actor_or_none()
    if person:
        return person.locale
    if not has_request_context():
        return "fr"
    return request.accept_languages.best_match(LOCALES) or "fr"


def time_zone() -> str | None:
    """The person's time zone."""
    person = actor_or_none()
    return person.time_zone if person else None


def install(app: Parvis) -> None:
    """Give templates their globals, filters and the frame's context."""
    app.jinja_env.globals.update(csrf=_csrf, idempotency=_idempotency, words=_words, once=once, each=each)
    _translate_by(app.jinja_env)
    app.jinja_env.filters.update(
        dateformat=_remembered(format_date),
        timeformat=_remembered(format_time),
        datetimeformat=_remembered(format_datetime),
        numberformat=format_decimal,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(_note_place)
    app.context_processor(_context)
    app.speaks = True


def _remembered(write: Callable[..., str]) -> Callable[..., str]:
    """A moment as it is written in a language and a time zone, worked out once."""

    @lru_cache(4_000)
    def written(moment: datetime, given: tuple[Any, ...], _language: str, _zone: Any) -> str:
        return write(moment, *given)

    return lambda moment, *given: written(moment, given, language(), get_timezone())


def company() -> dict[str, Any]:
    """The company's name and logo as an admin set them."""
    stated = current_app.config["SETTINGS"].company or "Parvis"
    return {"name": settings.get("company_name", stated), "logo_url": settings.get("logo_url")}


def _context() -> dict[str, Any]:
    person = actor_or_none()
    known: dict[str, Any] = {"company": company(), "locale": language(), "flash": _flash()}
    if person is None:
        return known
    if "frame" not in g:
        g.frame = _frame(person)
    return {**known, **g.frame}


def _note_place() -> None:
    """Where a page stands among the changes, before anything is read for it: what is committed meanwhile on a
    database that shows it half-way is then told again rather than never.
    """
    is_page = request.method == "GET" and request.blueprint not in WITHOUT_FRAME
    if is_page and request.endpoint != "static" and "X-Fragment" not in request.headers:
        person = actor_or_none()
        if person and not _stands_apart(person):
            g.place = str(heard.beginning(person))


def _stands_apart(person: Actor) -> bool:
    return person.is_suspended or ("standing" in g and g.standing.needs_second_factor)


def _frame(person: Actor) -> dict[str, Any]:
    if _stands_apart(person):
        alone = {"unread": 0, "queue": 0, "spaces": []}
        return {"me": _me(person, False), "nav": alone, "cursor": str(heard.beginning(person))}
    reviews = is_reviewer(person)
    nav = {
        "unread": unread(person),
        "queue": waiting(person) if reviews else 0,
        "spaces": my_spaces(person),
    }
    resting = "standing" in g and g.standing.is_resting
    cursor = g.get("place") or str(heard.beginning(person))
    return {"me": _me(person, reviews), "nav": nav, "cursor": cursor, "is_resting": resting}


def _me(person: Actor, reviews: bool) -> Me:
    return Me(
        id=person.id,
        name=person.name,
        title=person.title,
        photo_url=person.photo_url,
        theme=person.theme,
        can_moderate=reviews,
        can_admin=bool(person.roles & {"admin", "auditor", "charter_owner", "staff_representative"}),
        suspended_until=person.suspended_until if person.is_suspended else None,
    )


def _flash() -> dict[str, Any] | None:
    text = FLASHES.get(request.args.get("done", ""))
    return {"tone": "good", "text": text(), "undo": None} if text else None


def _words() -> Markup:
    """What scripts say: rendered once for each language."""
    spoken = language()
    if spoken not in _said:
        _said[spoken] = Markup(render_alone("layouts/_words.html"))  # noqa: S704 - our own template
    return _said[spoken]


def _translate_by(templates: Any) -> None:
    """Templates look the catalogue up by language: the library's way costs more than the translation."""
    templates.install_gettext_callables(
        lambda text: catalogue().ugettext(text),
        lambda one, many, n: catalogue().ungettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: catalogue().upgettext(context, text),
        npgettext=lambda context, one, many, n: catalogue().unpgettext(context, one, many, n),
    )


def _csrf() -> Markup:
    if "csrf" not in g:
        g.csrf = Markup('<input type="hidden" name="csrf" value="{}">').format(escape(csrf_token()))
    return cast("Markup", g.csrf)


def _idempotency() -> Markup:
    return Markup('<input type="hidden" name="idempotency" value="{}">').format(f"{new_id():x}")
