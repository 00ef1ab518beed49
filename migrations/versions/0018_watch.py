"""What is seen of moderation, what is watched, and who is on duty."""

from __future__ import annotations

from alembic import op

revision = "0018_watch"
down_revision = "0013_relevance"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_review_items_created_at", "review_items", "created_at"),
    ("ix_review_items_closed_at", "review_items", "closed_at"),
    ("ix_decisions_created_at", "decisions", "created_at"),
)


def upgrade() -> None:
    for name, table, column in _INDEXES:
        op.create_index(name, table, [column])


def downgrade() -> None:
    for name, table, _column in reversed(_INDEXES):
        op.drop_index(name, table)
