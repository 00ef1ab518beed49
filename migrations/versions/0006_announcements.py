"""Announcements are found without reading every post."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_announcements"
down_revision = "0005_search"
branch_labels = None
depends_on = None

_WHERE = sa.text("type = 'announcement' AND kind = 'post' AND state = 'published'")


def upgrade() -> None:
    op.create_index(
        "ix_entries_announcements", "entries", ["position"], sqlite_where=_WHERE, postgresql_where=_WHERE
    )


def downgrade() -> None:
    op.drop_index("ix_entries_announcements", "entries", sqlite_where=_WHERE, postgresql_where=_WHERE)
