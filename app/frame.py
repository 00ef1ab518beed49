"""What every page knows: who looks, in which language, what waits for them."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, has_request_context, request
from flask_babel import (
    format_date,
    format_datetime,
    format_decimal,
    format_time,
    get_locale,
    get_translations,
)
from flask_babel import gettext as _
from markupsafe import Markup, escape

from app.kernel import changes, settings
from app.kernel.http import actor_or_none, csrf_token
from app.kernel.ids import new_id
from app.moderation.policy import is_reviewer
from app.moderation.queries import waiting
from app.notifications.queries import unread
from app.people.models import LOCALES
from app.spaces.queries import my_spaces

FLASHES = {
    "posted": lambda: _("Your post is published."),
    "held": lambda: _("Your message waits for a moderator; you will be told."),
    "saved": lambda: _("Saved."),
    "deleted": lambda: _("Deleted."),
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
    "ended": lambda: _("The session is closed."),
    "revoked": lambda: _("Programs can’t use this token any more."),
    "password": lambda: _("Your password is changed and your other devices are signed out."),
}


_said: dict[str, Markup] = {}
_catalogues: dict[Any, Any] = {}


def render_alone(template: str) -> str:
    """A template that knows no reader and no page."""
    return current_app.jinja_env.get_template(template).render()


def locale() -> str:
    """The person's language, else the browser's, else French."""
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


def install(app: Flask) -> None:
    """Give templates their globals, filters and the frame's context."""
    app.jinja_env.globals.update(csrf=_csrf, idempotency=_idempotency, words=_words)
    _translate_by(app.jinja_env)
    app.jinja_env.filters.update(
        dateformat=format_date,
        timeformat=format_time,
        datetimeformat=format_datetime,
        numberformat=format_decimal,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_context)


def company() -> dict[str, Any]:
    """The company's name and logo as an admin set them."""
    stated = current_app.config["SETTINGS"].company or "Parvis"
    return {"name": settings.get("company_name", stated), "logo_url": settings.get("logo_url")}


def _context() -> dict[str, Any]:
    person = actor_or_none()
    known: dict[str, Any] = {"company": company(), "locale": str(get_locale() or "fr"), "flash": _flash()}
    if person is None:
        return known
    if "frame" not in g:
        g.frame = {"me": _me(person), "nav": _nav(person), "cursor": str(changes.head())}
    return {**known, **g.frame}


def _me(person: Any) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "title": person.title,
        "photo_url": person.photo_url,
        "theme": person.theme,
        "can_moderate": not person.is_suspended and is_reviewer(person),
        "can_admin": bool(person.roles & {"admin", "auditor", "charter_owner"}),
        "has_messages": False,
        "suspended_until": person.suspended_until if person.is_suspended else None,
    }


def _nav(person: Any) -> dict[str, Any]:
    if person.is_suspended:
        return {"unread": 0, "queue": 0, "spaces": []}
    spaces = [{"id": s.id, "name": s.name, "kind": s.kind, "organisation_name": None, "unread": False}
              for s in my_spaces(person)]  # fmt: skip
    queue = waiting(person) if is_reviewer(person) else 0
    return {"unread": unread(person), "queue": queue, "spaces": spaces}


def _flash() -> dict[str, Any] | None:
    text = FLASHES.get(request.args.get("done", ""))
    return {"tone": "good", "text": text(), "undo": None} if text else None


def _words() -> Markup:
    """What scripts say: rendered once for each language."""
    language = str(get_locale() or "fr")
    if language not in _said:
        _said[language] = Markup(render_alone("layouts/_words.html"))  # noqa: S704 - our own template
    return _said[language]


def _translate_by(templates: Any) -> None:
    """Templates look the catalogue up by language: the library's way costs more than the translation."""
    templates.install_gettext_callables(
        lambda text: _catalogue().ugettext(text),
        lambda one, many, n: _catalogue().ungettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: _catalogue().upgettext(context, text),
        npgettext=lambda context, one, many, n: _catalogue().unpgettext(context, one, many, n),
    )


def _catalogue() -> Any:
    language = get_locale()
    if language is None:
        return get_translations()
    if language not in _catalogues:
        _catalogues[language] = get_translations()
    return _catalogues[language]


def _csrf() -> Markup:
    return Markup('<input type="hidden" name="csrf" value="{}">').format(escape(csrf_token()))


def _idempotency() -> Markup:
    return Markup('<input type="hidden" name="idempotency" value="{}">').format(f"{new_id():x}")
