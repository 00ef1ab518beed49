"""The charter as a document that is prepared, signed and learnt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_charter_document"
down_revision = "0007_second_factors"
branch_labels = None
depends_on = None


def _number() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for column in (
        sa.Column("state", sa.String(length=10), nullable=False, server_default="superseded"),
        sa.Column("preparing", sa.Boolean(), nullable=True),
        sa.Column("consulted_on", sa.Date(), nullable=True),
        sa.Column("informed_on", sa.Date(), nullable=True),
        sa.Column("notice_days", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("grace_days", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("quiz_required", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("announced_at", sa.BigInteger(), nullable=True),
    ):
        op.add_column("charter_versions", column)
    op.create_index(op.f("ix_charter_versions_preparing"), "charter_versions", ["preparing"], unique=True)
    _tell_states()
    for table in ("articles", "clauses"):
        op.add_column(table, sa.Column("key", sa.String(length=20), nullable=False, server_default=""))
        op.execute(f"UPDATE {table} SET key = CAST(number AS VARCHAR(12))")
        op.create_index(op.f(f"ix_{table}_version_id_key"), table, ["version_id", "key"], unique=True)
    _add_signing()
    _add_learning()


def downgrade() -> None:
    for table in ("charter_quiz_passes", "charter_questions", "charter_remarks", "charter_signatures"):
        op.drop_table(table)
    op.drop_table("charter_signatories")
    for table in ("articles", "clauses"):
        op.drop_index(op.f(f"ix_{table}_version_id_key"), table)
        op.drop_column(table, "key")
    op.drop_index(op.f("ix_charter_versions_preparing"), "charter_versions")
    for name in ("announced_at", "quiz_required", "grace_days", "notice_days", "informed_on", "consulted_on",
                 "preparing", "state"):  # fmt: skip
        op.drop_column("charter_versions", name)


def _tell_states() -> None:
    """What was published so far: the last one whose hour has come is in force, those before it were."""
    now = sa.text("CAST(strftime('%s', 'now') AS INTEGER) * 1000000")
    if op.get_bind().dialect.name != "sqlite":
        now = sa.text("CAST(EXTRACT(EPOCH FROM now()) * 1000000 AS BIGINT)")
    op.execute(f"UPDATE charter_versions SET state = 'scheduled' WHERE effective_at > {now.text}")
    op.execute(
        "UPDATE charter_versions SET state = 'in_force' WHERE effective_at = "
        f"(SELECT MAX(effective_at) FROM charter_versions WHERE effective_at <= {now.text})"
    )


def _add_signing() -> None:
    op.create_table(
        "charter_signatories",
        sa.Column("person_id", _number(), nullable=False),
        sa.Column("function", sa.String(length=13), nullable=False),
        sa.Column("by_id", _number(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_charter_signatories_person_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_charter_signatories_by_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_charter_signatories")),
    )
    op.create_table(
        "charter_signatures",
        sa.Column("version_id", _number(), nullable=False),
        sa.Column("function", sa.String(length=13), nullable=False),
        sa.Column("person_id", _number(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["charter_versions.id"], name=op.f("fk_charter_signatures_version_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_charter_signatures_person_id")),
        sa.PrimaryKeyConstraint("version_id", "function", name=op.f("pk_charter_signatures")),
        sa.UniqueConstraint(
            "version_id", "person_id", name=op.f("uq_charter_signatures_version_id_person_id")
        ),
    )
    op.create_index(op.f("ix_charter_signatures_person_id"), "charter_signatures", ["person_id"])
    op.create_table(
        "charter_remarks",
        sa.Column("id", _number(), autoincrement=False, nullable=False),
        sa.Column("version_id", _number(), nullable=False),
        sa.Column("clause_key", sa.String(length=20), nullable=False),
        sa.Column("parent_id", _number(), nullable=True),
        sa.Column("author_id", _number(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("resolved_by_id", _number(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["charter_versions.id"], name=op.f("fk_charter_remarks_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["charter_remarks.id"], name=op.f("fk_charter_remarks_parent_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_charter_remarks_author_id")),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"], ["people.id"], name=op.f("fk_charter_remarks_resolved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charter_remarks")),
    )
    op.create_index("ix_charter_remarks_place", "charter_remarks", ["version_id", "clause_key", "id"])


def _add_learning() -> None:
    op.create_table(
        "charter_questions",
        sa.Column("id", _number(), autoincrement=False, nullable=False),
        sa.Column("version_id", _number(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("clause_key", sa.String(length=20), nullable=False),
        sa.Column("text_fr", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("answers_fr", sa.JSON(), nullable=False),
        sa.Column("answers_en", sa.JSON(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("reason_fr", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["charter_versions.id"], name=op.f("fk_charter_questions_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charter_questions")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_charter_questions_version_id_position")),
    )
    op.create_table(
        "charter_quiz_passes",
        sa.Column("person_id", _number(), nullable=False),
        sa.Column("version_id", _number(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_charter_quiz_passes_person_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["charter_versions.id"], name=op.f("fk_charter_quiz_passes_version_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "version_id", name=op.f("pk_charter_quiz_passes")),
    )
