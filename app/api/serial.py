"""Objects as the API tells them. Nothing is asked here: who may see it was settled by the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.charter.models import Finding
from app.kernel.audit import AuditEntry
from app.moderation.models import Report
from app.moderation.queries import ItemRow, Lease
from app.notifications.queries import Told
from app.people.models import Person
from app.posts.judging import as_told
from app.posts.models import Revision
from app.posts.queries import AuthorTag, CardView, CommentView, FileTag, SpaceTag
from app.spaces.models import Space

Json = dict[str, Any]
RIGHTS = ("edit", "delete", "pin", "comment", "report")
MARKED = ("mine", "bookmarked", "followed", *(f"can_{right}" for right in RIGHTS))


def instant(at: datetime | None) -> str | None:
    """RFC 3339, in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def person(who: Person) -> Json:
    """Name and place in the company; needs `team` loaded."""
    team = who.team.name if who.team else None
    return {"id": who.id, "name": who.name, "title": who.title, "team": team, "photo_url": who.photo_url}


def author(tag: AuthorTag) -> Json:
    return {"id": tag.id, "name": tag.name, "title": tag.title, "team": tag.team, "photo_url": tag.photo_url}


def space_tag(tag: SpaceTag) -> Json:
    return {"id": tag.id, "name": tag.name, "kind": tag.kind, "organisation": tag.organisation_name}


def file(tag: FileTag) -> Json:
    names = ("id", "name", "kind", "mime", "size", "url", "thumb_url", "width", "height", "alt")
    return {name: getattr(tag, name) for name in names}


def space(found: Space, role: str | None, *, can_read: bool) -> Json:
    """A space as this reader sees it; needs `organisation` loaded."""
    outside = found.organisation
    return {
        "id": found.id,
        "name": found.name,
        "about": found.about,
        "kind": found.kind,
        "visibility": found.visibility,
        "joins_freely": found.joins_freely,
        "organisation": {"id": outside.id, "name": outside.name} if outside else None,
        "member_count": found.member_count,
        "role": role,
        "can_read": can_read,
        "version": found.version,
    }


def marked(mark: Mapping[str, Any]) -> Json:
    """What differs for this reader of a post."""
    return {
        "my_reactions": mark["mine"],
        "can": {right: mark[f"can_{right}"] for right in RIGHTS},
        "bookmarked": mark["bookmarked"],
        "followed": mark["followed"],
    }


def post(card: CardView, mark: Mapping[str, Any], extra: Any, findings: Sequence[Json] = ()) -> Json:
    """A post: what every reader sees, and what differs for this one."""
    return {
        **_entry(card, mark, extra, findings),
        "type": card.type,
        "title": card.title,
        "space": space_tag(card.space),
        "comment_count": card.comment_count,
        "bookmarked": mark["bookmarked"],
        "followed": mark["followed"],
    }


def comment(view: CommentView, mark: Mapping[str, Any], extra: Any, findings: Sequence[Json] = ()) -> Json:
    """A comment, likewise."""
    return {**_entry(view, mark, extra, findings), "post_id": view.post_id, "parent_id": view.parent_id}


def finding(found: Finding) -> Json:
    """What a rule found, as its author reads it."""
    span = (found.start, found.end) if found.start is not None and found.end is not None else None
    return as_told(
        found.rule, found.hit, found.clause, found.action, found.part, span, found.tags, found.version_number
    )


def _entry(
    view: CardView | CommentView, mark: Mapping[str, Any], extra: Any, findings: Sequence[Json]
) -> Json:
    return {
        "id": view.id,
        "state": view.state,
        "author": author(view.author),
        "body": extra.body,
        "body_html": str(view.body_html),
        "attachments": [file(tag) for tag in view.attachments],
        "reactions": dict(view.reaction_counts),
        "my_reactions": mark["mine"],
        "edited": view.edited,
        "published_at": instant(view.published_at),
        "can": {right: mark[f"can_{right}"] for right in RIGHTS},
        "version": view.version,
        "findings": list(findings),
        "edit_pending": extra.edit_pending,
    }


def revision(found: Revision, *, is_shown: bool) -> Json:
    """A text that an entry has or had."""
    return {
        "id": found.id,
        "number": found.number,
        "title": found.title,
        "body": found.body,
        "body_html": found.body_html,
        "at": instant(found.created_at),
        "is_shown": is_shown,
    }


def act(entry: AuditEntry, data: Mapping[str, Any]) -> Json:
    """One line of the log."""
    return {
        "seq": entry.seq,
        "at": instant(entry.at),
        "act": entry.act,
        "actor_id": entry.actor_id,
        "subject": entry.subject,
        "data": dict(data),
        "hash": entry.hash,
    }


def profile(who: Person, organisation: str | None) -> Json:
    """What colleagues see of somebody; needs `team` and `manager` loaded."""
    names = ("id", "login", "name", "title", "site", "about", "skills", "segment", "photo_url")
    return {
        **{name: getattr(who, name) for name in names},
        "team": who.team.name if who.team else None,
        "organisation": organisation,
        "manager": person(who.manager) if who.manager else None,
        "is_active": who.deactivated_at is None,
    }


def item(row: ItemRow) -> Json:
    """An item of the queue; nothing tells who wrote or reported."""
    return {
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "entry": {"kind": row.entry_kind, "id": row.entry_id},
        "excerpt": row.excerpt,
        "space": space_tag(row.space),
        "created_at": instant(row.created_at),
        "deadline": instant(row.deadline),
        "priority": row.priority,
        "reports": row.reports,
        "lease": _lease(row.lease) if row.lease else None,
        "version": row.version,
    }


def _lease(lease: Lease) -> Json:
    return {
        "by": {"id": lease.person_id, "name": lease.name},
        "until": instant(lease.until),
        "mine": lease.mine,
    }


def signal(report: Report) -> Json:
    """A report without who made it."""
    return {"clause": report.reason, "comment": report.comment, "at": instant(report.created_at)}


def notification(line: Told) -> Json:
    """One line of what concerns somebody."""
    return {
        "id": line.id,
        "kind": line.kind,
        "text": line.text,
        "excerpt": line.words,
        "url": line.url,
        "people": [{"id": who.id, "name": who.name, "photo_url": who.photo_url} for who in line.people],
        "created_at": instant(line.at),
        "read": not line.is_unread,
    }
