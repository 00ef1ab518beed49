"""Cases: second opinions, appeals, measures, notes, and what moderators keep for themselves."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010_cases"
down_revision = "0009_the_gate"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OLD = "state IN ('pending', 'leased', 'escalated')"
_OPEN = "state IN ('pending', 'leased', 'escalated', 'deferred', 'awaiting_second')"
_NEW = (
    ("decisions", sa.Column("severity", sa.Integer(), nullable=False, server_default="2")),
    ("decisions", sa.Column("second_id", sa.BigInteger(), nullable=True)),
    ("decisions", sa.Column("locale", sa.String(2), nullable=False, server_default="fr")),
    ("decisions", sa.Column("statement", sa.Text(), nullable=False, server_default="")),
    ("decisions", sa.Column("operations", sa.JSON(), nullable=False, server_default="[]")),
    ("decisions", sa.Column("batch", sa.String(32), nullable=True)),
    ("people", sa.Column("suspended_until", sa.BigInteger(), nullable=True)),
    ("reports", sa.Column("part", sa.String(80), nullable=False, server_default="")),
    ("review_items", sa.Column("severity", sa.Integer(), nullable=False, server_default="2")),
    ("review_items", sa.Column("clause", sa.String(12), nullable=False, server_default="")),
    ("review_items", sa.Column("band", sa.Integer(), nullable=False, server_default="24")),
    ("review_items", sa.Column("alike", sa.String(64), nullable=False, server_default="")),
    ("review_items", sa.Column("deferred_until", sa.BigInteger(), nullable=True)),
    ("review_items", sa.Column("assignee_id", sa.BigInteger(), nullable=True)),
)


def upgrade() -> None:
    _make_tables()
    for table, column in _NEW:
        op.add_column(table, column)
    op.execute("UPDATE decisions SET statement = reason")
    op.create_index("ix_decisions_batch", "decisions", ["batch"])
    op.create_index("ix_review_items_alike", "review_items", ["alike"], **_only(_OPEN))
    op.create_index("ix_review_items_assignee_id", "review_items", ["assignee_id"])
    _index_open(_OPEN, f"{_OPEN} AND kind <> 'appeal'")


def downgrade() -> None:
    op.execute("DELETE FROM reports WHERE item_id IN (SELECT id FROM review_items WHERE kind = 'appeal')")
    op.execute("DELETE FROM reveals WHERE item_id IN (SELECT id FROM review_items WHERE kind = 'appeal')")
    op.drop_table("appeal_messages")
    op.drop_table("reversals")
    op.drop_table("points")
    op.drop_table("measures")
    op.drop_table("appeals")
    op.drop_table("proposals")
    op.drop_table("case_notes")
    op.drop_table("saved_views")
    op.drop_table("saved_replies")
    op.drop_table("restrictions")
    op.drop_table("rule_records")
    op.drop_table("views")
    op.execute("DELETE FROM decisions WHERE item_id IN (SELECT id FROM review_items WHERE kind = 'appeal')")
    op.execute("DELETE FROM review_items WHERE kind = 'appeal'")
    op.execute("UPDATE review_items SET state = 'pending' WHERE state IN ('deferred', 'awaiting_second')")
    _index_open(_OLD, _OLD)
    op.drop_index("ix_review_items_assignee_id", "review_items")
    op.drop_index("ix_review_items_alike", "review_items")
    op.drop_index("ix_decisions_batch", "decisions")
    for table, column in reversed(_NEW):
        op.drop_column(table, column.name)


def _index_open(queue: str, entry: str) -> None:
    op.drop_index("ix_review_items_open", "review_items")
    op.drop_index("ix_review_items_queue", "review_items")
    op.create_index("ix_review_items_open", "review_items", ["entry_id"], unique=True, **_only(entry))
    op.create_index("ix_review_items_queue", "review_items", ["priority", "id"], **_only(queue))


def _only(which: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(which), "postgresql_where": sa.text(which)}


def _make_tables() -> None:
    op.create_table(
        "views",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slice", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "slice", name=op.f("pk_views")),
    )
    op.create_table(
        "rule_records",
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("agreed", sa.Integer(), nullable=False),
        sa.Column("refuted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_rule_records")),
    )
    op.create_table(
        "restrictions",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("space_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_restrictions_person_id")),
        sa.PrimaryKeyConstraint("person_id", "kind", "space_id", name=op.f("pk_restrictions")),
    )
    op.create_table(
        "saved_replies",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("about", sa.String(length=8), nullable=False),
        sa.Column("label_fr", sa.String(length=80), nullable=False),
        sa.Column("label_en", sa.String(length=80), nullable=False),
        sa.Column("text_fr", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("by_id", _ID, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_saved_replies_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_replies")),
    )
    op.create_table(
        "saved_views",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_saved_views_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_saved_views_person_id_name")),
    )
    op.create_table(
        "case_notes",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("item_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["review_items.id"], name=op.f("fk_case_notes_item_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_case_notes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notes")),
    )
    op.create_index(op.f("ix_case_notes_item_id"), "case_notes", ["item_id"], unique=False)
    op.create_table(
        "proposals",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("item_id", _ID, nullable=False),
        sa.Column("revision_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", _ID, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("clause", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("batch", sa.String(length=32), nullable=True),
        sa.Column("answer", sa.String(length=10), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_proposals_by_id")),
        sa.ForeignKeyConstraint(["item_id"], ["review_items.id"], name=op.f("fk_proposals_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index(op.f("ix_proposals_batch"), "proposals", ["batch"], unique=False)
    op.create_index("ix_proposals_waiting", "proposals", ["item_id"], unique=True, **_only("answer IS NULL"))
    op.create_table(
        "appeals",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("decision_id", _ID, nullable=False),
        sa.Column("item_id", _ID, nullable=False),
        sa.Column("entry_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decider_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_appeals_decision_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_appeals_entry_id")),
        sa.ForeignKeyConstraint(["item_id"], ["review_items.id"], name=op.f("fk_appeals_item_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_appeals_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_appeals_decision_id")),
        sa.UniqueConstraint("item_id", name=op.f("uq_appeals_item_id")),
    )
    op.create_index(op.f("ix_appeals_entry_id"), "appeals", ["entry_id"], unique=False)
    op.create_index(op.f("ix_appeals_person_id"), "appeals", ["person_id"], unique=False)
    op.create_table(
        "measures",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("decision_id", _ID, nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("space_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("imposed_by_id", _ID, nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_measures_decision_id")),
        sa.ForeignKeyConstraint(["imposed_by_id"], ["people.id"], name=op.f("fk_measures_imposed_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_measures_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measures")),
    )
    op.create_index(op.f("ix_measures_person_id"), "measures", ["person_id"], unique=False)
    op.create_index("ix_measures_state_ends_at", "measures", ["state", "ends_at"], unique=False)
    op.create_index(
        "ix_measures_step",
        "measures",
        ["decision_id", "step"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'active')"),
        postgresql_where=sa.text("state IN ('proposed', 'active')"),
    )
    op.create_table(
        "points",
        sa.Column("decision_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("annulled_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_points_decision_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_points_person_id")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_points")),
    )
    op.create_index(op.f("ix_points_person_id"), "points", ["person_id"], unique=False)
    op.create_table(
        "reversals",
        sa.Column("decision_id", _ID, nullable=False),
        sa.Column("by_id", _ID, nullable=False),
        sa.Column("appeal_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_reversals_by_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_reversals_decision_id")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_reversals")),
    )
    op.create_table(
        "appeal_messages",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("appeal_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeals.id"], name=op.f("fk_appeal_messages_appeal_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_appeal_messages_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_messages")),
    )
    op.create_index(op.f("ix_appeal_messages_appeal_id"), "appeal_messages", ["appeal_id"], unique=False)
