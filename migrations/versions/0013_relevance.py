"""Labels, what was drawn to be labelled, and the models learnt from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_relevance"
down_revision = "0012_rulebook"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "relevance_labels",
        sa.Column("id", _KEY, nullable=False, autoincrement=False),
        sa.Column("task", sa.String(4), nullable=False),
        sa.Column("value", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("revision_id", sa.BigInteger(), nullable=True),
        sa.Column("by_id", _KEY, nullable=True),
        sa.Column("lang", sa.String(2), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_relevance_labels_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relevance_labels")),
        sa.UniqueConstraint(
            "task", "revision_id", "by_id", name=op.f("uq_relevance_labels_task_revision_id_by_id")
        ),
    )
    op.create_index("ix_relevance_labels_source", "relevance_labels", ["source", "task", "lang"])
    op.create_index(op.f("ix_relevance_labels_revision_id"), "relevance_labels", ["revision_id"])
    op.create_index(op.f("ix_relevance_labels_by_id"), "relevance_labels", ["by_id"])
    op.create_table(
        "relevance_samples",
        sa.Column("revision_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("stratum", sa.String(40), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_relevance_samples")),
    )
    op.create_index(op.f("ix_relevance_samples_entry_id"), "relevance_samples", ["entry_id"])
    op.create_table(
        "relevance_models",
        sa.Column("id", _KEY, nullable=False, autoincrement=False),
        sa.Column("task", sa.String(4), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("mark", sa.String(32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column("promoted_at", sa.BigInteger(), nullable=True),
        sa.Column("promoted_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relevance_models")),
    )
    op.create_index("ix_relevance_models_task_promoted_at", "relevance_models", ["task", "promoted_at"])


def downgrade() -> None:
    op.drop_table("relevance_models")
    op.drop_table("relevance_samples")
    op.drop_table("relevance_labels")
