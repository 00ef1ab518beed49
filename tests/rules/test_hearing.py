"""Of every live update, who hears it and, above all, who must not: exactly these people, nobody else.

Each name has one act and one audience, asked in an open, a secret and a partner's space, of the sockets and
of what is caught up afterwards.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app import wiring
from app.auth import actions as auth
from app.kernel.action import action
from app.kernel.db import db
from app.playbooks import actions as playbooks
from app.playbooks import editing, shipping
from app.playbooks.models import Playbook
from app.posts import actions as posts
from app.posts.inputs import Written
from app.posts.models import Entry
from app.spaces import actions as spaces
from app.spaces.models import MODERATOR
from tests.make import (
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
OPEN, SECRET, CLIENT = "open", "secret", "client"
PASSING = {"typing", "session.ended"}  # told to who is there, and kept nowhere

MEMBERS = {
    OPEN: {"ana", "bo", "keeper"},
    SECRET: {"ana", "bo", "keeper"},
    CLIENT: {"ana", "bo", "keeper", "cli"},
}
EMPLOYEES = {"ana", "bo", "keeper", "eve", "gone", "mod", "senior", "root"}
READERS = {OPEN: EMPLOYEES, SECRET: MEMBERS[SECRET], CLIENT: MEMBERS[CLIENT]}
REVIEWERS = {
    OPEN: {"keeper", "mod", "senior"},
    SECRET: {"keeper", "senior"},
    CLIENT: {"keeper", "mod", "senior"},
}


def _company():
    """Ana and bo belong, keeper moderates; gone did belong; the partners are of three organisations."""
    acme, bolt = make_organisation("Acme", "client"), make_organisation("Bolt", "supplier")
    other = make_organisation("Other", "client")
    people = {name: make_person(name) for name in ("ana", "bo", "keeper", "eve", "gone")}
    people |= {"mod": make_person("mod", roles=["moderator"]), "root": make_person("root", roles=["admin"])}
    people["senior"] = make_person("senior", roles=["senior_moderator"])
    for name, firm in (("cli", acme), ("cli2", acme), ("other", other)):
        people[name] = make_person(name, segment="client", organisation_id=firm.id)
    people["sup"] = make_person("sup", segment="supplier", organisation_id=bolt.id)
    make_mixing_rule()
    accept(*people.values())
    places = {
        OPEN: make_space(*_some(people, "ana", "bo", "gone")),
        SECRET: make_space(*_some(people, "ana", "bo", "gone"), visibility="secret"),
        CLIENT: make_space(*_some(people, "ana", "bo", "gone", "cli"), kind="client", organisation_id=acme.id,
                           visibility="closed"),
    }  # fmt: skip
    for place in places.values():
        spaces.add_member(None, place, person_of(people["keeper"]), role=MODERATOR)
    return SimpleNamespace(**{n: actor(p.id) for n, p in people.items()}, people=people, places=places)


def _some(people, *names):
    return [people[name] for name in names]


def _post(c, place):
    return make_post(c.ana, place, "Hello")


def _comment(c, place):
    return make_comment(c.ana, make_post(c.bo, place, "Hello"), "Yes")


def _waits(c, place):
    return make_post(c.ana, place, MIXED)


def _rename(c, place, _entry):
    spaces.change_space(
        c.ana, place, name=f"New {place.id}", about="", visibility=place.visibility, joins_freely=True
    )


def _name_bo(c, place, _entry):
    make_post(c.ana, place, "Hello @bo")


def _entrusted_to_bo(c):
    """A restricted case: not even those who set it going, or look after everything else, hear of it."""
    shipping.install()
    plan = db.session.scalars(select(Playbook).where(Playbook.key == "whistleblowing")).one()
    editing.entrust(c.root, plan, "bo")
    playbooks.start(c.mod, plan)


def _everywhere(audience):
    return dict.fromkeys((OPEN, SECRET, CLIENT), audience)


# name: (what is there before, the act, who hears of it)
CASES = {
    "post.created": (None, lambda c, place, _e: make_post(c.ana, place, "Hello"), READERS),
    "post.changed": (_post, lambda c, _p, e: posts.edit(c.ana, e, Written(body="Changed")), READERS),
    "post.removed": (_post, lambda c, _p, e: posts.take_back(c.ana, e), READERS),
    "comment.created": (_post, lambda c, _p, e: make_comment(c.bo, e, "Yes"), READERS),
    "comment.changed": (_comment, lambda c, _p, e: posts.edit(c.ana, e, Written(body="No")), READERS),
    "comment.removed": (_comment, lambda c, _p, e: posts.take_back(c.ana, e), READERS),
    "reactions.changed": (_post, lambda c, _p, e: posts.react(c.bo, e, "like", on=True), READERS),
    "entry.state": (None, lambda c, place, _e: _waits(c, place), _everywhere({"ana"})),
    "queue.changed": (None, lambda c, place, _e: _waits(c, place), REVIEWERS),
    "case.changed": (None, lambda c, _p, _e: _entrusted_to_bo(c), _everywhere({"bo"})),
    "space.changed": (None, _rename, READERS),
    "notification.created": (None, _name_bo, _everywhere({"bo"})),
    "counters": (None, _name_bo, _everywhere({"bo"})),
}


def test_every_live_name_says_who_must_not_hear_it():
    """A new name has no place in the wiring before it has one here."""
    assert set(CASES) == set(wiring.MESSAGES)
    emitted = "\n".join(path.read_text() for path in (Path(wiring.__file__).parent / "kernel").glob("*.py"))
    assert set(re.findall(r'\.emit\("([a-z.]+)"', emitted)) == PASSING


@pytest.mark.parametrize("name", CASES)
def test_exactly_these_people_hear_it(name, listen, api):
    company = _company()
    before, act, audience = CASES[name]
    for kind, place in company.places.items():
        entry = _fresh(before(company, place)) if before else None
        begin = {login: api(who)("GET", "/changes")[1]["next"] for login, who in company.people.items()}
        ears = {login: listen(who) for login, who in company.people.items()}
        spaces.remove_member(company.ana, place, person_of(company.gone))
        act(company, place, entry)
        heard = {login for login, listener in ears.items() if name in listener.names()}
        assert heard == audience[kind], kind
        caught_up = {login for login in begin if name in _later(api(company.people[login]), begin[login])}
        assert caught_up == audience[kind], kind
        for listener in ears.values():
            listener.close()


def _fresh(entry):
    return db.session.get_one(Entry, entry.id)


def _later(client, since):
    status, page = client("GET", f"/changes?since={since}")
    assert status == 200
    return [item["name"] for item in page["items"]]


def test_exactly_these_people_see_who_writes(listen):
    company = _company()
    for kind, place in company.places.items():
        post = make_post(company.bo, place, "Hello")
        ears = {login: listen(who) for login, who in company.people.items()}
        spaces.remove_member(company.ana, place, person_of(company.gone))
        assert listen(company.gone).heard() == []  # everybody's rooms are right again
        assert ears["ana"].ask("typing", {"post_id": post.id}) == {"ok": True}
        heard = {login for login, listener in ears.items() if "typing" in listener.names()}
        assert heard == READERS[kind] - {"ana"}, kind
        for listener in ears.values():
            listener.close()


def test_only_who_is_cut_off_hears_of_it(listen):
    company = _company()
    ears = {login: listen(who) for login, who in company.people.items()}
    _cut(company.bo)
    said = {login: listener.names() for login, listener in ears.items()}
    assert {login for login, names in said.items() if "session.ended" in names} == {"bo"}


@action
def _cut(who):
    auth.end_all_sessions(None, who.id, why="cut_by_admin")
