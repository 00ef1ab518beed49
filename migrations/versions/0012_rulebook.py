"""Rules have versions, states, exemptions and trials; a registry can be imported."""

import sqlalchemy as sa
from alembic import op

revision = "0012_rulebook"
down_revision = "0011_pressing"
branch_labels = None
depends_on = None

_TEXTS = ("kind", "action", "clause", "message_fr", "message_en", "state")
_JSONS = ("params", "scope")
_EXAMPLES = ("allowed", "forbidden")
_OWN = ("id", "rule_id", "number", "note", "created_at", "since", "live_at")


def upgrade() -> None:
    op.create_table(
        "rescans",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("rule", sa.String(length=60), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescans")),
    )
    op.create_table(
        "rule_authors",
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("author", sa.String(length=22), nullable=False),
        sa.PrimaryKeyConstraint("rule", "version", "state", "author", name=op.f("pk_rule_authors")),
    )
    op.create_table(
        "rule_tallies",
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("evaluated", sa.Integer(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "version", "state", "day", name=op.f("pk_rule_tallies")),
    )
    op.create_table(
        "registry_imports",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_registry_imports_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_imports")),
    )
    op.create_table(
        "rule_exemptions",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("space_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_rule_exemptions_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_rule_exemptions_person_id")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_rule_exemptions_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_exemptions")),
    )
    with op.batch_alter_table("rule_exemptions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_exemptions_rule"), ["rule"], unique=False)

    op.create_table(
        "rule_versions",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("action", sa.String(length=6), nullable=False),
        sa.Column("clause", sa.String(length=12), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("fail_mode", sa.String(length=4), nullable=True),
        sa.Column("message_fr", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("allowed", sa.JSON(), nullable=False),
        sa.Column("forbidden", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("live_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people.id"], name=op.f("fk_rule_versions_asked_by_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_rule_versions_by_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["rules.id"], name=op.f("fk_rule_versions_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_versions")),
        sa.UniqueConstraint("rule_id", "number", name=op.f("uq_rule_versions_rule_id_number")),
    )
    with op.batch_alter_table("rule_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_versions_state"), ["state"], unique=False)

    op.create_table(
        "backtests",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("authors", sa.Integer(), nullable=False),
        sa.Column("weeks", sa.JSON(), nullable=False),
        sa.Column("spaces", sa.JSON(), nullable=False),
        sa.Column("overlap", sa.JSON(), nullable=False),
        sa.Column("cpu_ms", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_backtests_by_id")),
        sa.ForeignKeyConstraint(["version_id"], ["rule_versions.id"], name=op.f("fk_backtests_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backtests")),
    )
    with op.batch_alter_table("backtests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_backtests_version_id"), ["version_id"], unique=False)

    op.create_table(
        "rule_moves",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=10), nullable=False),
        sa.Column("after", sa.String(length=10), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_rule_moves_by_id")),
        sa.ForeignKeyConstraint(["version_id"], ["rule_versions.id"], name=op.f("fk_rule_moves_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_moves")),
    )
    with op.batch_alter_table("rule_moves", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_moves_version_id"), ["version_id"], unique=False)

    op.create_table(
        "backtest_hits",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("backtest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("revision_id", sa.BigInteger(), nullable=False),
        sa.Column("space_id", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(length=22), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("end", sa.Integer(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(length=6), nullable=True),
        sa.Column("labelled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("labelled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["backtest_id"], ["backtests.id"], name=op.f("fk_backtest_hits_backtest_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["labelled_by_id"], ["people.id"], name=op.f("fk_backtest_hits_labelled_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backtest_hits")),
    )
    with op.batch_alter_table("backtest_hits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_backtest_hits_backtest_id"), ["backtest_id"], unique=False)
        batch_op.create_index("ix_backtest_hits_sample", ["backtest_id", "place"], unique=False)

    op.create_table(
        "backtest_openings",
        sa.Column(
            "hit_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hit_id"], ["backtest_hits.id"], name=op.f("fk_backtest_openings_hit_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_backtest_openings_person_id")),
        sa.PrimaryKeyConstraint("hit_id", "person_id", name=op.f("pk_backtest_openings")),
    )
    with op.batch_alter_table("rules", schema=None) as batch_op:
        batch_op.add_column(sa.Column("fail_mode", sa.String(length=4), nullable=True))
        batch_op.add_column(sa.Column("expires_at", sa.BigInteger(), nullable=True))

    _write_first_versions()


def _write_first_versions() -> None:
    """Every rule there is becomes a version of itself, in the state it is in."""
    rules = sa.table(
        "rules", *(sa.column(name) for name in ("id", "version", "created_at", *_TEXTS)), *_jsons(_JSONS)
    )
    versions = sa.table(
        "rule_versions", *(sa.column(name) for name in (*_TEXTS, *_OWN)), *_jsons(_JSONS + _EXAMPLES)
    )
    told = [
        {
            **{name: row[name] for name in (*_TEXTS, *_JSONS)},
            "id": row["id"], "rule_id": row["id"], "number": row["version"], "note": "", "allowed": [], "forbidden": [],
            "created_at": row["created_at"], "since": row["created_at"],
            "live_at": row["created_at"] if row["state"] in ("live", "live_soft", "tripped") else None,
        }
        for row in op.get_bind().execute(sa.select(rules)).mappings()
    ]  # fmt: skip
    if told:
        op.bulk_insert(versions, told)


def _jsons(names: tuple[str, ...]) -> list[sa.ColumnClause]:
    return [sa.column(name, sa.JSON()) for name in names]


def downgrade() -> None:
    with op.batch_alter_table("rules", schema=None) as batch_op:
        batch_op.drop_column("expires_at")
        batch_op.drop_column("fail_mode")

    op.drop_table("backtest_openings")
    with op.batch_alter_table("backtest_hits", schema=None) as batch_op:
        batch_op.drop_index("ix_backtest_hits_sample")
        batch_op.drop_index(batch_op.f("ix_backtest_hits_backtest_id"))

    op.drop_table("backtest_hits")
    with op.batch_alter_table("rule_moves", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_moves_version_id"))

    op.drop_table("rule_moves")
    with op.batch_alter_table("backtests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_backtests_version_id"))

    op.drop_table("backtests")
    with op.batch_alter_table("rule_versions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_versions_state"))

    op.drop_table("rule_versions")
    with op.batch_alter_table("rule_exemptions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_exemptions_rule"))

    op.drop_table("rule_exemptions")
    op.drop_table("registry_imports")
    op.drop_table("rule_tallies")
    op.drop_table("rule_authors")
    op.drop_table("rescans")
