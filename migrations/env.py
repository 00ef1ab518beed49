"""How migrations run: one linear history for SQLite and PostgreSQL, foreign keys off while tables are rebuilt."""

from alembic import context
from flask import current_app
from sqlalchemy import text

engine = current_app.extensions["migrate"].db.engine
metadata = current_app.extensions["migrate"].db.metadatas[None]


def _keep(_object, name, kind, _reflected, _compare_to):
    """The search index keeps its own tables."""
    return not (kind in {"table", "index"} and name.startswith("search_index"))


def _plain(kind, item, _context):
    """Instants are whole numbers to the database; migrations must not need the application."""
    return "sa.BigInteger()" if kind == "type" and type(item).__name__ == "Instant" else False


def run() -> None:
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SET lock_timeout = '10s'"))
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=True,
            compare_type=True,
            include_object=_keep,
            render_item=_plain,
        )
        context.run_migrations()
        if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError("the migration left references to rows that aren't there")
        connection.commit()
        if is_sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
