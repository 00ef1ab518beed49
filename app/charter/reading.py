"""A version as pages show it: in one language, with what its readers need around it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import get_locale

from app.charter import queries
from app.charter.document import policy
from app.charter.document import queries as document
from app.charter.document.models import FUNCTIONS
from app.charter.learning.policy import can_see_acceptances
from app.charter.models import CharterVersion, Rule
from app.charter.policy import can_manage_charter
from app.charter.rulebook.policy import can_read_rules
from app.charter.rulebook.states import ACTING
from app.charter.rulebook.tightening import is_supplement
from app.charter.rulebook.words import condition
from app.charter.watch.policy import can_keep_watch
from app.people.actor import Actor

LANGUAGES = ("fr", "en")


def language(chosen: str | None = None) -> str:
    """The language asked for on the page, else the reader's."""
    return chosen if chosen in LANGUAGES else "en" if str(get_locale()) == "en" else "fr"


def version_view(version: CharterVersion, chosen: str, *, with_rules: bool = False) -> dict[str, Any]:
    """Articles and clauses in a language; with the rules that follow from each where it is in force."""
    rules = _rules(chosen) if with_rules else {}
    return {
        **head_view(version, chosen),
        "preamble": _in(version, "preamble", chosen),
        "articles": [
            {
                "key": article.key,
                "number": article.number,
                "title": _in(article, "title", chosen),
                "clauses": [
                    {
                        "key": clause.key,
                        "number": clause.number,
                        "title": _in(clause, "title", chosen),
                        "text": _in(clause, "text", chosen),
                        "rules": rules.get(clause.number, []),
                    }
                    for clause in article.clauses
                ],
            }
            for article in version.articles
        ],
    }


def head_view(version: CharterVersion, chosen: str) -> dict[str, Any]:
    """What a list says of a version."""
    return {
        "number": version.number,
        "state": version.state,
        "title": _in(version, "title", chosen),
        "effective_at": version.effective_at,
        "accept_by": version.accept_by,
        "consulted_on": version.consulted_on,
        "informed_on": version.informed_on,
        "notice_days": version.notice_days,
        "grace_days": version.grace_days,
        "text_hash": version.text_hash,
    }


def signature_views(version: CharterVersion) -> list[dict[str, Any]]:
    """The three places to sign, each with who signed and when, or nobody yet."""
    given = document.signatures(version)
    return [
        {
            "function": function,
            "name": signed.person.name if (signed := given.get(function)) else None,
            "title": signed.person.title if signed else "",
            "person_id": signed.person_id if signed else None,
            "at": signed.at if signed else None,
        }
        for function in FUNCTIONS
    ]


def tools(who: Actor) -> dict[str, Any]:
    """What a reader may do around the charter, beside reading it."""
    draft = document.in_preparation(who)
    return {
        "draft": draft.number if draft and policy.can_read_drafts(who) else None,
        "can_prepare": can_manage_charter(who),
        "can_appoint": policy.can_appoint(who),
        "can_see_acceptances": can_see_acceptances(who),
        "reads_rules": can_read_rules(who),
        "keeps_watch": can_keep_watch(who),
        "sees_figures": not who.is_partner,
    }


def day_of(raw: str | None) -> date | None:
    """A day written in an address, None when it is none."""
    try:
        return date.fromisoformat(raw or "")
    except ValueError:
        return None


def supplements(space_id: int) -> list[dict[str, str]]:
    """What one space adds to the charter: each clause with what follows there."""
    chosen = language()
    return [
        {"number": rule.clause, "title": _follows(rule, chosen), "href": f"/charter#clause-{rule.clause}"}
        for rule in queries.rules()
        if rule.state in ACTING and str(space_id) in rule.scope.get("spaces", ())
    ]


def _rules(chosen: str) -> Mapping[str, list[dict[str, str]]]:
    """What acts everywhere; what only a space adds is told there."""
    by_clause: dict[str, list[dict[str, str]]] = {}
    for rule in queries.rules():
        if rule.state in ACTING and not is_supplement(rule.scope):
            told = {"text": _follows(rule, chosen), "action": rule.action}
            known = by_clause.setdefault(rule.clause, [])
            known += [] if told in known else [told]
    return by_clause


def _follows(rule: Rule, chosen: str) -> str:
    """What its author reads of it: the rule's own words, else the clause's, else what it looks for."""
    cited = queries.cite(rule.clause, chosen, rule=rule.key)
    return (cited.message if cited else "") or condition(rule)


def _in(what: Any, field: str, chosen: str) -> str:
    return str(getattr(what, f"{field}_{chosen}"))
