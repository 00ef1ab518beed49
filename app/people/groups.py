"""Groups of the company's directory: what they give, and to whom.

Whoever speaks with a directory (OpenID Connect, LDAP, SCIM) says here which groups a person is in; admins say
which role or space a group stands for. Both are brought together in the transaction that changes either, and
only what came from a group is taken back with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from app.kernel import audit, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.inputs import clean
from app.kernel.policy import require
from app.people.actions import set_roles
from app.people.actor import Actor
from app.people.events import GroupsApplied
from app.people.models import EMPLOYEE, ROLES, GrantedRole, GroupGrant, KnownGroup, Person
from app.people.policy import can_manage_people

LONGEST_NAME = 255
MOST_GROUPS = 1_000
MOST_GRANTS = 500


@dataclass(frozen=True)
class Known:
    """A group that a directory named, and how many people are in it."""

    name: str
    people: int


@action
def apply_groups(person_id: int, names: Iterable[str], source: str) -> None:
    """Take over which groups this person is in, as `source` ("oidc", "ldap", "scim") says; roles and spaces
    follow. Names are compared without regard to capitals; what other sources said stays.
    """
    apply_to_many({person_id: names}, source)


@action
def apply_to_many(said: Mapping[int, Iterable[str]], source: str) -> None:
    """The same for several people at once."""
    people = _locked(said)
    for person in people:
        _note(person.id, said[person.id], source)
    _follow(people)


@action
def grant(
    actor: Actor | None, *, name: str, role: str | None = None, space_id: int | None = None
) -> GroupGrant:
    """From now on a group stands for a role, or for a place in a space. Saying so twice changes nothing.

    Invalid for neither or both, or for a role that isn't one.
    """
    require(actor is None or can_manage_people(actor))
    name = clean(name, lines=False)[:LONGEST_NAME]
    _check(name, role, space_id)
    same = select(GroupGrant).where(
        GroupGrant.key == key_of(name), GroupGrant.role.is_not_distinct_from(role)
    )
    found = db.session.scalar(same.where(GroupGrant.space_id.is_not_distinct_from(space_id)))
    if found is not None:
        return found
    by_id = actor.id if actor else None
    made = GroupGrant(name=name, key=key_of(name), role=role, space_id=space_id, made_by_id=by_id)
    db.session.add(made)
    db.session.flush()
    audit.record("group.granted", by_id, f"group:{made.id}", group=name, role=role, space=space_id)
    _follow(_locked(_people_in(made.key)))
    return made


@action
def withdraw(actor: Actor | None, grant_id: int) -> None:
    """A group doesn't stand for this any more: who had it for that reason only loses it. NotFound."""
    require(actor is None or can_manage_people(actor))
    gone = db.session.get(GroupGrant, grant_id)
    if gone is None:
        raise NotFound
    db.session.delete(gone)
    db.session.flush()
    what = {"group": gone.name, "role": gone.role, "space": gone.space_id}
    audit.record("group.withdrawn", actor.id if actor else None, f"group:{gone.id}", **what)
    _follow(_locked(_people_in(gone.key)))


def key_of(name: str) -> str:
    """A group's name as it is compared."""
    return " ".join(clean(name, lines=False).casefold().split())[:LONGEST_NAME]


def grants() -> Sequence[GroupGrant]:
    """What groups stand for, by name."""
    return db.session.scalars(select(GroupGrant).order_by(GroupGrant.key, GroupGrant.id)).all()


def known_groups(limit: int = MOST_GRANTS) -> list[Known]:
    """The groups that directories named, those with most people first."""
    people = func.count(KnownGroup.person_id.distinct())
    rows = select(func.min(KnownGroup.name), people).group_by(KnownGroup.key)
    return [
        Known(name, count) for name, count in db.session.execute(rows.order_by(people.desc()).limit(limit))
    ]


def roles_held(person_id: int) -> set[str]:
    """Roles that a person has because of a group."""
    return set(db.session.scalars(select(GrantedRole.role).where(GrantedRole.person_id == person_id)))


def spaces_given(person_ids: Collection[int]) -> set[tuple[int, int]]:
    """(person, space) for each place that their groups give these people; partners get none this way."""
    rows = (
        select(KnownGroup.person_id, GroupGrant.space_id)
        .join(GroupGrant, GroupGrant.key == KnownGroup.key)
        .join(Person, Person.id == KnownGroup.person_id)
        .where(KnownGroup.person_id.in_(person_ids), GroupGrant.space_id.is_not(None))
        .where(Person.segment == EMPLOYEE)
    )
    return {(person_id, space_id) for person_id, space_id in db.session.execute(rows) if space_id is not None}


def _locked(person_ids: Iterable[int]) -> Sequence[Person]:
    """These people as they are now, kept from other writers until the end, always in the same order."""
    rows = select(Person).where(Person.id.in_(list(person_ids))).order_by(Person.id)
    return db.session.scalars(
        rows.with_for_update(key_share=True).execution_options(populate_existing=True)
    ).all()


def _note(person_id: int, names: Iterable[str], source: str) -> None:
    said = {key_of(name): clean(name, lines=False)[:LONGEST_NAME] for name in names}
    said.pop("", None)
    if len(said) > MOST_GROUPS:
        said = {key: said[key] for key in sorted(said)[:MOST_GROUPS]}
    mine = (KnownGroup.person_id == person_id, KnownGroup.source == source)
    known = set(db.session.scalars(select(KnownGroup.key).where(*mine)))
    if gone := known - set(said):
        db.session.execute(delete(KnownGroup).where(*mine, KnownGroup.key.in_(gone)))
    new = [
        {"person_id": person_id, "source": source, "key": key, "name": said[key]}
        for key in sorted(set(said) - known)
    ]
    store.add_missing(KnownGroup, new)


def _follow(people: Sequence[Person]) -> None:
    """Roles first; spaces hear of it."""
    if not people:
        return
    numbers = [person.id for person in people]
    wanted, held = _roles_given(numbers), _roles_kept(numbers)
    for person in people:
        if wanted[person.id] != held[person.id] and person.segment == EMPLOYEE:
            _follow_roles(person, wanted[person.id], held[person.id])
    announce(GroupsApplied(person_ids=tuple(numbers)))


def _follow_roles(person: Person, wanted: set[str], held: set[str]) -> None:
    before = set(person.roles)
    given, taken = wanted - held - before, held - wanted
    after = (before - taken) | given
    if after != before and not _may_have(person, after):
        taken.discard("admin")
    mine = delete(GrantedRole).where(GrantedRole.person_id == person.id)
    db.session.execute(mine.where(GrantedRole.role.in_(taken)))
    db.session.add_all([GrantedRole(person_id=person.id, role=role) for role in given])
    db.session.flush()


def _may_have(person: Person, roles: set[str]) -> bool:
    """Give these roles. False for the last admin, who stays one, whatever a directory says."""
    try:
        set_roles(None, person, sorted(roles))
    except Conflict:
        audit.record("identity.role_kept", None, f"person:{person.id}")
        if roles | {"admin"} != set(person.roles):
            set_roles(None, person, sorted(roles | {"admin"}))
        return False
    return True


def _roles_given(numbers: Collection[int]) -> dict[int, set[str]]:
    rows = select(KnownGroup.person_id, GroupGrant.role).join(GroupGrant, GroupGrant.key == KnownGroup.key)
    rows = rows.where(KnownGroup.person_id.in_(numbers), GroupGrant.role.is_not(None))
    return _gathered(db.session.execute(rows).all())


def _roles_kept(numbers: Collection[int]) -> dict[int, set[str]]:
    rows = select(GrantedRole.person_id, GrantedRole.role).where(GrantedRole.person_id.in_(numbers))
    return _gathered(db.session.execute(rows).all())


def _gathered(pairs: Iterable[Any]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for person_id, role in pairs:
        found[person_id].add(role)
    return found


def _people_in(key: str) -> list[int]:
    return list(db.session.scalars(select(KnownGroup.person_id).distinct().where(KnownGroup.key == key)))


def _check(name: str, role: str | None, space_id: int | None) -> None:
    problems = {}
    if not key_of(name):
        problems["name"] = _("Write something here.")
    if (role is None) == (space_id is None):
        problems["role"] = _("Choose a role or a space, one of them.")
    elif role is not None and role not in ROLES:
        problems["role"] = _("Choose one of the values offered.")
    if (db.session.scalar(select(func.count()).select_from(GroupGrant)) or 0) >= MOST_GRANTS:
        problems["name"] = _("That is too many: at most %(most)d.", most=MOST_GRANTS)
    if problems:
        raise Invalid(fields=problems)
