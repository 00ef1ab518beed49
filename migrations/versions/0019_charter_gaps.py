"""What is said of a rule before it takes effect; who is in a picture; what is published later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019_charter_gaps"
down_revision = "0018_watch"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "rule_remarks",
        sa.Column("id", _KEY, nullable=False, autoincrement=False),
        sa.Column("version_id", _KEY, nullable=False),
        sa.Column("parent_id", _KEY, nullable=True),
        sa.Column("author_id", _KEY, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("resolved_by_id", _KEY, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["rule_versions.id"], name=op.f("fk_rule_remarks_version_id")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["rule_remarks.id"], name=op.f("fk_rule_remarks_parent_id")),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_rule_remarks_author_id")),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"], ["people.id"], name=op.f("fk_rule_remarks_resolved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_remarks")),
    )
    op.create_index(op.f("ix_rule_remarks_version_id"), "rule_remarks", ["version_id"])


def downgrade() -> None:
    op.drop_table("rule_remarks")
