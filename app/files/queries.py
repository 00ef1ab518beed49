from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.files.models import DRAFT, ENTRY, File
from app.files.policy import visible_to
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.people.actor import Actor


def get_file(actor: Actor, file_id: str) -> File:
    """A file the actor may see, or NotFound; asked again each time."""
    rows = select(File).where(File.id == file_id, visible_to(actor))
    file = db.session.scalar(rows.execution_options(populate_existing=True))
    if file is None:
        raise NotFound
    return file


def my_draft(actor: Actor, file_id: str) -> File:
    """One's own file that nothing holds yet, or NotFound."""
    file = get_file(actor, file_id)
    if file.holder != DRAFT or file.owner_id != actor.id:
        raise NotFound
    return file


def summary(file: File) -> dict[str, Any]:
    """What a composer or a program is told of a file."""
    return {
        "id": file.id,
        "name": file.name,
        "kind": file.kind,
        "url": file.url,
        "thumb_url": file.thumb_url,
        "width": file.width,
        "height": file.height,
        "size": file.size,
        "mime": file.mime,
    }


def loose_count(person_id: int) -> int:
    """How many files of a person nothing holds."""
    rows = select(func.count()).select_from(File).where(File.owner_id == person_id, File.holder == DRAFT)
    return db.session.scalar(rows) or 0


def loose_before(instant: datetime, limit: int = 500) -> Sequence[File]:
    """Files that nothing has held since before an instant, oldest first."""
    rows = select(File).where(File.holder == DRAFT, File.created_at < instant).order_by(File.created_at)
    return db.session.scalars(rows.limit(limit)).all()


def known(ids: Sequence[str]) -> set[str]:
    """Those of these numbers that files have."""
    return set(db.session.scalars(select(File.id).where(File.id.in_(ids))))


def my_loose_files(actor: Actor, ids: Sequence[str], entry_id: int | None = None) -> Sequence[File]:
    """Those of these files that the actor may attach: own loose ones, or those that the entry has."""
    if not ids:
        return []
    rows = db.session.scalars(select(File).where(File.id.in_(ids))).all()
    usable = {f.id: f for f in rows if _is_usable(actor, f, entry_id)}
    return [usable[i] for i in dict.fromkeys(ids) if i in usable]


def _is_usable(actor: Actor, file: File, entry_id: int | None) -> bool:
    if file.owner_id == actor.id and file.holder == DRAFT:
        return True
    return entry_id is not None and (file.holder, file.holder_id) == (ENTRY, entry_id)
