"""Notifications by topic"""

import sqlalchemy as sa
from alembic import op

revision = "0004_notifications"
down_revision = "0003_moderation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("topic", sa.String(length=60), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("space_id", sa.BigInteger(), nullable=True))
        batch_op.drop_index("ix_notifications_person_id_id")
        batch_op.create_index("ix_notifications_newest", ["person_id", "created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notifications_subject"), ["subject"], unique=False)
        batch_op.create_index(batch_op.f("ix_notifications_entry_id"), ["entry_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notifications_entry_id"))
        batch_op.drop_index(batch_op.f("ix_notifications_subject"))
        batch_op.drop_index("ix_notifications_newest")
        batch_op.create_index("ix_notifications_person_id_id", ["person_id", "id"], unique=False)
        batch_op.drop_column("space_id")
        batch_op.drop_column("topic")
