"""flask audit: the log that can't be altered unnoticed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.admin import actions
from app.kernel import audit
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.playbooks.evidence.checking import check

audit_group = AppGroup("audit", help="The log of acts: verify its chain, export it.")
_BATCH = 1_000


@audit_group.command("verify")
@click.option(
    "--bundle",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A bundle of evidence: check its files, its manifest and its excerpt of the log too.",
)
def verify(bundle: Path | None) -> None:
    """Walk the whole chain; ends with 1 and names the first link that doesn't hold, or what of a bundle isn't
    as it was sealed.
    """
    is_sealed = bundle is None or _is_sealed(bundle)
    if not (_is_whole() and is_sealed):
        raise SystemExit(1)


def _is_sealed(place: Path) -> bool:
    checked = check(place)
    for fault in checked.faults:
        click.echo(f"The bundle doesn't hold: {fault}.", err=True)
    if not checked.faults:
        click.echo(f"The bundle {checked.bundle} is as it was sealed: {checked.files} files.")
    return not checked.faults


def _is_whole() -> bool:
    broken = audit.verify()
    seq = broken.seq if broken else audit.length()
    actions.note_check(broken is None, seq)
    if broken:
        click.echo(f"Entry {broken.seq} doesn't hold: {broken.why}.", err=True)
        return False
    click.echo(f"The log is whole: {seq} entries.")
    return True


@audit_group.command("export")
@click.option("--from", "first", type=int, default=1, show_default=True, help="Number of the first entry.")
def export(first: int) -> None:
    """Print the log as JSON lines: number, seals and the record exactly as it was sealed."""
    after = first - 1
    while rows := _after(after):
        for row in rows:
            line = {"seq": row.seq, "prev": row.prev, "hash": row.hash, "record": row.record}
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        after = rows[-1].seq


def _after(seq: int) -> list[AuditEntry]:
    page = select(AuditEntry).where(AuditEntry.chain == audit.CHAIN, AuditEntry.seq > seq)
    return list(db.session.scalars(page.order_by(AuditEntry.seq).limit(_BATCH)))
