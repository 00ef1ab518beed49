"""A company with the playbooks that come with the product, and somebody for each role."""

from __future__ import annotations

from types import SimpleNamespace

from sqlalchemy import select

from app.kernel.db import db
from app.moderation import actions as moderation
from app.people import actions as people
from app.playbooks import editing, queries, shipping
from app.playbooks.models import CaseStep, Playbook
from tests.make import accept, actor, make_person, make_post, make_space, person_of
from tests.moderation.world import item_of, make_world


def make_company(**space: object) -> SimpleNamespace:
    """Ana writes, bo reports, mo and max moderate, sen is senior, adm admin; cus keeps whistle-blowing."""
    world = make_world(**space)
    shipping.install()
    c = SimpleNamespace(world=world, ana=world.author, bo=world.colleague, mo=world.moderator,
                        max=world.other_moderator, space=world.space)  # fmt: skip
    roles = {"sen": "senior_moderator", "adm": "admin", "own": "charter_owner", "aud": "auditor",
             "rep": "staff_representative"}  # fmt: skip
    for login, role in roles.items():
        setattr(c, login, make_person(login, roles=[role]))
    c.cus, c.cus2, c.eve = make_person("cus"), make_person("cus2"), make_person("eve")
    accept(c.sen, c.adm, c.own, c.aud, c.rep, c.cus, c.cus2, c.eve)
    editing.entrust(c.adm, playbook("whistleblowing"), "cus cus2")
    return c


def everyone(c: SimpleNamespace) -> dict[str, object]:
    names = ("ana", "bo", "mo", "max", "sen", "adm", "own", "aud", "rep", "cus", "cus2", "eve")
    return {name: getattr(c, name) for name in names}


def playbook(key: str) -> Playbook:
    return db.session.scalars(select(Playbook).where(Playbook.key == key)).one()


def reported(c: SimpleNamespace, body: str = "Something to look at", clause: str = "5.1"):
    """An entry of ana's that bo reported, and its item."""
    entry = make_post(c.ana, c.space, body)
    moderation.report(c.bo, entry, clause=clause, comment="Look at this")
    return entry, item_of(entry)


def steps(case) -> list[CaseStep]:
    return list(queries.steps_of(case.id))


def give_boss(c: SimpleNamespace, who, boss):
    people.change_profile(who, person_of(who), manager_id=boss.id)
    return actor(who.id)


__all__ = [
    "everyone",
    "give_boss",
    "item_of",
    "make_company",
    "make_post",
    "make_space",
    "playbook",
    "reported",
    "steps",
]
