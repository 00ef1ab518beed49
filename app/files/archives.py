"""Archives, read from their directory with a budget: nothing is unpacked that could fill memory or disk."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from app.files.unfit import Unfit

MOST_ENTRIES = 5_000
MOST_DIRECTORY = 1024 * 1024
MOST_UNPACKED = 400 * 1024 * 1024
MOST_NESTED = 20 * 1024 * 1024
RATIO, RATIO_FROM = 120, 10 * 1024 * 1024
DEPTH = 2
_END, _END64 = b"PK\x05\x06", b"PK\x06\x07"
_MAGIC = 8
_MACROS = ("vbaproject.bin", "vbadata.xml")
_BROKEN = (
    zipfile.BadZipFile,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,  # what zipfile says of a compression that it doesn't know
    RuntimeError,
    zlib.error,
    KeyError,
)


@dataclass
class Contents:
    """What an archive holds: names with their first bytes, whether programs are in it, what can't be read."""

    names: list[str] = field(default_factory=list)
    magics: list[str] = field(default_factory=list)
    macros: bool = False
    problems: list[str] = field(default_factory=list)
    unpacked: int = 0


def look_into(path: Path, size: int) -> Contents:
    """The contents, or Unfit for a bomb, too many entries, too many archives in one another, unsafe paths."""
    contents = Contents()
    with path.open("rb") as stream:
        _walk(stream, size, contents, 1)
    return contents


def read_entry(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """At most `most` bytes of an entry; empty when it isn't there or can't be read."""
    try:
        with archive.open(name) as entry:
            return entry.read(most)
    except _BROKEN:
        return b""


def _walk(stream: IO[bytes], size: int, contents: Contents, depth: int) -> None:
    _refuse_large_directory(stream, size)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _count(entries, size, contents)
            for entry in entries:
                _note(archive, entry, contents, depth)
    except _BROKEN as problem:
        raise Unfit("damaged") from problem


def _refuse_large_directory(stream: IO[bytes], size: int) -> None:
    """Before the directory is read: it says at the end of the file how long it is."""
    tail = min(size, 65_557)
    stream.seek(size - tail)
    end = stream.read(tail)
    at = end.rfind(_END)
    if at < 0 or len(end) < at + 22:
        raise Unfit("damaged")
    length, start = struct.unpack("<LL", end[at + 12 : at + 20])
    if _END64 in end[max(0, at - 20) : at] or length > MOST_DIRECTORY:
        raise Unfit("archive")
    if start + length > size:
        raise Unfit("damaged")
    stream.seek(0)


def _count(entries: list[zipfile.ZipInfo], size: int, contents: Contents) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    contents.unpacked += unpacked
    if not entries or len(contents.names) + len(entries) > MOST_ENTRIES or contents.unpacked > MOST_UNPACKED:
        raise Unfit("archive")
    if unpacked > RATIO_FROM and unpacked > RATIO * max(size, 1):
        raise Unfit("archive")


def _note(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, contents: Contents, depth: int) -> None:
    name = entry.filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or ":" in (parts or ("",))[0] or len(name) > 500:
        raise Unfit("paths")
    contents.names.append(name)
    contents.macros = contents.macros or name.lower().endswith(_MACROS) or name.startswith("Basic/")
    if entry.flag_bits & 1:
        contents.problems.append("encrypted")
        contents.magics.append("")
        return
    with archive.open(entry) as content:
        first = content.read(_MAGIC)
        contents.magics.append(first.hex())
        if first.startswith(b"PK\x03\x04"):
            if depth > DEPTH or entry.file_size > MOST_NESTED:
                raise Unfit("nested")
            inner = first + content.read(MOST_NESTED)
            _walk(io.BytesIO(inner), len(inner), contents, depth + 1)


def entries_like(archive: zipfile.ZipFile, start: str, end: str) -> Iterator[str]:
    """Names of entries between a beginning and an ending, in the order of their numbers."""
    found = [n for n in archive.namelist() if n.startswith(start) and n.endswith(end)]
    return iter(sorted(found, key=lambda name: (len(name), name)))
