from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore
from types import MappingProxyType
from typing import IO

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.files import storage, texts
from app.files.inspection import EXTENSIONS, LARGEST, PDF, Inspected, inspect
from app.files.models import DOCUMENT, DRAFT, IMAGE, PHOTO, File
from app.files.names import clean
from app.files.queries import known, loose_before, loose_count
from app.files.unfit import Unfit
from app.kernel import audit, clock, store
from app.kernel.action import action, release
from app.kernel.cpu import apart
from app.kernel.db import db
from app.kernel.errors import AppError, Conflict, Forbidden, Invalid, TooLarge, TooMany, Unavailable
from app.kernel.holds import held_among, is_held
from app.kernel.policy import require
from app.people.actor import Actor

MOST_LOOSE = 100
LOOSE_FOR = timedelta(days=1)
_NOTHING: Mapping[int, File | AppError] = MappingProxyType({})
_taken_in: ContextVar[Mapping[int, File | AppError]] = ContextVar("taken_in", default=_NOTHING)
_bench = BoundedSemaphore(2)  # a large picture takes hundreds of megabytes while it is decoded


def upload(actor: Actor, stream: IO[bytes], filename: str) -> File:
    """Keep a file for its owner alone until something holds it; on disk before its row exists.

    Invalid, with a sentence for the field `file`, for what isn't allowed, isn't what its name says, is broken
    or dangerous; TooLarge past 20 MB; TooMany when many files wait; Unavailable when the disk is nearly full.
    """
    taken_in = _taken_in.get().get(id(stream))
    if isinstance(taken_in, AppError):
        raise taken_in
    return _enter(actor, taken_in or _take_in(actor, stream, filename))


@contextmanager
def taking_in(actor: Actor, sent: Sequence[tuple[IO[bytes], str]]) -> Iterator[None]:
    """Within the block these uploads have been decoded and written to the disk already: no transaction waits
    for that. What wasn't kept is gone afterwards.
    """
    ready: dict[int, File | AppError] = {}
    token = _taken_in.set(ready)
    try:
        for stream, filename in sent:
            try:
                ready[id(stream)] = _take_in(actor, stream, filename)
            except AppError as refusal:
                ready[id(stream)] = refusal
        yield
    finally:
        _taken_in.reset(token)
        files = [file.id for file in ready.values() if isinstance(file, File)]
        for file_id in set(files) - known(files):
            storage.drop(file_id)


def _take_in(actor: Actor, stream: IO[bytes], filename: str) -> File:
    _require_room(actor)
    try:
        with storage.incoming(stream, LARGEST) as arrived:
            release()  # no connection waits while a picture is decoded
            with _bench:
                found = apart(inspect, arrived.path, arrived.size, filename)
            return _store(actor, filename, found, arrived)
    except storage.TooBig as problem:
        raise TooLarge(_("This file is too large: at most %(most)d MB.", most=LARGEST >> 20)) from problem
    except Unfit as problem:
        raise Invalid(fields={"file": _sentence(problem)}) from problem


@action
def bring(actor: Actor, content: bytes, filename: str) -> File:
    """The same for the console: content at hand, kept in the caller's transaction; Unfit when not allowed."""
    with storage.incoming(BytesIO(content), LARGEST) as arrived:
        return _enter(actor, _store(actor, filename, inspect(arrived.path, arrived.size, filename), arrived))


def discard(actor: Actor, file: File) -> None:
    """Remove a file that one sent and nothing holds; Conflict while a legal hold keeps it."""
    _forget(actor, file)
    storage.drop(file.id)


@action
def hold_as_photo(actor: Actor, file: File) -> File:
    """Make a picture that one sent one's photo; the one before is nobody's any more and goes.

    The caller sets `photo_id` through `people.change_profile`.
    """
    require(file.owner_id == actor.id and file.holder == DRAFT)
    if file.kind != IMAGE:
        raise Invalid(fields={"photo": _("Choose a picture: JPEG, PNG, GIF or WebP.")})
    let_go_of_photo(actor)
    file.holder, file.holder_id = PHOTO, actor.id
    return file


@action
def let_go_of_photo(actor: Actor) -> None:
    """One's photo is nobody's any more and goes; the caller clears `photo_id`."""
    for before in db.session.scalars(select(File).where(File.holder == PHOTO, File.holder_id == actor.id)):
        before.holder, before.holder_id, before.created_at = DRAFT, None, clock.now() - LOOSE_FOR


def remove_loose(keep: Collection[str] = ()) -> int:
    """Remove files that nothing has held for a day, but those to `keep` or under a legal hold; how many."""
    loose = [file.id for file in loose_before(clock.now() - LOOSE_FOR) if file.id not in keep]
    kept = held_among("file", loose)
    going = [file_id for file_id in loose if file_id not in kept]
    for file_id in _forget_loose(going):
        storage.drop(file_id)
    return len(going)


def remove_strays() -> int:
    """Remove from the disk what has no row: an upload whose process died in between; how many went."""
    before = (clock.now() - LOOSE_FOR).timestamp()
    stored, gone = list(storage.stored(before)), 0
    for place in range(0, len(stored), 500):
        batch = stored[place : place + 500]
        for file_id in set(batch) - known(batch):
            storage.drop(file_id)
            gone += 1
    release()
    return gone


def _require_room(actor: Actor) -> None:
    if loose_count(actor.id) >= MOST_LOOSE:
        raise TooMany(
            _("Many of your files belong to no post yet. Publish or remove some first."), retry_after=60
        )
    if storage.free_bytes() < storage.LEAST_FREE:
        raise Unavailable(_("There is no room left for files. Please tell an administrator."))


def _store(actor: Actor, filename: str, found: Inspected, arrived: storage.Arrived) -> File:
    file_id = secrets.token_urlsafe(16)
    text, facts = _words(found, arrived.path)
    whole: bytes | Path = found.picture.whole if found.picture else arrived.path
    variants: dict[str, bytes | Path] = {storage.WHOLE: whole}
    if found.picture:
        variants |= {storage.THUMB: found.picture.thumb, storage.AVATAR: found.picture.avatar}
    file = File(
        id=file_id,
        owner_id=actor.id,
        name=clean(filename, found.extension),
        kind=IMAGE if found.picture else DOCUMENT,
        mime=found.mime,
        size=len(found.picture.whole) if found.picture else arrived.size,
        sha256=arrived.sha256,
        width=found.picture.width if found.picture else None,
        height=found.picture.height if found.picture else None,
        has_thumb=found.picture is not None,
        text=text,
        facts=facts,
    )
    apart(storage.keep, file_id, variants)
    return file


def _enter(actor: Actor, file: File) -> File:
    try:
        return _keep(actor, file)
    except BaseException:
        storage.drop(file.id)
        raise


@action
def _keep(actor: Actor, file: File) -> File:
    db.session.add(file)
    db.session.flush()
    audit.record("file.uploaded", actor.id, f"file:{file.id}", mime=file.mime, size=file.size)
    return file


@action
def _forget(actor: Actor, file: File) -> None:
    loose = delete(File).where(File.id == file.id, File.owner_id == actor.id, File.holder == DRAFT)
    if is_held(f"file:{file.id}"):
        raise Conflict
    if not store.changed(loose):
        raise Forbidden
    audit.record("file.discarded", actor.id, f"file:{file.id}")


@action
def _forget_loose(ids: list[str]) -> list[str]:
    for file_id in ids:
        db.session.execute(delete(File).where(File.id == file_id, File.holder == DRAFT))
    return sorted(set(ids) - known(ids))


def _words(found: Inspected, path: Path) -> tuple[str, dict[str, object]]:
    if found.mime != PDF:
        return found.text.replace("\0", ""), found.facts
    text = texts.of_pdf(path)
    if text is None:
        return "", {**found.facts, "problems": ["unreadable"]}
    return text[: texts.MOST_CHARACTERS].replace("\0", ""), found.facts


def _sentence(problem: Unfit) -> str:
    kinds = ", ".join(sorted(set(EXTENSIONS) - {"jpeg", "markdown", "log"}))
    known = {"kinds": kinds, "named": problem.details.get("extension", ""), **problem.details}
    if problem.why == "mismatch" and problem.details.get("real"):
        return str(
            _("The name says .%(named)s, but this is a .%(real)s file. Rename it and send it again.", **known)
        )
    return str(_SENTENCES.get(problem.why, _SENTENCES["damaged"])() % known)


_SENTENCES: dict[str, Callable[[], str]] = {
    "empty": lambda: _("This file is empty."),
    "kind": lambda: _("This kind of file isn’t accepted here. Send one of: %(kinds)s."),
    "damaged": lambda: _("This file is damaged or isn’t what its name says. Save it anew and send it again."),
    "pixels": lambda: _(
        "This picture has more than %(most)s million pixels. Make it smaller and send it again."
    ),
    "archive": lambda: _("This archive holds too much to be checked. Send fewer or smaller files."),
    "nested": lambda: _("This archive holds archives within archives. Send the files themselves."),
    "paths": lambda: _("This archive would write outside its own folder. Make it anew and send it again."),
    "text": lambda: _("This text can’t be read. Save it as UTF-8 and send it again."),
    "markup": lambda: _(
        "Web pages, drawings made of code and programs aren’t accepted. Send a picture or a PDF."
    ),
}
