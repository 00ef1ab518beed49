from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.gate.address import Networks, parse_networks
from app.gate.models import GateRule
from app.kernel.db import db
from app.kernel.jobs import Job

FRESH_SECONDS = 1.0
GIVE_BACK = "app.gate.jobs.give_back"


@dataclass(frozen=True)
class Admission:
    """The networks that count now, and whether an admin or the operator stated them."""

    networks: Networks
    stated_by: str


class _Memory:
    admission: Admission | None = None
    read_at = float("-inf")


def rules() -> Sequence[GateRule]:
    """The networks that admins defined, in order."""
    return db.session.scalars(select(GateRule).order_by(GateRule.position)).all()


def returns_at() -> datetime | None:
    """When the networks of before come back, because an admin shut themselves out; None when they don't."""
    waiting = select(Job.due_at, Job.arguments).where(Job.name == GIVE_BACK)
    present = [rule.id for rule in rules()]
    found = [due for due, given in db.session.execute(waiting) if given["rule_ids"] == present]
    return found[0] if found else None


def admission(default: Sequence[str]) -> Admission:
    """Who is let in now; read again when older than a second. `default` is the operator's list."""
    known = remembered()
    if known is None:
        known = _Memory.admission = read(default)
        _Memory.read_at = time.monotonic()
    return known


def remembered() -> Admission | None:
    """Who is let in, when that was read within the last second."""
    return None if time.monotonic() - _Memory.read_at > FRESH_SECONDS else _Memory.admission


def read(default: Sequence[str]) -> Admission:
    """Who is let in, from the rules as they are stored."""
    networks = db.session.scalars(select(GateRule.network).order_by(GateRule.position)).all()
    if networks:
        return Admission(parse_networks(networks), "admin")
    return Admission(parse_networks(default), "operator")


def forget() -> None:
    """Read the rules afresh next time."""
    _Memory.admission = None
