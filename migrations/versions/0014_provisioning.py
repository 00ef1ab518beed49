"""The directory's people and groups, and what groups stand for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_provisioning"
down_revision = "0013_relevance"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "group_grants",
        sa.Column("id", _KEY, nullable=False, autoincrement=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("role", sa.String(24), nullable=True),
        sa.Column("space_id", _KEY, nullable=True),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_group_grants_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_grants")),
    )
    op.create_index(op.f("ix_group_grants_key"), "group_grants", ["key"])
    op.create_index(op.f("ix_group_grants_space_id"), "group_grants", ["space_id"])
    op.create_table(
        "known_groups",
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_known_groups_person_id")),
        sa.PrimaryKeyConstraint("person_id", "source", "key", name=op.f("pk_known_groups")),
    )
    op.create_index(op.f("ix_known_groups_key"), "known_groups", ["key"])
    op.create_table(
        "granted_roles",
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_granted_roles_person_id")),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("pk_granted_roles")),
    )
    op.create_table(
        "group_seats",
        sa.Column("space_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_group_seats_space_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_group_seats_person_id")),
        sa.PrimaryKeyConstraint("space_id", "person_id", name=op.f("pk_group_seats")),
    )
    op.create_index(op.f("ix_group_seats_person_id"), "group_seats", ["person_id"])
    _directory()


def _directory() -> None:
    op.create_table(
        "scim_keys",
        sa.Column("id", _KEY, nullable=False, autoincrement=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_keys")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_scim_keys_secret_hash")),
    )
    op.create_table(
        "scim_people",
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("user_name", sa.String(254), nullable=False),
        sa.Column("user_name_key", sa.String(254), nullable=True),
        sa.Column("external_id", sa.String(255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("display_name", sa.String(200), nullable=True),
        sa.Column("formatted", sa.String(200), nullable=True),
        sa.Column("family_name", sa.String(120), nullable=True),
        sa.Column("given_name", sa.String(120), nullable=True),
        sa.Column("title", sa.String(120), nullable=True),
        sa.Column("language", sa.String(60), nullable=True),
        sa.Column("locale", sa.String(60), nullable=True),
        sa.Column("timezone", sa.String(60), nullable=True),
        sa.Column("employee_number", sa.String(120), nullable=True),
        sa.Column("department", sa.String(120), nullable=True),
        sa.Column("manager", sa.String(120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_scim_people_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_scim_people")),
        sa.UniqueConstraint("user_name_key", name=op.f("uq_scim_people_user_name_key")),
    )
    op.create_index(op.f("ix_scim_people_external_id"), "scim_people", ["external_id"])
    op.create_table(
        "scim_emails",
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("value", sa.String(254), nullable=True),
        sa.Column("value_key", sa.String(254), nullable=True),
        sa.Column("kind", sa.String(40), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["scim_people.person_id"], name=op.f("fk_scim_emails_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "place", name=op.f("pk_scim_emails")),
    )
    op.create_index("ix_scim_emails_value_key", "scim_emails", ["value_key"])
    op.create_table(
        "scim_groups",
        sa.Column("id", _KEY, nullable=False, autoincrement=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("external_id", sa.String(255), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scim_groups")),
        sa.UniqueConstraint("key", name=op.f("uq_scim_groups_key")),
    )
    op.create_index(op.f("ix_scim_groups_external_id"), "scim_groups", ["external_id"])
    op.create_table(
        "scim_members",
        sa.Column("group_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["scim_groups.id"], name=op.f("fk_scim_members_group_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["scim_people.person_id"], name=op.f("fk_scim_members_person_id")
        ),
        sa.PrimaryKeyConstraint("group_id", "person_id", name=op.f("pk_scim_members")),
    )
    op.create_index(op.f("ix_scim_members_person_id"), "scim_members", ["person_id"])


def downgrade() -> None:
    for table in (
        "scim_members", "scim_groups", "scim_emails", "scim_people", "scim_keys",
        "group_seats", "granted_roles", "known_groups", "group_grants",
    ):  # fmt: skip
        op.drop_table(table)
