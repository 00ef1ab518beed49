from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.charter.reading import tools
from app.charter.rulebook import actions, cases, kinds, policy, queries, remarking, view, words
from app.charter.rulebook.content import Content, Examples
from app.charter.rulebook.inputs import Written, many
from app.charter.rulebook.models import RuleVersion
from app.charter.rulebook.states import STATES
from app.charter.rulebook.versions import content_of
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.http import actor, form, is_fragment
from app.kernel.inputs import choice, day, optional, parse, text, whole
from app.kernel.policy import require
from app.people.queries import by_login

bp = Blueprint("rulebook", __name__, url_prefix="/charter/rules")
LONGEST_TRY = 5_000


@bp.get("")
def index() -> ResponseReturnValue:
    """Every rule, under the clause it hangs on."""
    chosen = request.args.get("state", "")
    chosen = chosen if chosen in STATES else ""
    clauses = [
        {**clause, "rules": [r for r in clause["rules"] if not chosen or chosen in _states(r)]}
        for clause in view.index(actor())
    ]
    return render_template(
        "charter/rulebook/index.html",
        clauses=[clause for clause in clauses if clause["rules"]],
        states=[(name, str(kinds.STATES[name])) for name in STATES],
        state=chosen,
        can_write=policy.can_write_rules(actor()),
        tools=tools(actor()),
    )


@bp.get("/new")
def new() -> ResponseReturnValue:
    """Choose a kind of condition, then fill it in."""
    _writer()
    kind = request.args.get("kind", "")
    if kind not in kinds.KINDS:
        return render_template("charter/rulebook/kinds.html", groups=view.groups())
    params = {field.name: field.default for field in kinds.KINDS[kind].fields if field.default is not None}
    blank = Content(kind=kind, action="flag", clause=request.args.get("clause", ""), params=params)
    return _editor("", blank, Examples())


@bp.post("")
def create() -> ResponseReturnValue:
    """Write a new rule as a draft, or look what it would do."""
    return _save(None)


@bp.get("/<key>")
def show(key: str) -> ResponseReturnValue:
    """One rule: what stands, what is on its way, what it did, its history."""
    return _rule_page(key)


@bp.get("/<key>/edit")
def edit(key: str) -> ResponseReturnValue:
    """Write the next version, from the newest there is."""
    _writer()
    version = _newest(key)
    content, examples = view.version_content(version)
    return _editor(key, content, examples, rule=queries.get_rule(actor(), key))


@bp.post("/<key>")
def change(key: str) -> ResponseReturnValue:
    """Write the next version, or look what it would do."""
    return _save(key)


@bp.post("/<key>/try")
def try_text(key: str) -> ResponseReturnValue:
    """What the newest version makes of a text; nothing is kept."""
    version = _newest(key)
    given = parse(form(), text=text(longest=LONGEST_TRY))
    result = view.tried(key, content_of(version), given["text"])
    if is_fragment():
        return render_template("charter/rulebook/_tried.html", tried=result)
    return _rule_page(key, tried=result)


@bp.post("/<key>/moves")
def move(key: str) -> ResponseReturnValue:
    """Take a version one step further; a refusal says what is missing."""
    given = parse(
        form(),
        version=whole(),
        name=choice(*_offered()),
        note=optional(text(longest=500), ""),
    )
    _rule, version = queries.get_version(actor(), key, given["version"])
    try:
        actions.move(actor(), version, given["name"], note=given["note"])
    except (Invalid, Conflict) as refusal:
        fields = getattr(refusal, "fields", {})
        return _rule_page(key, errors={"move": fields.get("move") or str(refusal)}), refusal.status
    return redirect(f"/charter/rules/{key}?done=saved", code=303)


@bp.get("/<key>/versions/<int:number>")
def version(key: str, number: int) -> ResponseReturnValue:
    """A version as it was written, and what it changed."""
    rule, found = queries.get_version(actor(), key, number)
    spaces = view.known_spaces(actor())
    before = next((v for v in queries.versions_of(rule) if v.number < number), None)
    return render_template(
        "charter/rulebook/version.html",
        key=key,
        number=number,
        state=view.state(found.state),
        at=found.created_at,
        note=found.note,
        before=before.number if before else None,
        sentence=words.sentence(found, spaces),
        changes=words.differences(before, found, spaces) if before else [],
        parts=words.parts(found, spaces),
    )


@bp.post("/<key>/versions/<int:number>/remarks")
def remark(key: str, number: int) -> ResponseReturnValue:
    """Say something of a version that doesn't count yet, or answer."""
    _rule, found = queries.get_version(actor(), key, number)
    try:
        given = parse(form(), body=text(longest=4000), parent_id=optional(whole()))
        remarking.remark(actor(), found, body=given["body"], parent_id=given["parent_id"])
    except Invalid as refusal:
        return _rule_page(key, errors=refusal.fields), refusal.status
    return redirect(f"/charter/rules/{key}?done=saved#remarks-{number}", code=303)


@bp.post("/<key>/versions/<int:number>/remarks/<int:remark_id>/resolution")
def resolve(key: str, number: int, remark_id: int) -> ResponseReturnValue:
    """A thread is dealt with, or not after all."""
    _rule, found = queries.get_version(actor(), key, number)
    given = parse(form(), done=choice("0", "1"))
    thread = queries.get_remark(actor(), found, remark_id)
    remarking.resolve(actor(), found, thread, done=given["done"] == "1")
    return redirect(f"/charter/rules/{key}?done=saved#remarks-{number}", code=303)


@bp.post("/<key>/exemptions")
def exempt(key: str) -> ResponseReturnValue:
    """Exempt a role, a person or a space until a day."""
    rule = queries.get_rule(actor(), key)
    try:
        given = parse(
            form(),
            role=optional(choice(*kinds.ROLES)),
            login=optional(text(longest=64, lines=False)),
            space_id=optional(whole()),
            until=day(),
            reason=text(longest=300, lines=False),
        )
        person = by_login(given["login"]) if given["login"] else None
        if given["login"] and person is None:
            raise Invalid(fields={"login": _("Nobody signs in with this.")})
        if given["space_id"] and str(given["space_id"]) not in view.known_spaces(actor()):
            raise Invalid(fields={"space_id": _("Choose one of the values offered.")})
        actions.exempt(
            actor(),
            rule.key,
            role=given["role"],
            person_id=person.id if person else None,
            space_id=given["space_id"],
            until=datetime.combine(given["until"] + timedelta(days=1), time(), UTC),
            reason=given["reason"],
        )
    except Invalid as refusal:
        return _rule_page(key, errors=refusal.fields, typed=form()), refusal.status
    return redirect(f"/charter/rules/{key}?done=saved#exemptions", code=303)


@bp.post("/<key>/exemptions/<int:exemption_id>/end")
def end_exemption(key: str, exemption_id: int) -> ResponseReturnValue:
    """The rule acts again for them."""
    actions.end_exemption(actor(), queries.get_exemption(actor(), exemption_id))
    return redirect(f"/charter/rules/{key}?done=saved#exemptions", code=303)


@bp.post("/<key>/cases/<int:case_id>/<any(example,removal):what>")
def answer_case(key: str, case_id: int, what: str) -> ResponseReturnValue:
    """Take what an appeal showed into the examples of a next version, or leave it."""
    case = queries.get_case(actor(), key, case_id)
    (cases.take if what == "example" else cases.drop)(actor(), case)
    return redirect(f"/charter/rules/{key}?done=saved", code=303)


def _save(key: str | None) -> ResponseReturnValue:
    _writer()
    given = form()
    rule = queries.get_rule(actor(), key) if key else None
    base = _newest(key) if key else None
    given = {**given, "key": key} if key else given
    if base:
        given = {**given, "spaces": [*many(given, "spaces"), *view.spaces_unknown_to(actor(), base)]}
    known = dict(base.params) if base and base.kind == given.get("kind") else {}
    try:
        if given.get("act") == "try":
            unnamed = {**given, "key": given.get("key") or "rule"}
            return _editor_result(Written.read(unnamed, base=known), given, rule)
        written = Written.read(given, base=known)
        actions.propose(actor(), written.key, written.content, written.examples, note=written.note)
    except Invalid as refusal:
        return _editor_again(given, known, refusal, rule), refusal.status
    return redirect(f"/charter/rules/{written.key}?done=saved", code=303)


def _editor_result(written: Written, given: dict[str, Any], rule: Any) -> ResponseReturnValue:
    result = view.tried(written.key, written.content, str(given.get("try_text", ""))[:LONGEST_TRY])
    if is_fragment():
        forms = view.forms_of(written.content.params)
        return render_template("charter/rulebook/_preview.html", tried=result, forms=forms)
    key = str(given.get("key", ""))
    return _editor(key, written.content, written.examples, rule=rule, tried=result, note=written.note)


def _editor_again(given: dict[str, Any], known: dict[str, Any], refusal: Invalid, rule: Any) -> str:
    """The form with what was typed; what could be read is shown as read."""
    kind = given.get("kind") if given.get("kind") in kinds.KINDS else "phrases"
    try:
        written = Written.read({**given, "key": given.get("key") or "-"}, base=known)
        content, examples = written.content, written.examples
    except Invalid:
        words_: dict[str, Any] = {
            name: str(given.get(name, "")) for name in ("action", "clause", "message_fr", "message_en")
        }
        content = Content(kind=str(kind), params=known, **words_)
        examples = Examples(*(tuple(str(given.get(n, "")).splitlines()) for n in ("allowed", "forbidden")))
    key = str(given.get("key", ""))
    return _editor(key, content, examples, rule=rule, errors=refusal.fields, given=given)


def _editor(
    key: str,
    content: Content,
    examples: Examples,
    *,
    rule: Any = None,
    errors: dict[str, str] | None = None,
    tried: dict[str, Any] | None = None,
    given: dict[str, Any] | None = None,
    note: str = "",
) -> str:
    return render_template(
        "charter/rulebook/edit.html",
        rule=view.editor(actor(), key, content, examples, rule=rule, note=note, given=given),
        errors=errors or {},
        tried=tried,
    )


def _rule_page(key: str, **more: Any) -> str:
    rule = queries.get_rule(actor(), key)
    told: dict[str, Any] = {"errors": {}, "tried": None, "typed": {}, **more}
    return render_template(
        "charter/rulebook/rule.html",
        rule=view.rule_page(actor(), rule),
        spaces=list(view.known_spaces(actor()).items())[: view.MOST_SPACES],
        roles=[(name, str(words_)) for name, words_ in kinds.ROLES.items()],
        months=(1, 3, 6, 12),
        **told,
    )


def _newest(key: str) -> RuleVersion:
    found = queries.versions_of(queries.get_rule(actor(), key))
    if not found:
        raise NotFound
    return found[0]


def _writer() -> None:
    queries.rules(actor())  # hidden from whom it doesn't concern
    require(policy.can_write_rules(actor()))


def _states(line: dict[str, Any]) -> set[str]:
    return {line["state"]["key"], *([line["coming"]["state"]["key"]] if line["coming"] else [])}


def _offered() -> list[str]:
    return [name for name in kinds.MOVES if name != "written"]
