"""The words inside a file, for the charter: at most 100,000 characters, within bounds of time and memory."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.parsers import expat

from app.files.archives import entries_like, read_entry

MOST_CHARACTERS = 100_000
_MOST_XML = 16 * 1024 * 1024
_PDF_SECONDS = 12
_ENDS = frozenset({"p", "si", "row", "tr", "h", "br", "tab", "is", "line-break"})


def of_plain(path: Path) -> str | None:
    """The text of a file that is nothing but text (UTF-8 or Windows-1252, no NUL), else None."""
    raw = path.read_bytes()
    if b"\0" in raw or (raw and _looks_binary(raw)):
        return None
    with contextlib.suppress(UnicodeDecodeError):
        return raw.decode("utf-8-sig")
    with contextlib.suppress(UnicodeDecodeError):
        return raw.decode("cp1252")
    return None


def of_office(path: Path, mime: str) -> str:
    """What a word processor's, table's or presentation's file says; "" when it can't be told."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _joined(archive, _parts(archive, mime))
    except (zipfile.BadZipFile, OSError, RuntimeError):
        return ""


def of_pdf(path: Path) -> str | None:
    """What a PDF says, read by a process apart that is stopped in time; None when it can't be read."""
    script = Path(__file__).with_name("pdf.py")
    try:
        with path.open("rb") as stream:
            done = subprocess.run(  # noqa: S603 - our own script, no shell
                [sys.executable, "-I", str(script), str(MOST_CHARACTERS)],
                stdin=stream,
                capture_output=True,
                timeout=_PDF_SECONDS,
                check=False,
            )
    except (subprocess.TimeoutExpired, OSError):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _looks_binary(raw: bytes) -> bool:
    controls = sum(raw.count(bytes([code])) for code in range(32) if code not in (9, 10, 12, 13, 27))
    return controls > len(raw) // 100


def _parts(archive: zipfile.ZipFile, mime: str) -> list[str]:
    if "opendocument" in mime:
        return ["content.xml"]
    if "wordprocessing" in mime or "word" in mime:
        return [
            "word/document.xml",
            "word/footnotes.xml",
            "word/comments.xml",
            *entries_like(archive, "word/header", ".xml"),
        ]
    if "presentation" in mime or "powerpoint" in mime:
        slides = entries_like(archive, "ppt/slides/slide", ".xml")
        return [*slides, *entries_like(archive, "ppt/notesSlides/notesSlide", ".xml")]
    return ["xl/sharedStrings.xml", *entries_like(archive, "xl/worksheets/sheet", ".xml")]


def _joined(archive: zipfile.ZipFile, parts: list[str]) -> str:
    known, text = set(archive.namelist()), ""
    for part in parts:
        if part in known and len(text) < MOST_CHARACTERS:
            text += _Words(MOST_CHARACTERS - len(text)).read(read_entry(archive, part, _MOST_XML))
    return text


class _Enough(Exception):
    pass


class _Words:
    """Collects the characters of an XML part; refuses declarations, from which bombs are made."""

    def __init__(self, most: int) -> None:
        self._left, self._said = most, list[str]()
        self._quiet = 0

    def read(self, xml: bytes) -> str:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._say
        with contextlib.suppress(expat.ExpatError, _Enough):
            parser.Parse(xml, True)
        return "".join(self._said)

    def _refuse(self, *_declaration: object) -> None:
        raise _Enough

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._quiet += name in {"v", "f"}

    def _end(self, name: str) -> None:
        self._quiet -= name in {"v", "f"}
        if name.rpartition(":")[2] in _ENDS:
            self._say("\n")

    def _say(self, words: str) -> None:
        if self._quiet:
            return
        self._said.append(words[: self._left])
        self._left -= len(words)
        if self._left <= 0:
            raise _Enough
