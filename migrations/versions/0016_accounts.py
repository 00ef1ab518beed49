"""How people come and go: invitations, lists, reset links, partners' time, known devices, recent proof."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_accounts"
down_revision = "0014_provisioning"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("people", sa.Column("sponsor_id", sa.BigInteger(), nullable=True))
    op.add_column("people", sa.Column("ends_at", sa.BigInteger(), nullable=True))
    op.add_column("people", sa.Column("enters_from", sa.JSON(), nullable=True))
    op.create_index(op.f("ix_people_sponsor_id"), "people", ["sponsor_id"])
    op.create_index(op.f("ix_people_ends_at"), "people", ["ends_at"])
    op.add_column("sessions", sa.Column("proven_at", sa.BigInteger(), nullable=True))
    _invitations()
    op.create_table(
        "people_imports",
        sa.Column("id", _KEY, nullable=False, autoincrement=False),
        sa.Column("by_id", _KEY, nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_people_imports_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_imports")),
    )
    op.create_table(
        "reset_links",
        sa.Column("id", _KEY, nullable=False, autoincrement=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reset_links_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_links")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_reset_links_secret_hash")),
    )
    op.create_index(op.f("ix_reset_links_person_id"), "reset_links", ["person_id"])
    op.create_table(
        "known_devices",
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("device_hash", sa.String(32), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_known_devices_person_id")),
        sa.PrimaryKeyConstraint("person_id", "device_hash", name=op.f("pk_known_devices")),
    )
    op.create_index(op.f("ix_known_devices_seen_at"), "known_devices", ["seen_at"])


def downgrade() -> None:
    for table in ("known_devices", "reset_links", "people_imports", "invitations"):
        op.drop_table(table)
    op.drop_column("sessions", "proven_at")
    op.drop_index(op.f("ix_people_ends_at"), "people")
    op.drop_index(op.f("ix_people_sponsor_id"), "people")
    for column in ("enters_from", "ends_at", "sponsor_id"):
        op.drop_column("people", column)


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", _KEY, nullable=False, autoincrement=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("segment", sa.String(10), nullable=False),
        sa.Column("organisation_id", _KEY, nullable=True),
        sa.Column("space_ids", sa.JSON(), nullable=False),
        sa.Column("sponsor_id", _KEY, nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("site", sa.String(120), nullable=False),
        sa.Column("enters_from", sa.JSON(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("person_id", _KEY, nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("is_approved", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_invitations_organisation_id")
        ),
        sa.ForeignKeyConstraint(["sponsor_id"], ["people.id"], name=op.f("fk_invitations_sponsor_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_invitations_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_invitations_secret_hash")),
    )
    for column in ("login", "organisation_id", "sponsor_id", "person_id"):
        op.create_index(op.f(f"ix_invitations_{column}"), "invitations", [column])
