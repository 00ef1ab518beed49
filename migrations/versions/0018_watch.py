"""What is seen of moderation, what is watched, and who is on duty."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_watch"
down_revision = "0017_playbooks"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INDEXES = (
    ("ix_review_items_created_at", "review_items", "created_at"),
    ("ix_review_items_closed_at", "review_items", "closed_at"),
    ("ix_decisions_created_at", "decisions", "created_at"),
)


def upgrade() -> None:
    for name, table, column in _INDEXES:
        op.create_index(name, table, [column])
    _create_cases()
    _create_words()
    _create_roster()


def _create_cases() -> None:
    op.create_table(
        "rule_cases",
        sa.Column("id", _KEY, nullable=False, autoincrement=False),
        sa.Column("rule", sa.String(60), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("must_find", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("by_id", _KEY, nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_rule_cases_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_cases")),
        sa.UniqueConstraint("rule", "decision_id", name=op.f("uq_rule_cases_rule_decision_id")),
    )


def _create_words() -> None:
    op.create_table(
        "watch_words",
        sa.Column("id", _KEY, nullable=False, autoincrement=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("by_id", _KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_watch_words_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_words")),
    )
    op.create_table(
        "watch_hits",
        sa.Column("word_id", _KEY, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("revision_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["word_id"], ["watch_words.id"], name=op.f("fk_watch_hits_word_id")),
        sa.PrimaryKeyConstraint("word_id", "entry_id", name=op.f("pk_watch_hits")),
    )
    op.create_index(op.f("ix_watch_hits_entry_id"), "watch_hits", ["entry_id"])


def _create_roster() -> None:
    op.create_table(
        "duty_slots",
        sa.Column("id", _KEY, nullable=False, autoincrement=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("begin", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("by_id", _KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_duty_slots_person_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_duty_slots_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_slots")),
    )
    op.create_table(
        "duty_replacements",
        sa.Column("slot_id", _KEY, nullable=False),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("by_id", _KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["duty_slots.id"], name=op.f("fk_duty_replacements_slot_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_duty_replacements_person_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_duty_replacements_by_id")),
        sa.PrimaryKeyConstraint("slot_id", "date", name=op.f("pk_duty_replacements")),
    )
    op.create_table(
        "spreading",
        sa.Column("item_id", _KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["review_items.id"], name=op.f("fk_spreading_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_spreading")),
    )


def downgrade() -> None:
    for table in ("spreading", "duty_replacements", "duty_slots"):
        op.drop_table(table)
    op.drop_table("watch_hits")
    op.drop_table("watch_words")
    op.drop_table("rule_cases")
    for name, table, _column in reversed(_INDEXES):
        op.drop_index(name, table)
