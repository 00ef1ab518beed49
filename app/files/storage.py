"""Where the bytes are: a folder outside the database, one file a variant, never half a file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

WHOLE, THUMB, AVATAR = "", ".thumb", ".avatar"
VARIANTS = (WHOLE, THUMB, AVATAR)
INCOMING = "incoming"
LEAST_FREE = 256 * 1024 * 1024
_CHUNK = 256 * 1024
_folder = Path("var/files")


class TooBig(Exception):
    """More bytes came than are accepted."""


@dataclass(frozen=True)
class Arrived:
    """What came in: where it lies for now, how long it is and its digest."""

    path: Path
    size: int
    sha256: str


def configure(folder: Path) -> None:
    """Set the folder; called once, by the assembly."""
    global _folder
    _folder = folder


def folder() -> Path:
    """Where everything lies."""
    return _folder


def free_bytes() -> int:
    """What the disk still takes."""
    _made(_folder)
    return shutil.disk_usage(_folder).free


def path(file_id: str, variant: str = WHOLE) -> Path:
    """Where a variant of a stored file lies."""
    return _folder / file_id[:2] / f"{file_id}{variant}"


@contextmanager
def incoming(stream: IO[bytes], largest: int) -> Iterator[Arrived]:
    """The stream as a file that is gone after the block; TooBig past the limit."""
    place = _made(_folder / INCOMING) / secrets.token_hex(16)
    digest, size = hashlib.sha256(), 0
    try:
        with place.open("xb") as out:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > largest:
                    raise TooBig
                digest.update(chunk)
                out.write(chunk)
        yield Arrived(place, size, digest.hexdigest())
    finally:
        place.unlink(missing_ok=True)


def keep(file_id: str, variants: dict[str, bytes | Path]) -> None:
    """Store every variant durably: written aside, forced to disk, then given its name."""
    home = _made(_folder / file_id[:2])
    try:
        for variant, content in variants.items():
            _place(content, path(file_id, variant))
        _force(home)
    except BaseException:
        drop(file_id)
        raise


def drop(file_id: str) -> None:
    """Remove every variant; calm when there is none."""
    for variant in VARIANTS:
        with contextlib.suppress(OSError):
            path(file_id, variant).unlink(missing_ok=True)


def stored(older_than: float) -> Iterator[str]:
    """Numbers of files that were stored before that time (seconds since 1970)."""
    for home in sorted(p for p in _made(_folder).iterdir() if p.is_dir() and len(p.name) == 2):
        for entry in os.scandir(home):
            if "." not in entry.name and entry.stat().st_mtime < older_than:
                yield entry.name


def _place(content: bytes | Path, target: Path) -> None:
    aside = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with aside.open("xb") as out:
            if isinstance(content, Path):
                with content.open("rb") as source:
                    shutil.copyfileobj(source, out, _CHUNK)
            else:
                out.write(content)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _force(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _made(directory: Path) -> Path:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory
