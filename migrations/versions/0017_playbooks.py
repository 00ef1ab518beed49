"""Playbooks, their cases, what is kept for them, and sealed evidence."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017_playbooks"
down_revision = "0016_accounts"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STANDS = sa.text("lifted_at IS NULL")
_RUNS = sa.text("state = 'open' AND about <> ''")
_TO_DO = sa.text("state = 'waiting'")


def upgrade() -> None:
    _holds()
    _playbooks()
    _cases()
    _evidence()


def downgrade() -> None:
    for table in (
        "evidence_bundles",
        "case_steps",
        "case_custodians",
        "playbook_cases",
        "playbook_custodians",
        "playbook_versions",
        "playbooks",
        "legal_holds",
    ):
        op.drop_table(table)
    op.execute("UPDATE review_items SET state = 'pending' WHERE state = 'sealed'")


def _holds() -> None:
    _table(
        "legal_holds",
        _id(),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.Column("lifted_by_id", sa.BigInteger(), nullable=True),
        _created(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    _index("legal_holds", "case_id")
    op.create_index(
        "ix_legal_holds_standing",
        "legal_holds",
        ["subject", "case_id"],
        unique=True,
        sqlite_where=_STANDS,
        postgresql_where=_STANDS,
    )


def _playbooks() -> None:
    _table(
        "playbooks",
        _id(),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        _created(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks")),
        sa.UniqueConstraint("key", name=op.f("uq_playbooks_key")),
    )
    _table(
        "playbook_versions",
        _id(),
        _number("playbook_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title_fr", sa.String(120), nullable=False),
        sa.Column("title_en", sa.String(120), nullable=False),
        sa.Column("summary_fr", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("triggers", sa.JSON(), nullable=False),
        sa.Column("access", sa.String(12), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("clock_hours", sa.Integer(), nullable=True),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        _created(),
        _points_at("playbook_versions", "playbook_id", "playbooks"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbook_versions")),
        sa.UniqueConstraint("playbook_id", "number", name=op.f("uq_playbook_versions_playbook_id_number")),
    )
    _table(
        "playbook_custodians",
        _number("playbook_id"),
        _number("person_id"),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        _created(),
        _points_at("playbook_custodians", "playbook_id", "playbooks"),
        _points_at("playbook_custodians", "person_id", "people"),
        sa.PrimaryKeyConstraint("playbook_id", "person_id", name=op.f("pk_playbook_custodians")),
    )


def _cases() -> None:
    _table(
        "playbook_cases",
        _id(),
        _number("playbook_id"),
        _number("version_id"),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("trigger", sa.String(20), nullable=False),
        sa.Column("about", sa.String(80), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("access", sa.String(12), nullable=False),
        _number("item_id", nullable=True),
        _number("entry_id", nullable=True),
        _number("concerned_id", nullable=True),
        sa.Column("opened_by_id", sa.BigInteger(), nullable=True),
        sa.Column("clock_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("conclusion", sa.Text(), nullable=False),
        _created(),
        _points_at("playbook_cases", "playbook_id", "playbooks"),
        _points_at("playbook_cases", "version_id", "playbook_versions"),
        _points_at("playbook_cases", "item_id", "review_items"),
        _points_at("playbook_cases", "entry_id", "entries"),
        _points_at("playbook_cases", "concerned_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbook_cases")),
    )
    _index("playbook_cases", "item_id")
    _index("playbook_cases", "entry_id")
    op.create_index("ix_playbook_cases_state", "playbook_cases", ["state", "id"])
    op.create_index(
        "ix_playbook_cases_running",
        "playbook_cases",
        ["playbook_id", "about"],
        unique=True,
        sqlite_where=_RUNS,
        postgresql_where=_RUNS,
    )
    _table(
        "case_custodians",
        _number("case_id"),
        _number("person_id"),
        _created(),
        _points_at("case_custodians", "case_id", "playbook_cases"),
        _points_at("case_custodians", "person_id", "people"),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_case_custodians")),
    )
    _index("case_custodians", "person_id")
    _steps()


def _steps() -> None:
    _table(
        "case_steps",
        _id(),
        _number("case_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(20), nullable=False),
        sa.Column("artefact", sa.String(10), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("overdue_at", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("file_id", sa.String(22), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        _points_at("case_steps", "case_id", "playbook_cases"),
        _points_at("case_steps", "file_id", "files"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_steps")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_case_steps_case_id_position")),
    )
    _index("case_steps", "owner")
    op.create_index(
        "ix_case_steps_due", "case_steps", ["due_at"], sqlite_where=_TO_DO, postgresql_where=_TO_DO
    )


def _evidence() -> None:
    _table(
        "evidence_bundles",
        _id(),
        _number("case_id", nullable=True),
        _number("item_id", nullable=True),
        _number("by_id"),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("manifest", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _created(),
        _points_at("evidence_bundles", "case_id", "playbook_cases"),
        _points_at("evidence_bundles", "item_id", "review_items"),
        _points_at("evidence_bundles", "by_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_bundles")),
    )
    _index("evidence_bundles", "case_id")
    _index("evidence_bundles", "item_id")


def _table(name: str, *parts: Any) -> None:
    op.create_table(name, *parts)


def _id() -> Any:
    return sa.Column("id", _KEY, nullable=False, autoincrement=False)


def _number(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, _KEY, nullable=nullable, autoincrement=False)


def _created() -> Any:
    return sa.Column("created_at", sa.BigInteger(), nullable=False)


def _points_at(table: str, column: str, to: str) -> Any:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
