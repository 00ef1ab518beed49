"""What the boxes for writing need to know: where one may write, who would see it, what the charter said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext

from app.files.models import File
from app.files.queries import my_loose_files
from app.kernel.text import LONGEST
from app.people.actor import Actor
from app.posts import queries
from app.posts.policy import ANNOUNCERS
from app.spaces.queries import MOST_OFFERED, Audience, audiences_of, writable_spaces

DRAFTED = ("title", "body", "space_id", "type", "parent_id")
LONGEST_QUOTE = 80
LONGEST_NUMBER = 19  # digits of what fits a column
LARGEST_FILE = 20 * 1024 * 1024
ACCEPT = "image/jpeg,image/png,image/gif,image/webp,.pdf,.txt,.csv,.md,.docx,.xlsx,.pptx,.odt,.ods,.odp,.zip"


class Place(NamedTuple):
    """A space in which one may write."""

    id: int
    name: str
    organisation_name: str | None
    audience: str
    is_chosen: bool


def composer(
    actor: Actor,
    *,
    space_id: int | None = None,
    written: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    findings: Sequence[Mapping[str, Any]] = (),
    nudge_token: str = "",
    files: Sequence[File] = (),
    is_open: bool = False,
) -> dict[str, Any] | None:
    """The context of components/composer.html; None for somebody who may write nowhere."""
    spaces = list(writable_spaces(actor, only=space_id))
    if not spaces:
        return None
    place, saved_at = f"space-{space_id}" if space_id else "post", None
    if written is None:
        written, saved_at = kept(actor, place)
        files = files or my_loose_files(actor, written.get("attachments", []))
    is_cut = len(spaces) >= MOST_OFFERED
    if is_cut:
        spaces += _unoffered(actor, written.get("space_id"), spaces)
    seen, to_all = audiences_of(spaces), everyone_in()
    chosen = _chosen(written.get("space_id"), spaces)
    places = [_place(space, seen[space.id], to_all, space.id == chosen) for space in spaces]
    return {
        "spaces": places,
        "is_cut": is_cut,
        "audience": next(place.audience for place in places if place.is_chosen),
        "place": place,
        "saved_at": saved_at,
        "types": types(actor),
        "type": written.get("type") or "post",
        "title": written.get("title", ""),
        "body": written.get("body", ""),
        "attachments": [
            {"id": f.id, "name": f.name, "kind": f.kind, "thumb_url": f.thumb_url, "size": f.size, "alt": ""}
            for f in files
        ],
        "errors": errors or {},
        "findings": shown(findings, {part: str(written.get(part) or "") for part in ("title", "body")}),
        "nudge_token": nudge_token,
        "limit": LONGEST,
        "max_bytes": LARGEST_FILE,
        "accept": ACCEPT,
        "open": is_open or bool(written.get("body")),
    }


def kept(actor: Actor, place: str) -> tuple[dict[str, Any], datetime | None]:
    """What the actor was writing at a place, as far as a box can show it, and when it was saved."""
    draft = queries.draft(actor, place)
    if draft is None:
        return {}, None
    words = {name: str(draft.content[name]) for name in DRAFTED if draft.content.get(name)}
    files = draft.content.get("attachments")
    return {
        **words,
        "attachments": [f for f in files if isinstance(f, str)] if isinstance(files, list) else [],
    }, draft.saved_at


def types(actor: Actor) -> list[tuple[str, str]]:
    """The kinds of post a person may write."""
    kinds = [("post", _("Post")), ("question", _("Question")), ("article", _("Article"))]
    return [*kinds, ("announcement", _("Announcement"))] if actor.roles & ANNOUNCERS else kinds


def everyone_in() -> str:
    """What is said of a space that all employees see, with a mark for its name."""
    return _("Visible to every employee of the company, in “%(name)s”.")


def sentence(name: str, seen: Audience, to_all: str = "") -> str:
    """Who would see it, before it is said; `to_all` is `everyone_in()`, looked up once for many."""
    if seen.everyone:
        text = (to_all or everyone_in()) % {"name": name}
    else:
        text = ngettext(
            "Visible to %(num)d person of “%(name)s”.",
            "Visible to %(num)d people of “%(name)s”.",
            seen.people,
            name=name,
        )
    if seen.outside:
        text += " " + ngettext(
            "%(num)d of them is from %(organisation)s.",
            "%(num)d of them are from %(organisation)s.",
            seen.outside,
            organisation=seen.organisation,
        )
    return text


def shown(
    findings: Sequence[Mapping[str, Any]], texts: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Findings as templates read them: the words they are about, the clause with its place in the charter."""
    return [
        {
            "action": finding["action"],
            "message": finding["message"],
            "suggestion": finding["suggestion"],
            "can_split": finding["can_split"],
            "quote": _quote(finding, texts or {}),
            "clause": {
                "number": finding["clause"],
                "title": finding["clause_title"],
                "href": finding["href"],
            },
        }
        for finding in findings
    ]


def _quote(finding: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    text, start, end = texts.get(finding["part"], ""), finding["start"], finding["end"]
    if not text or start is None or end is None:
        return ""
    return text[start:end] if end - start <= LONGEST_QUOTE else f"{text[start : start + LONGEST_QUOTE]}…"


def _place(space: Any, seen: Audience, to_all: str, is_chosen: bool) -> Place:
    return Place(space.id, space.name, seen.organisation, sentence(space.name, seen, to_all), is_chosen)


def _unoffered(actor: Actor, given: Any, spaces: Sequence[Any]) -> Sequence[Any]:
    """The space asked for, if it may be written in and isn't among those."""
    asked = str(given or "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) < LONGEST_NUMBER) or asked in {
        str(one.id) for one in spaces
    }:
        return []
    return writable_spaces(actor, only=int(asked))


def _chosen(given: Any, spaces: Sequence[Any]) -> int:
    """The space asked for; else one of the company's own: nobody writes to a partner by oversight."""
    ids: list[int] = [space.id for space in spaces]
    own = [space.id for space in spaces if space.kind == "internal"]
    asked = next((number for number in ids if str(number) == str(given)), None)
    return asked if asked is not None else (own or ids)[0]
