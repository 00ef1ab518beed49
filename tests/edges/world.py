"""A company with one of everything, and one request for each way to change something in it."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from app.auth import actions as auth
from app.auth.models import ApiToken, Session
from app.auth.scim import actions as provisioning
from app.auth.scim.queries import standing_keys
from app.files import actions as files
from app.kernel.db import db
from app.moderation import actions as moderation
from app.moderation.models import ReviewItem
from app.notifications.models import Notification
from app.people import groups
from app.people.actor import Actor
from app.posts import actions as posts
from app.spaces import actions as spaces
from app.spaces.models import MODERATOR
from tests.make import (
    PASSWORD,
    accept,
    actor,
    make_comment,
    make_mixing_rule,
    make_organisation,
    make_person,
    make_post,
    make_space,
    person_of,
)

MIXED = "Acme asked whether Bolt could deliver earlier."
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
MISSING_FILE = "A" * 22


@dataclass(frozen=True)
class Request:
    """One way to change something: who may, where and with what; what of it is hidden from others."""

    who: Actor
    path: dict[str, Any] = field(default_factory=dict)
    form: dict[str, Any] | None = None
    json: dict[str, Any] | None = None
    hidden: dict[str, Any] = field(default_factory=dict)
    stranger: Actor | None = None


# What is granted is shown in the tests of these, whose steps depend on one another; refusals are shown here.
ELSEWHERE = (
    "charter_document.",
    "charter_learning.",
    "me.factors.",
    "auth.check_code",
    "auth.check_passkey",
    "auth.signed_out_elsewhere",
    "auth.reset",
    "auth.stepup.",
    "accounts.",
    "admin.screens.invitations.",
    "admin.screens.people_import.",
    "admin.screens.people.change_stay",
    "admin.screens.people.reset_factors",
    "admin.screens.gate_rules.",
    "admin.screens.gate.settle",
    "api.gate.settle",
    "api.signs.urgency",
    "me.keep_quiet",
    "notifications.declare_urgent",
    "posts.split",
    "admin.screens.ldap.",
    "admin.screens.organisations.prepare_import",
    "admin.screens.organisations.apply_import",
    "admin.screens.organisations.merge",
    "scim.",  # for a directory with its key
    "moderation.acts.",
    "moderation.appealing.",
    "moderation.keeping.",
    "playbooks.",
    "api.cases.",
    "api.casework.",
    "rulebook.",
    "watch.",
    "admin.screens.hours.",
    "duty.",
    "trials.",
    "relevance.",
    "labelling.",
)


def is_shown_elsewhere(endpoint: str) -> bool:
    """The table has no granted request for it."""
    return endpoint.startswith(ELSEWHERE)


def unprepared(c: SimpleNamespace, endpoint: str, rule: Any) -> Request:
    """A request of an admin to an endpoint shown elsewhere."""
    known = {"number": 1, "key": "k1", "person_id": c.bo.id}
    path = {name: known.get(name) or somewhere(rule, name) for name in rule.arguments}
    stranger = c.eve if endpoint.startswith("admin.") else None
    return Request(c.root, path, form={"body": "x", "title": "x"}, stranger=stranger)


def somewhere(rule: Any, name: str) -> Any:
    """A value that this part of an address takes: one of those it names, else a number that leads nowhere."""
    named = getattr(rule._converters.get(name), "items", None)
    return min(named) if named else 404404


def rules(app: Any, *methods: str) -> list[tuple[str, str, Any]]:
    """Every (endpoint, method, rule) of the product with one of these methods."""
    return [
        (rule.endpoint, method, rule)
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
        for method in methods
        if method in rule.methods
    ]


def address(rule: Any, path: dict[str, Any]) -> str:
    """The path of a rule with these values in it."""
    _domain, built = rule.build(path, append_unknown=False)
    return built


def make_company() -> SimpleNamespace:
    """Spaces of every kind with something in each; ana writes, bo reads, eve belongs nowhere."""
    acme, bolt = make_organisation("Acme", "client"), make_organisation("Bolt", "supplier")
    ana, bo = make_person("ana", password=True), make_person("bo")
    eve, mod = make_person("eve"), make_person("mod", roles=["senior_moderator"])
    root = make_person("root", roles=["admin"])
    cli = make_person("cli", segment="client", organisation_id=acme.id)
    sup = make_person("sup", segment="supplier", organisation_id=bolt.id)
    make_mixing_rule()
    accept(ana, bo, eve, mod, root, cli, sup)
    c = SimpleNamespace(acme=acme, bolt=bolt, ana=ana, bo=bo, eve=eve, mod=mod, root=root, cli=cli, sup=sup)
    c.open = make_space(ana, bo, name="Open")
    c.secret = make_space(ana, bo, name="Secret", visibility="secret")
    c.client = make_space(
        ana, cli, name="With Acme", kind="client", organisation_id=acme.id, visibility="closed"
    )
    c.supplier = make_space(
        bo, sup, name="With Bolt", kind="supplier", organisation_id=bolt.id, visibility="closed"
    )
    _fill(c)
    return c


def _fill(c: SimpleNamespace) -> None:
    c.post = make_post(c.ana, c.open, "Hello #welding")
    c.comment = make_comment(c.bo, c.post, "Yes")
    c.held = make_post(c.ana, c.open, MIXED)
    c.item = db.session.scalar(select(ReviewItem).where(ReviewItem.entry_id == c.held.id))
    c.private = make_post(c.ana, c.secret, "Between us")
    c.private_comment = make_comment(c.bo, c.private, "Yes")
    c.report = moderation.report(c.bo, make_post(c.ana, c.secret, "Reported"), clause="4.1")
    c.private_item = db.session.get(ReviewItem, c.report.item_id)
    c.loose = files.upload(c.ana, io.BytesIO(b"loose"), "loose.txt")
    c.kept = files.upload(c.ana, io.BytesIO(b"kept"), "kept.txt")
    make_post(c.ana, c.secret, "With a file", attachments=[c.kept.id])
    posts.save_draft(c.ana, "post", {"body": "a draft of mine"})
    auth.make_token(c.ana, c.ana.id, name="mine")
    auth.open_session(c.ana, login="ana", address="127.0.0.1", device="mine")
    c.token = db.session.scalar(select(ApiToken).where(ApiToken.person_id == c.ana.id))
    c.session = db.session.scalar(select(Session).where(Session.person_id == c.ana.id))
    spaces.join(c.eve, c.client)
    c.told = db.session.scalar(select(Notification).where(Notification.person_id == c.ana.id))
    provisioning.make_key(None, name="theirs")
    c.key = standing_keys()[0]
    c.grant = groups.grant(None, name="Auditors", role="auditor")
    c.unused = make_organisation("Unused", "client")
    c.other_mod = make_person("other_mod")
    spaces.add_member(None, c.open, person_of(c.other_mod), role=MODERATOR)
    c.other_mod = actor(c.other_mod.id)


def requests(c: SimpleNamespace) -> dict[tuple[str, str], Request]:
    """A request that is granted, for every endpoint that changes something."""
    return {**_entries(c), **_places(c), **_moderation(c), **_own(c), **_admin(c), **_api(c)}


def _entries(c: SimpleNamespace) -> dict[tuple[str, str], Request]:
    mine, hidden = {"kind": "posts", "entry_id": c.post.id}, {"entry_id": c.private.id}
    text = {"body": "Another text"}
    post = {"post_id": c.post.id}
    hidden_post, hidden_comment = {"post_id": c.private.id}, {"comment_id": c.private_comment.id}
    report = {"clause": "4.1", "comment": "Look"}
    made: dict[str, Request] = {
        "posts.create": Request(c.ana, form={"space_id": c.open.id, "body": "New"}),
        "posts.preview": Request(c.ana, form={"body": "*new*"}),
        "posts.comment": Request(c.bo, post, form={"body": "Me too"}, hidden=hidden_post),
        "posts.edit": Request(c.ana, mine, form={**text, "version": _version(c.post)}, hidden=hidden),
        "posts.delete": Request(c.ana, mine, form={}, hidden=hidden),
        "posts.react": Request(c.bo, mine, form={"name": "like"}, hidden=hidden),
        "posts.mark": Request(c.ana, {"entry_id": c.post.id, "what": "pin"}, form={}, hidden=hidden),
        "moderation.reports.create_post_report": Request(c.bo, post, form=report, hidden=hidden_post),
        "moderation.reports.send_post_report": Request(c.bo, post, form=report, hidden=hidden_post),
        "moderation.reports.create_comment_report": Request(
            c.ana, {"comment_id": c.comment.id}, form=report, hidden=hidden_comment
        ),
        "moderation.reports.send_comment_report": Request(
            c.ana, {"comment_id": c.comment.id}, form=report, hidden=hidden_comment
        ),
        "files.create": Request(c.ana, form={"file": ("words.txt", b"words")}),
    }
    drafts = {
        ("posts.save_draft", "PUT"): Request(c.ana, {"place": "post"}, json={"body": "later"}),
        ("posts.drop_draft", "DELETE"): Request(c.ana, {"place": "post"}),
        ("files.delete", "DELETE"): Request(c.ana, {"file_id": c.loose.id}, hidden={"file_id": c.loose.id}),
    }
    return {**{(name, "POST"): one for name, one in made.items()}, **drafts}


def _places(c: SimpleNamespace) -> dict[tuple[str, str], Request]:
    here, hidden = {"space_id": c.open.id}, {"space_id": c.secret.id}
    made = {
        "spaces.create": Request(
            c.ana, form={"name": "New", "about": "", "kind": "internal", "access": "open"}
        ),
        "spaces.edit": Request(
            c.ana, here, form={"name": "Other", "about": "", "access": "open"}, hidden=hidden
        ),
        "spaces.add_members": Request(c.ana, here, form={"people": "eve"}, hidden=hidden),
        "spaces.change_member": Request(
            c.ana, {**here, "person_id": c.bo.id}, form={"role": "moderator"}, hidden=hidden
        ),
        "spaces.membership": Request(c.eve, here, form={}, hidden=hidden),
        "spaces.answer": Request(
            c.ana, {"space_id": c.client.id, "person_id": c.eve.id}, form={"answer": "accept"}, hidden=hidden
        ),
    }
    return {(name, "POST"): one for name, one in made.items()}


def _moderation(c: SimpleNamespace) -> dict[tuple[str, str], Request]:
    where, hidden = {"item_id": c.item.id}, {"item_id": c.private_item.id}
    ruling = {"outcome": "release", "clause": "4.2", "reason": "Agreed", "version": c.item.version}
    made = {
        "moderation.claim": {},
        "moderation.renew": {},
        "moderation.unclaim": {},
        "moderation.let_go": {},
        "moderation.decide": ruling,
        "moderation.decide_one": ruling,
        "moderation.reveal": {"why": "To call them"},
    }
    asked = {(n, "POST"): Request(c.mod, where, form=f, hidden=hidden) for n, f in made.items()}
    return {**asked, ("moderation.take_next", "POST"): Request(c.mod, form={}, stranger=c.eve)}


def _own(c: SimpleNamespace) -> dict[tuple[str, str], Request]:
    profile = {
        "title": "Welder",
        "about": "",
        "skills": "",
        "locale": "fr",
        "theme": "auto",
        "time_zone": "Europe/Paris",
    }
    new = "a much longer passphrase"
    made = {
        "auth.create_session": Request(c.ana, form={"login": "ana", "password": PASSWORD}),
        "auth.end_session": Request(c.ana, form={}),
        "me.save": Request(c.ana, form=profile),
        "me.end_session": Request(
            c.ana, {"session_id": c.session.id}, form={}, hidden={"session_id": c.session.id}
        ),
        "me.end_other_sessions": Request(c.ana, form={}),
        "me.create_token": Request(c.ana, form={"name": "script", "days": "30"}),
        "me.revoke_token": Request(c.ana, {"token_id": c.token.id}, form={}, hidden={"token_id": c.token.id}),
        "me.change_password": Request(c.ana, form={"current": PASSWORD, "new": new, "again": new}),
        "me.discard_draft": Request(c.ana, form={"place": "post"}),
        "notifications.read": Request(c.ana, form={"id": c.told.id}),
        "charter.accept": Request(c.ana, form={"version": 1, "accept": "1"}),
    }
    return {(name, "POST"): one for name, one in made.items()}


def _admin(c: SimpleNamespace) -> dict[tuple[str, str], Request]:
    bo, firm = {"person_id": c.bo.id}, {"organisation_id": c.unused.id}
    account = {"name": "Bo", "email": "", "title": "", "site": "", "team": "", "manager": "", "version": 1}
    person = {"login": "new", "name": "New", "email": "", "segment": "employee", "organisation": ""}
    company = {
        "name": "Works",
        "accent": "#225588",
        "domain": "",
        "time_zone": "Europe/Paris",
        "partners": "1",
    }
    made: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "audit.verify": ({}, {}),
        "save_company": ({}, company),
        "gate.change": ({}, {"networks": "127.0.0.0/8 here\n10.0.0.0/8 works"}),
        "gate.reset": ({}, {}),
        "organisations.add": ({}, {"name": "Delta", "is_client": "1"}),
        "organisations.change": (firm, {"name": "Unused again", "is_client": "1"}),
        "organisations.delete": (firm, {}),
        "directory.make_key": ({}, {"name": "Directory", "days": "90"}),
        "directory.revoke_key": ({"key_id": c.key.id}, {}),
        "directory.grant": ({}, {"group": "Welders", "gives": "role:auditor"}),
        "directory.withdraw": ({"grant_id": c.grant.id}, {}),
        "people.add": ({}, person),
        "people.change": (bo, account),
        "people.deactivate": (bo, {}),
        "people.reactivate": (bo, {}),
        "people.reset_password": (bo, {}),
        "people.make_reset_link": (bo, {}),
        "people.end_sessions": (bo, {}),
        "sessions.end": ({"session_id": c.session.id}, {}),
    }
    return {
        (f"admin.screens.{name}", "POST"): Request(c.root, path, form=form, stranger=c.eve)
        for name, (path, form) in made.items()
    }


def _api(c: SimpleNamespace) -> dict[tuple[str, str], Request]:
    post, comment = {"post_id": c.post.id}, {"comment_id": c.comment.id}
    space, item = {"space_id": c.open.id}, {"item_id": c.item.id}
    hidden = {
        "post_id": c.private.id,
        "comment_id": c.private_comment.id,
        "space_id": c.secret.id,
        "item_id": c.private_item.id,
    }
    report = {"clause": "4.1", "comment": "Look"}
    ruling = {"outcome": "release", "clause": "4.2", "reason": "Agreed", "version": c.item.version}
    rules_ = {"rules": [{"network": "127.0.0.0/8", "name": "here"}]}
    member = {**space, "person_id": c.eve.id}

    def ask(
        who: Actor, path: dict[str, Any] | None = None, json: Any = None, stranger: Any = None
    ) -> Request:
        path = path or {}
        return Request(
            who, path, json=json, hidden={k: v for k, v in hidden.items() if k in path}, stranger=stranger
        )

    made = {
        ("charter.accept", "POST"): ask(c.ana, json={"version": 1}),
        ("charter.evaluate", "POST"): ask(c.ana, json={"body": "Fine", "space_id": c.open.id}),
        ("spaces.create", "POST"): ask(c.ana, json={"name": "New"}),
        ("spaces.change", "PATCH"): ask(c.ana, space, {"name": "Other"}),
        ("members.put", "PUT"): ask(c.ana, member, {"role": "member"}),
        ("members.delete", "DELETE"): ask(c.ana, {**space, "person_id": c.bo.id}),
        ("members.join", "PUT"): ask(c.eve, space),
        ("members.leave", "DELETE"): ask(c.bo, space),
        ("posts.create", "POST"): ask(c.ana, space, {"body": "New"}),
        ("posts.change", "PATCH"): ask(c.ana, post, {"body": "Another text"}),
        ("posts.delete", "DELETE"): ask(c.ana, post),
        ("comments.create", "POST"): ask(c.bo, post, {"body": "Me too"}),
        ("comments.change", "PATCH"): ask(c.bo, comment, {"body": "Another"}),
        ("comments.delete", "DELETE"): ask(c.bo, comment),
        ("reports.of_post", "POST"): ask(c.bo, post, report),
        ("reports.of_comment", "POST"): ask(c.ana, comment, report),
        ("files.create", "POST"): Request(c.ana, form={"file": ("words.txt", b"words")}),
        ("notifications.read", "PUT"): ask(c.ana, json={"id": c.told.id}),
        ("moderation.claim", "POST"): ask(c.mod, item),
        ("moderation.let_go", "DELETE"): ask(c.mod, item),
        ("moderation.decide", "POST"): ask(c.mod, item, ruling),
        ("gate.replace", "PUT"): ask(c.root, json=rules_, stranger=c.eve),
        ("gate.simulate", "POST"): ask(c.root, json={"address": "10.1.2.3"}, stranger=c.eve),
    }
    for name in ("pin", "bookmark", "follow", "acknowledge"):
        for method in ("PUT", "DELETE"):
            made[f"signs.{name}", method] = ask(c.ana, post)
    for method in ("PUT", "DELETE"):
        made["signs.react_to_post", method] = ask(c.bo, {**post, "name": "like"})
        made["signs.react_to_comment", method] = ask(c.ana, {**comment, "name": "like"})
    return {(f"api.{name}", method): one for (name, method), one in made.items()}


def _version(entry: Any) -> int:
    db.session.refresh(entry, ["version"])
    return entry.version
