from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update

from app.auth.queries import hash_of
from app.auth.scim.models import ProvisioningKey, ScimEmail, ScimGroup, ScimMember, ScimPerson
from app.auth.scim.said import Email, Said, SaidGroup
from app.kernel import clock
from app.kernel.db import db
from app.people.models import Person

_OF_ROW = [field.name for field in fields(Said) if field.name not in {"active", "emails"}]
_used: dict[int, datetime] = {}


@dataclass(frozen=True)
class Known:
    """A person that the directory keeps here, with all that is shown to it."""

    row: ScimPerson
    said: Said
    groups: tuple[tuple[int, str], ...] = ()
    manager_name: str | None = None


@dataclass(frozen=True)
class KnownGroup:
    """A group that the directory keeps here, with the numbers of its members."""

    row: ScimGroup
    members: tuple[int, ...] = ()

    @property
    def said(self) -> SaidGroup:
        members = frozenset(self.members)
        return SaidGroup(name=self.row.name, external_id=self.row.external_id, members=members)


def key_of(secret: str) -> ProvisioningKey | None:
    """The key with this secret, if it still stands."""
    standing = (
        ProvisioningKey.revoked_at.is_(None),
        or_(_has_no_end(), ProvisioningKey.expires_at > clock.now()),
    )
    found = db.session.scalar(
        select(ProvisioningKey).where(ProvisioningKey.secret_hash == hash_of(secret), *standing)
    )
    if found is not None:
        _used[found.id] = clock.now()
    return found


def standing_keys() -> Sequence[ProvisioningKey]:
    """Keys that weren't revoked, the newest first."""
    rows = select(ProvisioningKey).where(ProvisioningKey.revoked_at.is_(None))
    return db.session.scalars(rows.order_by(ProvisioningKey.created_at.desc())).all()


def write_down_used() -> None:
    """Store when keys were last used, gathered meanwhile; within an action."""
    used = dict(_used)
    _used.clear()
    for key_id, at in used.items():
        db.session.execute(update(ProvisioningKey).where(ProvisioningKey.id == key_id).values(used_at=at))


def is_kept() -> ColumnElement[bool]:
    """The directory still knows this person."""
    return ScimPerson.ended_at.is_(None)


def count(kept: ColumnElement[bool], row: type[Any]) -> int:
    """How many people, or groups, there are of this kind."""
    counted = select(func.count()).select_from(row)
    if row is ScimPerson:
        counted = counted.join(Person, Person.id == ScimPerson.person_id).where(is_kept())
    return db.session.scalar(counted.where(kept)) or 0


def people(kept: ColumnElement[bool], order: Sequence[Any], begin: int, count: int) -> list[Known]:
    """People from this place on in their order; as the protocol counts places, all before it are passed."""
    rows = select(ScimPerson.person_id).join(Person, Person.id == ScimPerson.person_id)
    rows = rows.where(is_kept(), kept).order_by(*order, ScimPerson.person_id).limit(begin + count)
    return people_of(db.session.scalars(rows).all()[begin:])


def groups(
    kept: ColumnElement[bool], order: Sequence[Any], begin: int, count: int, *, with_members: bool = True
) -> list[KnownGroup]:
    """Groups from this place on in their order."""
    rows = select(ScimGroup).where(kept).order_by(*order, ScimGroup.id).limit(begin + count)
    found = db.session.scalars(rows.execution_options(populate_existing=True)).all()[begin:]
    members = _members([row.id for row in found]) if with_members else {}
    return [KnownGroup(row, tuple(members.get(row.id, ()))) for row in found]


def people_of(numbers: Collection[int]) -> list[Known]:
    """These people, in this order; four queries whatever their number."""
    rows = (
        select(ScimPerson, Person.deactivated_at)
        .join(Person, Person.id == ScimPerson.person_id)
        .where(ScimPerson.person_id.in_(numbers), is_kept())
        .execution_options(populate_existing=True)
    )
    found = {row.ScimPerson.person_id: row for row in db.session.execute(rows)}
    emails, groups_ = _emails(numbers), _groups(numbers)
    managers = _managers([row.ScimPerson.manager for row in found.values()])
    return [
        Known(
            found[number].ScimPerson,
            _said(found[number].ScimPerson, found[number].deactivated_at is None, emails[number]),
            tuple(groups_[number]),
            managers.get(found[number].ScimPerson.manager or ""),
        )
        for number in numbers
        if number in found
    ]


def group_names_of(person_ids: Collection[int]) -> dict[int, list[str]]:
    """The names of the groups in which the directory puts each of these people."""
    found = _groups(person_ids)
    return {person_id: [name for _number, name in found[person_id]] for person_id in person_ids}


def _said(row: ScimPerson, is_active: bool, emails: Sequence[Email]) -> Said:
    of_row = {name: getattr(row, name) for name in _OF_ROW}
    return Said(**of_row, active=is_active, emails=tuple(emails))


def _emails(numbers: Collection[int]) -> dict[int, list[Email]]:
    rows = select(ScimEmail).where(ScimEmail.person_id.in_(numbers)).order_by(ScimEmail.place)
    found: dict[int, list[Email]] = defaultdict(list)
    for one in db.session.scalars(rows):
        found[one.person_id].append(Email(one.value, one.kind, one.is_primary))
    return found


def _groups(numbers: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    rows = (
        select(ScimMember.person_id, ScimGroup.id, ScimGroup.name)
        .join(ScimGroup, ScimGroup.id == ScimMember.group_id)
        .where(ScimMember.person_id.in_(numbers))
        .order_by(ScimGroup.id)
    )
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for person_id, group_id, name in db.session.execute(rows):
        found[person_id].append((group_id, name))
    return found


def _members(group_ids: Collection[int]) -> dict[int, list[int]]:
    rows = select(ScimMember.group_id, ScimMember.person_id).where(ScimMember.group_id.in_(group_ids))
    found: dict[int, list[int]] = defaultdict(list)
    for group_id, person_id in db.session.execute(rows.order_by(ScimMember.person_id)):
        found[group_id].append(person_id)
    return found


def _managers(said: Sequence[str | None]) -> dict[str, str]:
    numbers = {number for text in said if (number := number_of(text)) is not None}
    rows = select(Person.id, Person.name).join(ScimPerson, ScimPerson.person_id == Person.id)
    return {
        str(person_id): name
        for person_id, name in db.session.execute(rows.where(Person.id.in_(numbers), is_kept()))
    }


def number_of(text: str | None) -> int | None:
    """The number that an identifier is; None for what is none of ours."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None


def _has_no_end() -> ColumnElement[bool]:
    return ProvisioningKey.expires_at.is_(None)
