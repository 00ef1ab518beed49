"""Rules hang on clauses by number: when a version counts differently, they follow the clause they mean."""

from __future__ import annotations

from sqlalchemy import select

from app.charter.models import CharterVersion, Rule
from app.kernel.db import db


def follow(before: CharterVersion, after: CharterVersion) -> dict[str, str]:
    """Hang each rule on the number that its clause has now; what was moved, {old: new}, "" for a lost one.

    A rule whose clause went quotes nothing rather than a clause it doesn't come from.
    """
    numbers = {clause.key: clause.number for clause in after.clauses}
    moved = {clause.number: numbers.get(clause.key, "") for clause in before.clauses}
    moved = {old: new for old, new in moved.items() if old != new}
    for rule in db.session.scalars(select(Rule).where(Rule.clause.in_(moved))):
        rule.clause = moved[rule.clause]
    db.session.flush()
    return moved
