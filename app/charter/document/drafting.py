"""Writing a draft. Each change names the wording it was made from; another one meanwhile is a Conflict.

Whatever changes what is signed takes every signature away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from app.charter.document import queries
from app.charter.document.models import Remark, Signature
from app.charter.document.payload import (
    mark_of_article,
    mark_of_clause,
    mark_of_head,
    new_key,
    seal,
)
from app.charter.events import DraftDiscarded, DraftStarted
from app.charter.models import DRAFT, IN_FORCE, Article, CharterVersion, Clause
from app.charter.policy import can_manage_charter
from app.kernel import audit
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound, Stale
from app.kernel.policy import require
from app.people.actor import Actor

MOST_ARTICLES, MOST_CLAUSES = 40, 40
NOTICE_DAYS, GRACE_DAYS = 30, 14
_HEAD = ("title_fr", "title_en", "preamble_fr", "preamble_en")
_CLAUSE = ("title_fr", "title_en", "text_fr", "text_en", "message_fr", "message_en", "severity")


@action
def start_draft(actor: Actor) -> CharterVersion:
    """A copy of the version in force to write on; the one already on its way when there is one."""
    require(can_manage_charter(actor))
    present = queries.in_preparation(actor)
    if present is not None:
        return present
    base = db.session.scalar(
        select(CharterVersion).where(CharterVersion.state == IN_FORCE).order_by(CharterVersion.number.desc())
    )
    version = _copied(queries.tree(base.id) if base else None)
    audit.record("charter.drafted", actor.id, f"charter:{version.id}", number=version.number)
    announce(DraftStarted(version_id=version.id, from_id=base.id if base else None))
    return version


@action
def discard_draft(actor: Actor, version: CharterVersion) -> None:
    """Throw a draft away; Conflict when it bears remarks, which stay readable."""
    draft = _draft(actor, version)
    if db.session.scalar(select(Remark.id).where(Remark.version_id == draft.id).limit(1)) is not None:
        raise Conflict(_("People have commented on this draft: change it instead of throwing it away."))
    announce(DraftDiscarded(version_id=draft.id))
    number, version_id = draft.number, draft.id
    db.session.expunge_all()
    for table in (Signature, Clause, Article):
        db.session.execute(delete(table).where(table.version_id == version_id))
    db.session.execute(delete(CharterVersion).where(CharterVersion.id == version_id))
    audit.record("charter.discarded", actor.id, f"charter:{version_id}", number=number)


@action
def edit_head(actor: Actor, version: CharterVersion, seen: str, **fields: Any) -> None:
    """Change title, preamble (title_fr …) and delays (notice_days, grace_days)."""
    draft = _draft(actor, version)
    _same(seen, mark_of_head(draft))
    for name in (*_HEAD, "notice_days", "grace_days"):
        if name in fields:
            setattr(draft, name, fields[name])
    _sealed(actor, draft, "head")


@action
def write_whole(actor: Actor, version: CharterVersion, document: Mapping[str, Any]) -> None:
    """Put a whole text in place of what a draft says, in the form of `charter.actions.publish_version`.

    Its numbers are the keys: the same number as before is the same clause.
    """
    draft = _draft(actor, version)
    for article in draft.articles:
        for clause in article.clauses:
            db.session.delete(clause)
        db.session.flush()
        db.session.delete(article)
    db.session.flush()
    for name in _HEAD:
        setattr(draft, name, document.get(name, ""))
    for article in document["articles"]:
        add_article_of(draft, article)
    _sealed(actor, draft, "whole")


@action
def fill_checklist(
    actor: Actor, version: CharterVersion, *, consulted_on: date | None, informed_on: date | None
) -> None:
    """Say when staff representatives were consulted and the staff informed; days that have come."""
    draft = _draft(actor, version)
    today = queries.today()
    given = {"consulted_on": consulted_on, "informed_on": informed_on}
    problems = {name: _("This day has not come yet.") for name, day in given.items() if day and day > today}
    if problems:
        raise Invalid(fields=problems)
    draft.consulted_on, draft.informed_on = consulted_on, informed_on
    _sealed(actor, draft, "checklist")


@action
def add_article(actor: Actor, version: CharterVersion, *, title_fr: str, title_en: str) -> Article:
    """A new article at the end."""
    draft = _draft(actor, version)
    _bounded(len(draft.articles), MOST_ARTICLES)
    article = Article(
        version_id=draft.id,
        key=new_key(),
        number=len(draft.articles) + 1,
        title_fr=title_fr,
        title_en=title_en,
    )
    db.session.add(article)
    _sealed(actor, draft, f"article {article.key} added")
    return article


@action
def edit_article(
    actor: Actor, version: CharterVersion, key: str, seen: str, *, title_fr: str, title_en: str
) -> None:
    """Change the title of an article."""
    draft = _draft(actor, version)
    article = _article(draft, key)
    _same(seen, mark_of_article(article))
    article.title_fr, article.title_en = title_fr, title_en
    _sealed(actor, draft, f"article {key}")


@action
def move_article(actor: Actor, version: CharterVersion, key: str, *, seen: int, to: int) -> None:
    """Give an article another place; `seen` is the number it had on the page."""
    draft = _draft(actor, version)
    article = _article(draft, key)
    _same(str(seen), str(article.number))
    others = [other for other in draft.articles if other.key != key]
    others.insert(min(max(to, 1), len(draft.articles)) - 1, article)
    _renumber([(one, one.clauses) for one in others])
    _sealed(actor, draft, f"article {key} moved")


@action
def remove_article(actor: Actor, version: CharterVersion, key: str, seen: str) -> None:
    """Take an article out, with its clauses."""
    draft = _draft(actor, version)
    article = _article(draft, key)
    _same(seen, mark_of_article(article))
    for clause in article.clauses:
        db.session.delete(clause)
    db.session.flush()
    db.session.delete(article)
    db.session.flush()
    _renumber([(one, one.clauses) for one in draft.articles if one.key != key])
    _sealed(actor, draft, f"article {key} removed")


@action
def add_clause(
    actor: Actor, version: CharterVersion, article_key: str, *, title_fr: str, title_en: str
) -> Clause:
    """A new clause at the end of an article, its text yet to be written."""
    draft = _draft(actor, version)
    article = _article(draft, article_key)
    _bounded(len(article.clauses), MOST_CLAUSES)
    position = len(article.clauses) + 1
    clause = Clause(
        version_id=draft.id,
        article_id=article.id,
        key=new_key(),
        position=position,
        number=f"{article.number}.{position}",
        title_fr=title_fr,
        title_en=title_en,
        text_fr="",
        text_en="",
    )
    db.session.add(clause)
    _sealed(actor, draft, f"clause {clause.key} added")
    return clause


@action
def edit_clause(actor: Actor, version: CharterVersion, key: str, seen: str, **fields: Any) -> None:
    """Change the words of a clause in both languages, and how grave a breach is."""
    draft = _draft(actor, version)
    clause = _clause(draft, key)
    _same(seen, mark_of_clause(clause))
    for name in _CLAUSE:
        if name in fields:
            setattr(clause, name, fields[name])
    _sealed(actor, draft, f"clause {key}")


@action
def move_clause(
    actor: Actor, version: CharterVersion, key: str, *, seen: str, article_key: str, to: int
) -> None:
    """Give a clause another place, in its article or in another; `seen` is the number it had on the page."""
    draft = _draft(actor, version)
    clause, target = _clause(draft, key), _article(draft, article_key)
    _same(seen, clause.number)
    arranged = [(one, [c for c in one.clauses if c.key != key]) for one in draft.articles]
    clauses = next(clauses for one, clauses in arranged if one.key == target.key)
    _bounded(len(clauses), MOST_CLAUSES)
    clauses.insert(min(max(to, 1), len(clauses) + 1) - 1, clause)
    _renumber(arranged)
    _sealed(actor, draft, f"clause {key} moved")


@action
def remove_clause(actor: Actor, version: CharterVersion, key: str, seen: str) -> None:
    """Take a clause out."""
    draft = _draft(actor, version)
    clause = _clause(draft, key)
    _same(seen, mark_of_clause(clause))
    db.session.delete(clause)
    db.session.flush()
    _renumber([(one, [c for c in one.clauses if c.key != key]) for one in draft.articles])
    _sealed(actor, draft, f"clause {key} removed")


def add_article_of(version: CharterVersion, told: Mapping[str, Any]) -> None:
    """An article with its clauses as a document tells it, within an action."""
    words = {name: told[name] for name in ("number", "title_fr", "title_en")}
    article = Article(version_id=version.id, key=str(told["number"]), **words)
    db.session.add(article)
    db.session.flush()
    for position, clause in enumerate(told["clauses"], start=1):
        named = {"key": str(clause["number"]), **clause}
        db.session.add(Clause(version_id=version.id, article_id=article.id, position=position, **named))


# --- one step of the above each -----------------------------------------------------------------------------


def _draft(actor: Actor, version: CharterVersion) -> CharterVersion:
    """The draft, locked and as it is now."""
    require(can_manage_charter(actor))
    draft = queries.tree(version.id, lock=True)
    if draft.state != DRAFT:
        raise Conflict(_("This version is announced: it can’t be changed any more. Withdraw it first."))
    if queries.is_signed(draft):
        raise Conflict(_("The three functions have signed this text. Reopen it before you change it."))
    return draft


def _same(seen: str, present: str) -> None:
    if seen != present:
        raise Stale(
            _("Somebody changed this while you were writing. Nothing of yours is lost: compare, then save.")
        )


def _bounded(there: int, most: int) -> None:
    if there >= most:
        raise Conflict(_("That is too many: at most %(most)d.", most=most))


def _article(draft: CharterVersion, key: str) -> Article:
    found = next((article for article in draft.articles if article.key == key), None)
    if found is None:
        raise NotFound
    return found


def _clause(draft: CharterVersion, key: str) -> Clause:
    found = next((clause for clause in draft.clauses if clause.key == key), None)
    if found is None:
        raise NotFound
    return found


def _renumber(arranged: Sequence[tuple[Article, Sequence[Clause]]]) -> None:
    """Count anew in this order; by way of numbers that nobody has, because each is given once."""
    for place, (article, clauses) in enumerate(arranged, start=1):
        article.number = -place
        for clause in clauses:
            clause.number = f"~{clause.id % 10**11}"
    db.session.flush()
    for place, (article, clauses) in enumerate(arranged, start=1):
        article.number = place
        for position, clause in enumerate(clauses, start=1):
            clause.article_id, clause.position, clause.number = article.id, position, f"{place}.{position}"
    db.session.flush()


def _sealed(actor: Actor, draft: CharterVersion, what: str) -> None:
    """Seal what the draft says now; signatures of another text go."""
    db.session.flush()
    draft = queries.tree(draft.id)
    draft.text_hash = seal(draft)
    db.session.flush()
    stale = (Signature.version_id == draft.id, Signature.text_hash != draft.text_hash)
    voided = db.session.scalars(select(Signature.function).where(*stale).order_by(Signature.function)).all()
    db.session.execute(delete(Signature).where(*stale).execution_options(synchronize_session="fetch"))
    audit.record(
        "charter.edited", actor.id, f"charter:{draft.id}", what=what, hash=draft.text_hash, voided=voided
    )


def _copied(base: CharterVersion | None) -> CharterVersion:
    """A draft with the words of another version. Conflict when somebody else just began one."""
    last = db.session.scalar(select(func.max(CharterVersion.number))) or 0
    draft = CharterVersion(
        number=last + 1,
        state=DRAFT,
        preparing=True,
        notice_days=NOTICE_DAYS,
        grace_days=GRACE_DAYS,
        quiz_required=True,
        **{name: getattr(base, name) if base else "" for name in _HEAD},
    )
    try:
        with db.session.begin_nested():
            db.session.add(draft)
            db.session.flush()
    except IntegrityError as problem:
        raise Conflict(_("Somebody else has just begun a new version.")) from problem
    for article in base.articles if base else ():
        _copy_article(draft, article)
    db.session.flush()
    draft = queries.tree(draft.id)
    draft.text_hash = seal(draft)
    return draft


def _copy_article(draft: CharterVersion, article: Article) -> None:
    copy = Article(
        version_id=draft.id,
        **{name: getattr(article, name) for name in ("key", "number", "title_fr", "title_en")},
    )
    db.session.add(copy)
    db.session.flush()
    for clause in article.clauses:
        words = {name: getattr(clause, name) for name in ("key", "position", "number", *_CLAUSE)}
        db.session.add(Clause(version_id=draft.id, article_id=copy.id, **words))
