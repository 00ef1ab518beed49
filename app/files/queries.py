from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.files.models import File
from app.files.policy import can_see
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.people.actor import Actor


def get_file(actor: Actor, file_id: str) -> File:
    """A file the actor may see, or NotFound; asked again each time."""
    file = db.session.get(File, file_id, populate_existing=True)
    if file is None or not can_see(actor, file):
        raise NotFound
    return file


def my_loose_files(actor: Actor, ids: Sequence[str], entry_id: int | None = None) -> Sequence[File]:
    """Those of these files that the actor may attach: own ones that nothing holds, or that the entry has already."""
    if not ids:
        return []
    rows = db.session.scalars(select(File).where(File.id.in_(ids))).all()
    usable = {f.id: f for f in rows if _is_usable(actor, f, entry_id)}
    return [usable[i] for i in dict.fromkeys(ids) if i in usable]


def _is_usable(actor: Actor, file: File, entry_id: int | None) -> bool:
    if file.owner_id == actor.id and file.holder == "draft":
        return True
    return entry_id is not None and (file.holder, file.holder_id) == ("entry", entry_id)
