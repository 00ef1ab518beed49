"""Rules as the pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from app.charter import queries as charter
from app.charter.engine import inflected_forms
from app.charter.models import Rule
from app.charter.rulebook import kinds, policy, queries, trial, words
from app.charter.rulebook.content import Content, Examples
from app.charter.rulebook.models import Backtest, RuleRemark, RuleVersion
from app.charter.rulebook.states import STANDING, STOPPING, TRANSITIONS
from app.charter.rulebook.versions import content_of, examples_of
from app.people.actor import Actor
from app.people.queries import names_of
from app.spaces.queries import spaces as spaces_of

MOST_SPACES = 300
MOST_FORMS = 60
DANGEROUS = frozenset({"retire", "emergency"})


def known_spaces(actor: Actor) -> Mapping[str, str]:
    """The spaces that the actor may know of, by number."""
    return {str(space.id): space.name for space, _role in spaces_of(actor)}


def spaces_unknown_to(actor: Actor, version: RuleVersion) -> list[str]:
    """The spaces of a version that the actor can neither choose nor take away."""
    known = known_spaces(actor)
    return [one for one in version.scope.get("spaces", ()) if one not in known]


def state(name: str) -> dict[str, Any]:
    return {"key": name, "text": str(kinds.STATES[name]), "tone": kinds.TONES.get(name)}


def index(actor: Actor) -> list[dict[str, Any]]:
    """Every rule under its clause, with its state, what is on its way and what it did in a week."""
    spaces, counts = known_spaces(actor), queries.counts(7)
    grouped: dict[str, dict[str, Any]] = {}
    for rule, coming in queries.rules(actor):
        clause = grouped.setdefault(rule.clause, {**_clause(rule.clause), "rules": []})
        counted = counts.get(rule.key)
        clause["rules"].append(
            {
                "key": rule.key,
                "sentence": words.sentence(rule, spaces),
                "action": rule.action,
                "state": state(rule.state),
                "version": rule.version,
                "coming": {"number": coming.number, "state": state(coming.state)} if coming else None,
                "evaluated": counted.evaluated if counted else 0,
                "hits": counted.hits if counted else 0,
            }
        )
    return list(grouped.values())


def rule_page(actor: Actor, rule: Rule) -> dict[str, Any]:
    """One rule: the version that stands, the one on its way, its exemptions and its history."""
    spaces, versions = known_spaces(actor), queries.versions_of(rule)
    standing = next(version for version in versions if version.number == rule.version)
    coming = next(
        (v for v in versions if v.number > rule.version and v.state not in ("retired", "expired")), None
    )
    moves = queries.moves_of(rule)
    people = names_of([who for move, _n in moves if (who := move.by_id)])
    return {
        "key": rule.key,
        "clause": _clause(rule.clause),
        "can_write": policy.can_write_rules(actor),
        "standing": version_view(actor, rule, standing, spaces),
        "coming": version_view(actor, rule, coming, spaces) if coming else None,
        "versions": [
            {"number": v.number, "state": state(v.state), "at": v.created_at, "note": v.note}
            for v in versions
        ],
        "moves": [
            {
                "text": str(kinds.MOVES[move.name]),
                "number": number,
                "at": move.at,
                "by": people.get(move.by_id, "") if move.by_id else _("by itself"),
                "note": move.note,
            }
            for move, number in moves
        ],
        "exemptions": _exemptions(actor, rule, spaces),
        "proposed": [(c.id, c.text, c.must_find) for c in queries.cases_of(rule.key)],
    }


def version_view(actor: Actor, rule: Rule, version: RuleVersion, spaces: Mapping[str, str]) -> dict[str, Any]:
    """A version with what it may become, and what is missing for that."""
    counted = queries.counted(rule.key, version.number, version.state)
    wrong = {(one.text, one.wanted) for one in trial.failures(rule.key, version)}
    return {
        "number": version.number,
        "state": state(version.state),
        "is_standing": version.state in STANDING,
        "stops": version.action in STOPPING,
        "sentence": words.sentence(version, spaces),
        "parts": [
            (label, values[:12], max(0, len(values) - 12))
            for label, values in words.parts(version, spaces).items()
            if label not in (_("Must find"), _("Must leave alone"))
        ],
        "since": version.since,
        "expires_at": version.expires_at,
        "asked_by": names_of([version.asked_by_id]).get(version.asked_by_id, "")
        if version.asked_by_id
        else "",
        "counted": counted,
        "share": counted.hits / counted.evaluated if counted.evaluated else None,
        "forms": forms_of(version.params),
        "cases": [(text, True, (text, True) not in wrong) for text in version.forbidden]
        + [(text, False, (text, False) not in wrong) for text in version.allowed],
        "moves": _moves(actor, version),
        "backtests": [backtest_line(one) for one in queries.backtests_of(version)],
        "precision": queries.precision(version),
        "problem": trial.problem_of(rule.key, content_of(version)),
        "can_remark": policy.can_remark_rule(actor, version),
        "threads": [
            {
                **_remark(thread),
                "is_resolved": thread.resolved_at is not None,
                "answers": [_remark(answer) for answer in answers],
            }
            for thread, answers in queries.remarks(actor, version)
        ],
    }


def _remark(one: RuleRemark) -> dict[str, Any]:
    return {"id": one.id, "author": one.author, "at": one.created_at, "body": one.body}


def backtest_line(one: Backtest) -> dict[str, Any]:
    """A trial in one line."""
    return {
        "id": one.id,
        "state": one.state,
        "since": one.since,
        "at": one.created_at,
        "finished_at": one.finished_at,
        "read": one.read,
        "total": one.total,
        "hits": one.hits,
    }


def editor(
    actor: Actor,
    key: str,
    content: Content,
    examples: Examples,
    *,
    rule: Rule | None = None,
    note: str = "",
    given: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The form: every field of the kind with its value."""
    kind = kinds.KINDS[content.kind]
    return {
        "key": key,
        "is_new": rule is None,
        "kind": content.kind,
        "kind_name": str(kind.name),
        "phrase": str(kind.phrase),
        "action": content.action,
        "clause": content.clause,
        "fields": [_field(field, content.params, given) for field in kind.fields],
        "scope": content.scope,
        "fail_mode": content.fail_mode or "",
        "message_fr": content.message_fr,
        "message_en": content.message_en,
        "allowed": "\n".join(examples.allowed),
        "forbidden": "\n".join(examples.forbidden),
        "note": note,
        "forms": forms_of(content.params),
        "spaces": list(known_spaces(actor).items())[:MOST_SPACES],
        "clauses": [(c.number, f"{c.number} · {_in(c, 'title')}") for c in charter.clauses_in_force()],
        "options": {
            name: [(one, str(text)) for one, text in getattr(kinds, name.upper()).items()]
            for name in ("actions", "objects", "space_kinds", "segments", "events", "facts")
        },
    }


def groups() -> list[dict[str, Any]]:
    """The kinds of condition, to choose from."""
    return [
        {
            "name": str(name),
            "kinds": [
                (key, str(kind.name), str(kind.phrase))
                for key, kind in kinds.KINDS.items()
                if kind.group == group
            ],
        }
        for group, name in kinds.GROUPS.items()
    ]


def forms_of(params: Mapping[str, Any]) -> Sequence[str]:
    """Every form that a list would look for, the first sixty."""
    forms: list[str] = []
    for term in params.get("terms", ()):
        own = term if isinstance(term, dict) else {}
        inflect = own.get("inflect", params.get("inflect") or ())
        forms += inflected_forms(words.term_text(term).lstrip("="), inflect)
        if len(forms) >= MOST_FORMS:
            break
    return forms[:MOST_FORMS]


def tried(key: str, content: Content, text: str) -> dict[str, Any] | None:
    """What a rule makes of a text, to show beside it; None while there is none."""
    if not text.strip():
        return None
    found = trial.try_text(key, content, text)
    return {
        "text": text,
        "problem": found.problem,
        "action": found.action,
        "then": str(kinds.ACTIONS[found.action]) if found.action in kinds.ACTIONS else "",
        "pieces": found.pieces,
        "findings": [
            {"hit": one.hit, "tags": one.tags, "weak": one.weak, "part": one.part} for one in found.findings
        ],
    }


def version_content(version: RuleVersion) -> tuple[Content, Examples]:
    return content_of(version), examples_of(version)


def _moves(actor: Actor, version: RuleVersion) -> list[dict[str, Any]]:
    told = []
    for step in TRANSITIONS.values():
        if version.state not in step.sources or not policy.can_move(actor, version, step.name):
            continue
        told.append(
            {
                "name": step.name,
                "text": str(kinds.MOVES[step.name]),
                "missing": trial.missing_for(version, step),
                "danger": step.name in DANGEROUS,
            }
        )
    return told


def _field(field: kinds.Field, params: Mapping[str, Any], given: Mapping[str, Any] | None) -> dict[str, Any]:
    value = params.get(field.name, field.default)
    if field.name == "patterns" and "pattern" in params:
        value = [params["pattern"], *params.get("patterns", ())]
    told = {
        "name": f"p_{field.name}",
        "widget": field.widget,
        "label": str(field.label),
        "help": str(field.help),
        "options": [(key, str(text)) for key, text in field.options],
        "value": value,
    }
    if field.widget == "conditions":
        return {**told, "rows": words.conditions_of(params)}
    if field.widget == "lines":
        told["value"] = "\n".join(words.term_text(one) for one in _lines(value))
    elif field.widget == "checks":
        told["value"] = _checked(field, value)
    elif field.scale != 1 and value is not None:
        told["value"] = int(value) // field.scale
    if given is not None and field.widget not in ("checks", "check"):
        told["value"] = given.get(f"p_{field.name}", told["value"])
    return told


def _lines(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value] if value else []


def _checked(field: kinds.Field, value: Any) -> list[str]:
    """Ticks; endings written out ("fr: s,e; en: s") tick their language."""
    said = value if isinstance(value, str) else " ".join(map(str, _lines(value)))
    return [key for key, _text in field.options if key in said]


def _exemptions(actor: Actor, rule: Rule, spaces: Mapping[str, str]) -> list[dict[str, Any]]:
    found = queries.exemptions_of(rule.key)
    people = names_of([who for one in found for who in (one.person_id, one.by_id) if who])
    return [
        {
            "id": one.id,
            "rule": one.rule,
            "whom": one.role
            or (people.get(one.person_id, "") if one.person_id else spaces.get(str(one.space_id), "")),
            "until": one.until,
            "reason": one.reason,
            "by": people.get(one.by_id, "") if one.by_id else "",
        }
        for one in found
    ]


def _clause(number: str) -> dict[str, str]:
    cited = charter.cite(number, str(get_locale() or "fr"))
    return {
        "number": number,
        "title": cited.title if cited else _("unknown to the charter in force"),
        "text": cited.text if cited else "",
    }


def _in(what: Any, field: str) -> str:
    return str(getattr(what, f"{field}_{'en' if str(get_locale()) == 'en' else 'fr'}"))
