"""People around a charter, and the steps that a version takes, by the product's own actions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.charter.document import actions, drafting, queries
from app.charter.document.models import FUNCTIONS
from app.charter.document.payload import mark_of_clause, mark_of_head
from app.charter.models import CharterVersion
from app.people.actor import Actor
from tests.make import make_person, person_of


def people() -> dict[str, Actor]:
    """One of each kind, and three who sign."""
    who = {
        "owner": make_person("owner", roles=["charter_owner"]),
        "second": make_person("second", roles=["charter_owner"]),
        "rep": make_person("rep", roles=["staff_representative"]),
        "admin": make_person("admin", roles=["admin"]),
        "moderator": make_person("moderator", roles=["moderator"]),
        "auditor": make_person("auditor", roles=["auditor"]),
        "plain": make_person("plain"),
    }
    for function in FUNCTIONS:
        who[function] = make_person(function)
        actions.appoint(None, person_of(who[function]), function)
    return who


def start(owner: Actor, *, notice_days: int = 0, grace_days: int = 0) -> CharterVersion:
    """A draft with these delays."""
    draft = drafting.start_draft(owner)
    drafting.edit_head(
        owner,
        draft,
        mark_of_head(queries.tree(draft.id)),
        notice_days=notice_days,
        grace_days=grace_days,
    )
    return again(draft)


def again(version: CharterVersion) -> CharterVersion:
    """The same as it is now."""
    return queries.tree(version.id)


def check_off(owner: Actor, draft: CharterVersion) -> CharterVersion:
    """Representatives and staff were asked and told yesterday."""
    day = queries.today() - timedelta(days=1)
    drafting.fill_checklist(owner, draft, consulted_on=day, informed_on=day)
    return again(draft)


def sign_all(who: dict[str, Actor], draft: CharterVersion) -> CharterVersion:
    """The three sign what it says now."""
    for function in FUNCTIONS:
        actions.sign(who[function], draft, text_hash=again(draft).text_hash)
    return again(draft)


def write_clause(owner: Actor, draft: CharterVersion, number: str, **words: Any) -> CharterVersion:
    """Change the clause that has this number now."""
    clause = next(clause for clause in again(draft).clauses if clause.number == number)
    drafting.edit_clause(owner, draft, clause.key, mark_of_clause(clause), **words)
    return again(draft)


def announce(who: dict[str, Actor], draft: CharterVersion, *, days: int = 0) -> CharterVersion:
    """Checked, signed and scheduled in so many days."""
    check_off(who["owner"], draft)
    signed = sign_all(who, draft)
    day = queries.today() + timedelta(days=days)
    actions.schedule(who["owner"], signed, effective_on=day, text_hash=signed.text_hash)
    return again(draft)
