"""What a file's bytes say about it, without ever unpacking it: first bytes, members one level deep, macros.

Limits come first: an archive that promises too much is reported as a problem, not opened.
"""

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

from .draft import Member

MAGIC_BYTES: Final = 16
MOST_MEMBERS: Final = 1_000
MOST_BYTES: Final = 1 << 30
MOST_RATIO: Final = 200
_TAR_MAGIC: Final = (257, b"ustar")
_UNREADABLE: Final = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, OSError, EOFError, ValueError, RuntimeError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the engine wants to know of a file."""

    magic: str
    members: tuple[Member, ...] = ()
    macros: bool = False
    problems: tuple[str, ...] = ()


def inspect_file(data: bytes | IO[bytes]) -> FileFacts:
    """The facts of one file, from its bytes or from an open seekable file."""
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    source.seek(0)
    head = source.read(512)
    source.seek(0)
    magic = head[:MAGIC_BYTES].decode("latin-1")
    try:
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _zip_facts(source, magic)
        if head[_TAR_MAGIC[0] :].startswith(_TAR_MAGIC[1]) or head.startswith(b"\x1f\x8b"):
            return _tar_facts(source, magic, compressed=head.startswith(b"\x1f\x8b"))
    except _UNREADABLE as problem:
        return FileFacts(magic, problems=(f"unreadable archive: {type(problem).__name__}",))
    macros = head.startswith(b"\xd0\xcf\x11\xe0") and _has_old_macros(source)
    return FileFacts(magic, macros=macros)


def _zip_facts(source: IO[bytes], magic: str) -> FileFacts:
    with zipfile.ZipFile(source) as archive:
        infos = archive.infolist()
        problems = tuple(_zip_problems(infos))
        safe = infos[:MOST_MEMBERS]
        members = tuple(Member(info.filename, _zip_magic(archive, info, problems)) for info in safe)
    macros = any(member.name.lower().endswith("vbaproject.bin") for member in members)
    return FileFacts(magic, members, macros, problems)


def _zip_problems(infos: list[zipfile.ZipInfo]) -> Iterator[str]:
    if len(infos) > MOST_MEMBERS:
        yield "too many members"
    unpacked = sum(info.file_size for info in infos)
    packed = max(1, sum(info.compress_size for info in infos))
    if unpacked > MOST_BYTES or (unpacked > 1 << 20 and unpacked / packed > MOST_RATIO):
        yield "unpacks to too much"
    if any(info.flag_bits & 1 for info in infos):
        yield "encrypted"


def _zip_magic(archive: zipfile.ZipFile, info: zipfile.ZipInfo, problems: tuple[str, ...]) -> str:
    """First bytes of a member, unless reading them could cost more than they are worth."""
    if problems or info.is_dir() or info.flag_bits & 1:
        return ""
    with archive.open(info) as member:
        return member.read(MAGIC_BYTES).decode("latin-1")


def _tar_facts(source: IO[bytes], magic: str, *, compressed: bool) -> FileFacts:
    members: list[Member] = []
    limited = _Limited(source)
    try:
        with tarfile.open(fileobj=limited, mode="r|gz" if compressed else "r|") as archive:
            for info in archive:
                if len(members) >= MOST_MEMBERS or info.offset_data + info.size > MOST_BYTES >> 4:
                    return FileFacts(magic, tuple(members), problems=("unpacks to too much",))
                members.append(Member(info.name, ""))
    except tarfile.ReadError:
        if compressed and not members:
            return FileFacts(magic)
        raise
    return FileFacts(magic, tuple(members))


class _Limited(io.RawIOBase):
    """Reads no further than so many packed bytes."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._left = source, 64 << 20

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = self._left if size < 0 else min(size, self._left)
        data = self._source.read(size)
        self._left -= len(data)
        return data


def _has_old_macros(source: IO[bytes]) -> bool:
    """Whether an office document of the old format holds a macro project, by the names of its streams."""
    source.seek(0)
    data = source.read(32 << 20)
    return "_VBA_PROJECT".encode("utf-16-le") in data or "Macros".encode("utf-16-le") in data
