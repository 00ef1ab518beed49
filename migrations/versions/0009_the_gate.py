"""The gate's rules as numbered books; quiet hours; urgent announcements."""

from __future__ import annotations

import time
from itertools import takewhile

import sqlalchemy as sa
from alembic import op

revision = "0009_the_gate"
down_revision = "0008_charter_document"
branch_labels = None
depends_on = None

_SETTINGS = sa.table(
    "settings",
    sa.column("key", sa.String),
    sa.column("value", sa.JSON),
    sa.column("by_id", sa.BigInteger),
    sa.column("at", sa.BigInteger),
)


def upgrade() -> None:
    books = op.create_table(
        "gate_books",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("returns_to", sa.Integer(), nullable=True),
        sa.Column("returns_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_gate_books"),
    )
    _take_over(books)
    op.drop_table("gate_rules")
    op.create_table(
        "quiet_hours",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("begin", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("weekends", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_quiet_hours_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_quiet_hours"),
    )
    op.create_table(
        "urgencies",
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("motive", sa.String(300), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_urgencies_entry_id"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_urgencies"),
    )


def downgrade() -> None:
    op.drop_table("urgencies")
    op.drop_table("quiet_hours")
    rules = op.create_table(
        "gate_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("network", sa.String(43), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gate_rules"),
    )
    _give_back(rules)
    op.drop_table("gate_books")
    op.execute(_SETTINGS.delete().where(_SETTINGS.c.key == "gate_version"))


def _take_over(books: sa.Table) -> None:
    """The networks of before are the first book."""
    connection = op.get_bind()
    found = sa.text("SELECT network, name FROM gate_rules ORDER BY position")
    rules = [{"network": network, "name": name} for network, name in connection.execute(found)]
    if rules:
        now = _now()
        first = {"number": 1, "document": {"rules": rules}, "why": "saved", "created_at": now}
        connection.execute(books.insert().values(first))
        version = {"key": "gate_version", "value": 1, "at": now}
        connection.execute(_SETTINGS.insert().values(version))


def _give_back(rules: sa.Table) -> None:
    """Only networks that everybody may enter from can be told in the old way, and only those before any other
    rule: whatever comes after may depend on it, and is left out.
    """
    connection = op.get_bind()
    books = sa.table("gate_books", sa.column("number", sa.Integer), sa.column("document", sa.JSON))
    newest = sa.select(books.c.document).order_by(books.c.number.desc()).limit(1)
    document = connection.execute(newest).scalar() or {}
    kept = takewhile(_is_plain, document.get("rules", ()))
    for position, rule in enumerate(kept, start=1):
        row = {"id": position, "position": position, "name": rule.get("name", ""), "network": rule["network"]}
        connection.execute(rules.insert().values(**row, created_at=_now()))


def _is_plain(rule: dict) -> bool:
    others = {key for key, value in rule.items() if value} - {"network", "name", "effect"}
    return bool(rule.get("network")) and not others and rule.get("effect", "allow") == "allow"


def _now() -> int:
    return time.time_ns() // 1_000
