"""The one place that knows how each database keeps its index: FTS5 on SQLite, GIN on PostgreSQL.

FTS5 reads its words from `search_documents`, and must be told the old ones whenever they change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    literal,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from app.kernel import store
from app.kernel.db import db, is_sqlite
from app.search.models import SearchDocument

Term = Sequence[str]
_fts = table("search_index", column("rowid"), column("search_index"))
_INDEX = text("INSERT INTO search_index (rowid, search_text) VALUES (:id, :words)")
_FORGET = "INSERT INTO search_index (search_index, rowid, search_text) SELECT 'delete', id, search_text "


def documents(terms: Sequence[Term], *columns: Any) -> Select[*tuple[Any, ...]]:
    """Documents that hold one word of each term; a word that ends with * is a beginning."""
    return _documents(literal(wanted(terms), String), *columns)


def documents_asked(*columns: Any) -> Select[*tuple[Any, ...]]:
    """The same with `wanted` as a parameter, for questions put together once."""
    return _documents(bindparam("wanted", type_=String), *columns)


def wanted(terms: Sequence[Term]) -> str:
    """The terms as this database's index takes them."""
    return _for_fts5(terms) if is_sqlite() else _for_postgresql(terms)


def _documents(words: ColumnElement[str], *columns: Any) -> Select[*tuple[Any, ...]]:
    rows: Select[*tuple[Any, ...]] = select(*columns)
    if is_sqlite():
        rows = rows.select_from(_fts).join(SearchDocument, SearchDocument.id == _fts.c.rowid)
        return rows.where(_fts.c.search_index.op("MATCH")(words))
    held = func.array_to_tsvector(func.string_to_array(SearchDocument.search_text, " "))
    return rows.select_from(SearchDocument).where(held.op("@@")(cast(words, TSQUERY)))


def number() -> ColumnElement[int]:
    """A found document's number, named so that the index itself gives the order."""
    return _fts.c.rowid if is_sqlite() else SearchDocument.id  # type: ignore[return-value]


def put(documents: Sequence[dict[str, Any]]) -> None:
    """Write the documents, by column, of subjects that have none."""
    if not documents:
        return
    db.session.execute(insert(SearchDocument.__table__), list(documents))  # type: ignore[arg-type]
    if is_sqlite():
        said = [{"id": document["id"], "words": document["search_text"]} for document in documents]
        db.session.execute(_INDEX, said)


def add(document: dict[str, Any]) -> bool:
    """Write the document of a subject that has none, under its number; False when either is taken."""
    if not _add_if_free().run(document):
        return False
    if is_sqlite():
        _add_words().run({"id": document["id"], "words": document["search_text"]})
    return True


def drop(which: ColumnElement[bool]) -> None:
    """Take out the documents of this condition."""
    if is_sqlite():
        ids = list(db.session.scalars(select(SearchDocument.id).where(which)))
        for start in range(0, len(ids), 500):
            batch = ",".join(str(int(number)) for number in ids[start : start + 500])
            db.session.execute(text(f"{_FORGET} FROM search_documents WHERE id IN ({batch})"))
    rows = delete(SearchDocument).where(which)
    db.session.execute(rows.execution_options(synchronize_session=False))


def clear() -> None:
    """Take out everything."""
    if is_sqlite():
        db.session.execute(text("INSERT INTO search_index (search_index) VALUES ('delete-all')"))
    db.session.execute(delete(SearchDocument).execution_options(synchronize_session=False))


@store.order
def _add_if_free() -> Any:
    return store.insert_named(SearchDocument).on_conflict_do_nothing()


@store.order
def _add_words() -> Any:
    return _INDEX


def _for_fts5(terms: Sequence[Term]) -> str:
    return " AND ".join(f"({' OR '.join(_quoted(word) for word in term)})" for term in terms)


def _quoted(word: str) -> str:
    return f'"{word[:-1]}"*' if word.endswith("*") else f'"{word}"'


def _for_postgresql(terms: Sequence[Term]) -> str:
    return " & ".join(f"({' | '.join(_lexeme(word) for word in term)})" for term in terms)


def _lexeme(word: str) -> str:
    return f"'{word[:-1]}':*" if word.endswith("*") else f"'{word}'"
