"""Whether a bundle is what was sealed: its files, its manifest, and what it says of the log."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.kernel import audit
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.playbooks.evidence.archive import FORMAT, MANIFEST, digest
from app.playbooks.evidence.making import MADE

LARGEST = 512 * 1024 * 1024


@dataclass(frozen=True)
class Checked:
    """What a bundle holds, and every fault found: none when it is what was sealed."""

    bundle: int | None
    files: int
    faults: tuple[str, ...]


def check(place: Path) -> Checked:
    """Read a bundle and hold it against its manifest and against the log of this installation."""
    try:
        with zipfile.ZipFile(place) as archive:
            return _check(_contents(archive))
    except (zipfile.BadZipFile, ValueError, KeyError, OSError, EOFError) as problem:
        return Checked(None, 0, (f"the archive can't be read: {problem}",))


def _contents(archive: zipfile.ZipFile) -> dict[str, bytes]:
    names = archive.namelist()
    if len(set(names)) != len(names):
        raise ValueError("a name is there twice")
    if sum(one.file_size for one in archive.infolist()) > LARGEST:
        raise ValueError("it is too large")
    return {name: archive.read(name) for name in names}


def _check(contents: dict[str, bytes]) -> Checked:
    raw = contents.pop(MANIFEST, None)
    if raw is None:
        return Checked(None, len(contents), (f"{MANIFEST} is missing",))
    manifest = json.loads(raw)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        return Checked(None, len(contents), (f"{MANIFEST} isn't that of a bundle",))
    faults = [*_of_files(manifest["files"], contents), *_of_manifest(manifest, raw)]
    faults += _of_log(contents.get("log.jsonl", b""))
    return Checked(manifest.get("bundle"), len(contents), tuple(faults))


def _of_files(named: dict[str, str], contents: dict[str, bytes]) -> Iterator[str]:
    for name in sorted({*named, *contents}):
        if name not in contents:
            yield f"{name} is missing"
        elif name not in named:
            yield f"{name} was added"
        elif digest(contents[name]) != named[name]:
            yield f"{name} was changed"


def _of_manifest(manifest: dict[str, Any], raw: bytes) -> Iterator[str]:
    """The log has its hash since it was made."""
    subject = f"bundle:{manifest.get('bundle')}"
    rows = select(AuditEntry.record).where(AuditEntry.act == MADE, AuditEntry.subject == subject)
    sealed = [json.loads(record)["data"].get("manifest") for record in db.session.scalars(rows)]
    if not sealed:
        yield f"{MANIFEST}: the log knows of no such bundle ({subject})"
    elif digest(raw) not in sealed:
        yield f"{MANIFEST} was changed: its hash isn't the one in the log"


def _of_log(lines: bytes) -> Iterator[str]:
    """Each entry of the excerpt is sealed as it says, and stands in the chain."""
    for line in lines.decode().splitlines():
        told = json.loads(line)
        seq, seal = told["seq"], told.get("hash")
        if seal and audit.digest(audit.CHAIN, seq, told["prev"], told["record"]) != seal:
            yield f"log.jsonl: entry {seq} was changed"
        elif not _stands(told):
            yield f"log.jsonl: entry {seq} isn't in the chain"


def _stands(told: dict[str, Any]) -> bool:
    """The chain has the same entry, whose own content gives its seal."""
    rows = select(AuditEntry).where(AuditEntry.chain == audit.CHAIN, AuditEntry.seq == told["seq"])
    row = db.session.scalar(rows.execution_options(populate_existing=True))
    if row is None or row.record != told["record"]:
        return False
    if "hash" in told and (row.hash, row.prev) != (told["hash"], told["prev"]):
        return False
    return audit.digest(row.chain, row.seq, row.prev, row.record) == row.hash
