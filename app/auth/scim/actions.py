from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update

from app.auth.outside import free_login
from app.auth.queries import hash_of
from app.auth.scim import follow
from app.auth.scim.errors import taken, wrong
from app.auth.scim.models import ProvisioningKey, ScimEmail, ScimGroup, ScimMember, ScimPerson
from app.auth.scim.queries import group_names_of, groups, is_kept, people_of, standing_keys, write_down_used
from app.auth.scim.said import Said, SaidGroup
from app.kernel import audit, clock, store
from app.kernel.action import action
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound, PreconditionFailed
from app.kernel.policy import require
from app.people import actions as people
from app.people.actor import Actor
from app.people.groups import apply_to_many
from app.people.groups import key_of as group_key
from app.people.models import Person
from app.people.policy import can_manage_people

KEY_PREFIX = "pvd_"
MOST_KEYS = 10
MOST_MEMBERS = 10_000
PROVISIONING, SOURCE = "provisioning", "scim"
Versions = Collection[str] | None
P = ParamSpec("P")
R = TypeVar("R")


def _by_the_directory(intention: Callable[P, R]) -> Callable[P, R]:
    """What follows in the log was done by provisioning, not by a person."""

    @wraps(intention)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with audit.speaking(PROVISIONING):
            return intention(*args, **kwargs)

    return run


@action
def make_key(actor: Actor | None, *, name: str, days: int | None = None) -> str:
    """A key for the company's directory; its secret is answered this once and kept nowhere."""
    require(actor is None or can_manage_people(actor))
    if len(standing_keys()) >= MOST_KEYS:
        raise Invalid(fields={"name": _("That is too many: at most %(most)d.", most=MOST_KEYS)})
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    by_id = actor.id if actor else None
    ends = clock.now() + timedelta(days=days) if days else None
    made = ProvisioningKey(name=name, secret_hash=hash_of(secret), made_by_id=by_id, expires_at=ends)
    db.session.add(made)
    db.session.flush()
    audit.record("provisioning.key_made", by_id, f"provisioning:{made.id}", name=name)
    return secret


@action
def revoke_key(actor: Actor | None, key_id: int) -> None:
    """The directory can't use it any more; NotFound when it isn't there."""
    require(actor is None or can_manage_people(actor))
    standing = update(ProvisioningKey).where(
        ProvisioningKey.id == key_id, ProvisioningKey.revoked_at.is_(None)
    )
    if not store.changed(standing.values(revoked_at=clock.now())):
        raise NotFound
    audit.record("provisioning.key_revoked", actor.id if actor else None, f"provisioning:{key_id}")


@action
def note_used() -> None:
    """Write down when keys were last used."""
    write_down_used()


@action
@_by_the_directory
def add_person(key_id: int, said: Said) -> int:
    """The directory names a person: their account from now on, or a new one.

    Recognised by login or address among employees whom no directory keeps yet; partners never are.
    """
    follow.refuse_taken_name(said)
    person = follow.same_person(said)
    if person is None:
        login, email = free_login(said.user_name), follow.free_email(said.email, 0)
        try:
            person = people.add_person(None, login=login, name=said.name, email=email)
        except Invalid as problem:  # both were free a moment ago: somebody was faster
            raise taken("userName" if "login" in problem.fields else "emails") from problem
    row = db.session.get(ScimPerson, person.id)
    if row is None:
        row = ScimPerson(person_id=person.id, user_name=said.user_name)
        db.session.add(row)
    else:
        row.created_at, row.ended_at, row.version = clock.now(), None, row.version + 1
    _write(row, said)
    follow.take_over(person, row, Said(), said)
    _record("person.provisioned", key_id, person.id)
    return person.id


@action
@_by_the_directory
def change_person(
    key_id: int, person_id: int, becomes: Callable[[Said], Said], *, only: Versions = None
) -> None:
    """What the directory says of a person is different; `becomes` makes it of what it was.

    PreconditionFailed when it isn't one of these versions any more.
    """
    row, person = _locked(person_id)
    _check_version(row.version, only)
    before = people_of([person_id])[0].said
    now = becomes(before)
    now = now if now.active is not None else replace(now, active=before.active)
    if now == before and row.active == now.active:
        return
    if now.key != before.key:
        follow.refuse_taken_name(now)
    _write(row, now)
    row.version += 1
    follow.take_over(person, row, before, now)
    _record("person.provisioned", key_id, person_id)


@action
@_by_the_directory
def remove_person(key_id: int, person_id: int, *, only: Versions = None) -> None:
    """The directory doesn't know this person any more: they are cut off at once; what they wrote stays."""
    row, person = _locked(person_id)
    _check_version(row.version, only)
    _leave_groups(person_id)
    is_closed_by_hand = person.deactivated_at is not None and row.active
    follow.close(person)
    row.active = is_closed_by_hand
    row.ended_at = row.changed_at = clock.now()
    row.user_name_key = row.external_id = None
    db.session.execute(delete(ScimEmail).where(ScimEmail.person_id == person_id))
    _record("person.unprovisioned", key_id, person_id)


@action
@_by_the_directory
def add_group(key_id: int, said: SaidGroup) -> int:
    """The directory names a group; what it stands for comes to its members."""
    key = _group_key(said, None)
    row = ScimGroup(name=said.name, key=key, external_id=said.external_id)
    db.session.add(row)
    db.session.flush()
    _change_members(row.id, set(), set(said.members))
    _reapply(said.members)
    audit.record("group.provisioned", None, f"group:{row.id}", key=key_id, group=said.name)
    return row.id


@action
@_by_the_directory
def change_group(
    key_id: int, group_id: int, becomes: Callable[[SaidGroup], SaidGroup], *, only: Versions = None
) -> None:
    """A group's name or members are different; what it stands for goes with it."""
    row = _locked_group(group_id)
    _check_version(row.version, only)
    before = groups(ScimGroup.id == group_id, [], 0, 1)[0].said
    now = becomes(before)
    if now == before:
        return
    row.key = _group_key(now, row)
    row.name, row.external_id, row.changed_at = now.name, now.external_id, clock.now()
    row.version += 1
    db.session.flush()
    _change_members(group_id, set(before.members), set(now.members))
    _reapply(before.members | now.members if now.name != before.name else before.members ^ now.members)
    audit.record("group.provisioned", None, f"group:{group_id}", key=key_id, group=now.name)


@action
@_by_the_directory
def remove_group(key_id: int, group_id: int, *, only: Versions = None) -> None:
    """A group is gone, and with it what it stood for."""
    row = _locked_group(group_id)
    _check_version(row.version, only)
    members = groups(ScimGroup.id == group_id, [], 0, 1)[0].said.members
    _change_members(group_id, set(members), set())
    db.session.delete(row)
    db.session.flush()
    _reapply(members)
    audit.record("group.unprovisioned", None, f"group:{group_id}", key=key_id, group=row.name)


def _locked(person_id: int) -> tuple[ScimPerson, Person]:
    """As they are now, and nobody else changes them until the end."""
    rows = select(ScimPerson).where(ScimPerson.person_id == person_id, is_kept())
    row = db.session.scalar(rows.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row, db.session.get_one(Person, person_id, populate_existing=True)


def _locked_group(group_id: int) -> ScimGroup:
    rows = select(ScimGroup).where(ScimGroup.id == group_id)
    row = db.session.scalar(rows.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row


def _check_version(version: int, only: Versions) -> None:
    if only is not None and "*" not in only and str(version) not in only:
        raise PreconditionFailed


def _write(row: ScimPerson, said: Said) -> None:
    for name, value in vars(replace(said, emails=())).items():
        if name not in {"active", "emails"}:
            setattr(row, name, value)
    row.user_name_key, row.changed_at = said.key, clock.now()
    db.session.flush()
    db.session.execute(delete(ScimEmail).where(ScimEmail.person_id == row.person_id))
    store.add_missing(ScimEmail, [_email(row.person_id, place, one) for place, one in enumerate(said.emails)])


def _email(person_id: int, place: int, one: Any) -> dict[str, Any]:
    key = one.value.lower() if one.value else None
    told = {"value": one.value, "value_key": key, "kind": one.kind, "is_primary": one.is_primary}
    return {"person_id": person_id, "place": place, **told}


def _group_key(said: SaidGroup, row: ScimGroup | None) -> str:
    key = group_key(said.name)
    if not key:
        raise wrong("displayName", _("Write something here."))
    other = db.session.scalar(select(ScimGroup.id).where(ScimGroup.key == key))
    if other is not None and (row is None or other != row.id):
        raise taken("displayName")
    return key


def _change_members(group_id: int, before: set[int], now: set[int]) -> None:
    if len(now) > MOST_MEMBERS:
        raise wrong("members", _("That is too many: at most %(most)d.", most=MOST_MEMBERS))
    known = (
        select(func.count()).select_from(ScimPerson).where(ScimPerson.person_id.in_(now - before), is_kept())
    )
    if (db.session.scalar(known) or 0) != len(now - before):
        raise wrong("members", _("Nobody is known by one of these identifiers."))
    gone = delete(ScimMember).where(ScimMember.group_id == group_id, ScimMember.person_id.in_(before - now))
    db.session.execute(gone)
    new = [{"group_id": group_id, "person_id": person_id} for person_id in sorted(now - before)]
    store.add_missing(ScimMember, new)


def _reapply(person_ids: Collection[int]) -> None:
    """These people's groups are others now; so is what is shown of them."""
    shown = update(ScimPerson).where(ScimPerson.person_id.in_(person_ids))
    db.session.execute(shown.values(version=ScimPerson.version + 1, changed_at=clock.now()))
    apply_to_many(group_names_of(person_ids), SOURCE)


def _leave_groups(person_id: int) -> None:
    mine = select(ScimMember.group_id).where(ScimMember.person_id == person_id)
    db.session.execute(
        update(ScimGroup)
        .where(ScimGroup.id.in_(mine))
        .values(version=ScimGroup.version + 1, changed_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    db.session.execute(delete(ScimMember).where(ScimMember.person_id == person_id))
    apply_to_many({person_id: []}, SOURCE)


def _record(act: str, key_id: int, person_id: int) -> None:
    audit.record(act, None, f"person:{person_id}", key=key_id)
