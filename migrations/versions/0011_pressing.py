"""The order of the queue follows from what is stored; changes are found by their audience."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_pressing"
down_revision = "0010_cases"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('pending', 'leased', 'escalated', 'awaiting_second')")
_UNDECIDED = sa.text("state IN ('pending', 'leased', 'escalated', 'deferred', 'awaiting_second')")
_PACE = "CASE WHEN deadline - created_at > 1000000 THEN deadline - created_at ELSE 1000000 END"
_SINCE = f"created_at - priority * ({_PACE}) / 25"


def upgrade() -> None:
    kept = "VIRTUAL" if op.get_bind().dialect.name == "sqlite" else "STORED"
    for name, formula in (("pace", _PACE), ("since", _SINCE)):
        op.execute(
            f"ALTER TABLE review_items ADD COLUMN {name} BIGINT GENERATED ALWAYS AS ({formula}) {kept}"
        )
    _index("ix_review_items_pressing", "pace", "since", "id", "space_id", "author_id")
    _index("ix_review_items_waiting", "space_id", "author_id", "deadline", "state")
    op.drop_index("ix_review_items_queue", "review_items")
    op.drop_index("ix_review_items_space_id_state", "review_items")
    op.create_index("ix_changes_audience", "changes", ["audience", "audience_id", "xid", "id"])


def downgrade() -> None:
    op.drop_index("ix_changes_audience", "changes")
    op.create_index("ix_review_items_space_id_state", "review_items", ["space_id", "state"])
    before = {"sqlite_where": _UNDECIDED, "postgresql_where": _UNDECIDED}
    op.create_index("ix_review_items_queue", "review_items", ["priority", "id"], **before)
    op.drop_index("ix_review_items_waiting", "review_items")
    op.drop_index("ix_review_items_pressing", "review_items")
    for name in ("since", "pace"):
        op.execute(f"ALTER TABLE review_items DROP COLUMN {name}")


def _index(name: str, *columns: str) -> None:
    op.create_index(name, "review_items", columns, sqlite_where=_OPEN, postgresql_where=_OPEN)
