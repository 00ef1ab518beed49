"""What a file is, by its content; its name only has to agree."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.files import texts
from app.files.archives import look_into, read_entry
from app.files.names import extension
from app.files.pictures import FORMATS, Picture, remake
from app.files.unfit import Unfit

LARGEST = 20 * 1024 * 1024
PDF, ZIP, TEXT = "application/pdf", "application/zip", "text/plain"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
OOXML = {
    "docx": _OFFICE + "wordprocessingml.document",
    "xlsx": _OFFICE + "spreadsheetml.sheet",
    "pptx": _OFFICE + "presentationml.presentation",
    "docm": "application/vnd.ms-word.document.macroenabled.12",
    "xlsm": "application/vnd.ms-excel.sheet.macroenabled.12",
    "pptm": "application/vnd.ms-powerpoint.presentation.macroenabled.12",
}
ODF = {"odt": _ODF + "text", "ods": _ODF + "spreadsheet", "odp": _ODF + "presentation"}
TEXTS = {"txt": TEXT, "log": TEXT, "csv": "text/csv", "md": "text/markdown", "markdown": "text/markdown"}
EXTENSIONS: dict[str, str] = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp",
    "pdf": PDF, "zip": ZIP, **OOXML, **ODF, **TEXTS,
}  # fmt: skip
ACCEPT = ",".join(f".{ending}" for ending in EXTENSIONS)
_USUAL = {mime: ending for ending, mime in reversed(EXTENSIONS.items())}
_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", PDF),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
)
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<script", b"<?xml", b"<?php", b"#!")
_MOST_MEMBERS = 300


@dataclass(frozen=True)
class Inspected:
    """A file that may be kept: what it is, what it says, and, for a picture, what it was made into."""

    mime: str
    extension: str
    picture: Picture | None = None
    text: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def inspect(path: Path, size: int, name: str) -> Inspected:
    """What the file is, or Unfit. Takes as long as its content takes: not for the main thread."""
    if size == 0:
        raise Unfit("empty")
    with path.open("rb") as stream:
        start = stream.read(512)
    named = extension(name)
    if named and named not in EXTENSIONS:
        raise Unfit("kind", extension=named)
    mime = _by_start(start)
    facts: dict[str, Any] = {"magic": start[:16].hex()}
    if mime in FORMATS:
        _require_agreement(named, mime)
        return Inspected(mime, _USUAL[mime], remake(path, mime), facts=facts)
    if mime == PDF:
        return _pdf(path, size, named, facts)
    if mime == ZIP:
        return _archive(path, size, named, facts)
    return _text(path, start, named, facts)


def _by_start(start: bytes) -> str:
    for beginning, mime in _STARTS:
        if start.startswith(beginning):
            return mime
    return "image/webp" if start[:4] == b"RIFF" and start[8:12] == b"WEBP" else ""


def _require_agreement(named: str, mime: str) -> None:
    if named and EXTENSIONS[named] != mime:
        raise Unfit("mismatch", extension=named, real=_USUAL[mime])


def _pdf(path: Path, size: int, named: str, facts: dict[str, Any]) -> Inspected:
    _require_agreement(named, PDF)
    with path.open("rb") as stream:
        stream.seek(max(0, size - 2048))
        if b"%%EOF" not in stream.read():
            raise Unfit("damaged")
    return Inspected(PDF, "pdf", facts=facts)


def _archive(path: Path, size: int, named: str, facts: dict[str, Any]) -> Inspected:
    contents = look_into(path, size)
    mime = _office_kind(path, contents.names)
    _require_agreement(named, mime)
    facts |= {"macros": contents.macros or mime.endswith(".12"), "problems": sorted(set(contents.problems))}
    if mime == ZIP:
        members = zip(contents.names, contents.magics, strict=True)
        facts["members"] = [[n, m] for n, m in members][:_MOST_MEMBERS]
        return Inspected(mime, "zip", text="\n".join(contents.names)[: texts.MOST_CHARACTERS], facts=facts)
    return Inspected(mime, _USUAL[mime], text=texts.of_office(path, mime), facts=facts)


def _office_kind(path: Path, names: list[str]) -> str:
    if "[Content_Types].xml" not in names and "mimetype" not in names:
        return ZIP
    with zipfile.ZipFile(path) as archive:
        odf = read_entry(archive, "mimetype", 100).decode("latin-1").strip()
        types = read_entry(archive, "[Content_Types].xml", 256 * 1024).decode("utf-8", "replace").lower()
    if odf in ODF.values() and "content.xml" in names:
        return odf
    return next((mime for mime in OOXML.values() if f"{mime.removesuffix('.12')}.main+xml" in types), ZIP)


def _text(path: Path, start: bytes, named: str, facts: dict[str, Any]) -> Inspected:
    if named and named not in TEXTS:
        raise Unfit("mismatch", extension=named, real="")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        raise Unfit("markup")
    text = texts.of_plain(path)
    if text is None:
        raise Unfit("text" if named else "kind", extension=named)
    return Inspected(TEXTS.get(named, TEXT), named or "txt", text=text[: texts.MOST_CHARACTERS], facts=facts)
