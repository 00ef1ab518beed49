"""Synchronisations with the company's directory, and what was last taken over for whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_directory"
down_revision = "0019_charter_gaps"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "directory_runs",
        sa.Column("id", _KEY, nullable=False, autoincrement=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_runs")),
    )
    op.create_table(
        "directory_traces",
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("stamp", sa.String(40), nullable=False),
        sa.Column("photo", sa.String(64), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_directory_traces_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_directory_traces")),
    )


def downgrade() -> None:
    op.drop_table("directory_traces")
    op.drop_table("directory_runs")
