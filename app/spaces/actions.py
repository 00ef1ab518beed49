from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update

from app.kernel import audit, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.policy import require
from app.organisations.models import Organisation
from app.people.actor import Actor
from app.people.events import AccessChanged
from app.people.models import Person
from app.spaces import policy
from app.spaces.events import JoinRequested, MemberJoined, MemberLeft, SpaceChanged, SpaceCreated
from app.spaces.models import (
    KINDS,
    MEMBER,
    MEMBER_ROLES,
    OWNER,
    VISIBILITIES,
    GroupSeat,
    JoinRequest,
    Membership,
    Space,
)


@action
def create_space(
    actor: Actor,
    *,
    name: str,
    about: str = "",
    kind: str = "internal",
    visibility: str = "open",
    joins_freely: bool = True,
    organisation_id: int | None = None,
) -> Space:
    """A new place, owned by whoever makes it.

    Invalid for a name that is taken, or an outside organisation that doesn't fit the kind.
    """
    require(policy.can_create(actor))
    _check(actor, None, name, kind, visibility, organisation_id)
    space = Space(
        name=name,
        about=about,
        kind=kind,
        visibility=visibility,
        joins_freely=joins_freely,
        organisation_id=organisation_id,
        created_by_id=actor.id,
    )
    db.session.add(space)
    db.session.flush()
    audit.record("space.created", actor.id, f"space:{space.id}", kind=kind, visibility=visibility)
    announce(SpaceCreated(space_id=space.id, creator_id=actor.id))
    _enter(space, actor.id, OWNER, actor.id)
    return space


@action
def change_space(
    actor: Actor, space: Space, *, name: str, about: str, visibility: str, joins_freely: bool
) -> Space:
    """Rename a space, describe it, open or close it. Its kind and organisation never change."""
    require(policy.can_manage(actor, space))
    _check(actor, space, name, space.kind, visibility, space.organisation_id)
    changed = visibility != space.visibility
    space.name, space.about, space.visibility, space.joins_freely = name, about, visibility, joins_freely
    space.version += 1
    audit.record("space.changed", actor.id, f"space:{space.id}", visibility=visibility)
    announce(SpaceChanged(space_id=space.id, visibility_changed=changed))
    return space


@action
def join(actor: Actor, space: Space) -> bool:
    """Belong to a space, or ask to where its owners answer: True when one belongs now."""
    if policy.role_in(actor, space.id) is not None:
        return True
    if policy.can_join(actor, space):
        _enter(space, actor.id, MEMBER, actor.id)
        return True
    require(policy.can_ask_to_join(actor, space))
    if db.session.get(JoinRequest, (space.id, actor.id)) is None:
        db.session.add(JoinRequest(space_id=space.id, person_id=actor.id))
        announce(JoinRequested(space_id=space.id, person_id=actor.id))
    return False


@action
def leave(actor: Actor, space: Space) -> None:
    """No longer belong. Conflict for the last owner of a space that others belong to."""
    _exit(space, actor.id, actor.id)


@action
def answer_request(actor: Actor, space: Space, person: Person, *, accepted: bool) -> None:
    """Let somebody in who asked, or not."""
    require(policy.can_answer_requests(actor, space))
    asked = delete(JoinRequest).where(JoinRequest.space_id == space.id, JoinRequest.person_id == person.id)
    if store.changed(asked) and accepted:
        _enter(space, person.id, MEMBER, actor.id, person=person)


@action
def add_member(actor: Actor | None, space: Space, person: Person, *, role: str = MEMBER) -> None:
    """Make somebody belong, or give them another role there.

    Forbidden for a partner of another organisation than the space's own.
    """
    require(actor is None or policy.can_manage(actor, space))
    if role not in MEMBER_ROLES or (person.is_partner and role != MEMBER):
        raise Invalid(fields={"role": _("Choose one of the values offered.")})
    present = db.session.get(Membership, (space.id, person.id))
    if present is None:
        _enter(space, person.id, role, actor.id if actor else None, person=person)
        return
    if present.role == OWNER and role != OWNER:
        _keep_an_owner(space, person.id)
    present.role = role
    audit.record("member.role", actor.id if actor else None, f"space:{space.id}", person=person.id, role=role)
    announce(AccessChanged(person_id=person.id))


@action
def remove_member(actor: Actor, space: Space, person: Person) -> None:
    """Make somebody no longer belong."""
    require(policy.can_manage(actor, space))
    _exit(space, person.id, actor.id)


@action
def seat(space: Space, person: Person) -> None:
    """Make somebody belong because of a group; whoever belongs already stays as they are."""
    if db.session.get(Membership, (space.id, person.id)) is None and policy.fits(person, space):
        _enter(space, person.id, MEMBER, None, person=person)
        db.session.add(GroupSeat(space_id=space.id, person_id=person.id))


@action
def unseat(space: Space, person_id: int) -> None:
    """Make somebody no longer belong who did because of a group. The last owner stays, and it is written
    down.
    """
    try:
        _exit(space, person_id, None)
    except Conflict:
        audit.record("member.kept", None, f"space:{space.id}", person=person_id)
        return
    _forget_seat(space.id, person_id)


def _enter(
    space: Space, person_id: int, role: str, by_id: int | None, *, person: Person | None = None
) -> None:
    if person is not None and not policy.fits(person, space):
        raise Forbidden(_("This person’s organisation has no place in this space."))
    if db.session.get(Membership, (space.id, person_id)) is not None:
        return
    db.session.add(Membership(space_id=space.id, person_id=person_id, role=role))
    _forget_seat(space.id, person_id)
    db.session.execute(
        delete(JoinRequest).where(JoinRequest.space_id == space.id, JoinRequest.person_id == person_id)
    )
    _count(space)
    audit.record("member.joined", by_id, f"space:{space.id}", person=person_id, role=role)
    announce(MemberJoined(space_id=space.id, person_id=person_id, by_id=by_id))


def _forget_seat(space_id: int, person_id: int) -> None:
    """From here on they belong, or not, for another reason than a group."""
    db.session.execute(
        delete(GroupSeat).where(GroupSeat.space_id == space_id, GroupSeat.person_id == person_id)
    )


def _exit(space: Space, person_id: int, by_id: int | None) -> None:
    _keep_an_owner(space, person_id)
    belongs = delete(Membership).where(Membership.space_id == space.id, Membership.person_id == person_id)
    if store.changed(belongs):
        _count(space)
        audit.record("member.left", by_id, f"space:{space.id}", person=person_id)
        announce(MemberLeft(space_id=space.id, person_id=person_id, by_id=by_id))


def _count(space: Space) -> None:
    db.session.flush()
    counted = select(func.count()).select_from(Membership).where(Membership.space_id == space.id)
    db.session.execute(
        update(Space).where(Space.id == space.id).values(member_count=counted.scalar_subquery())
    )
    db.session.refresh(space, ["member_count"])


def _keep_an_owner(space: Space, person_id: int) -> None:
    rows = (
        select(Membership.person_id, Membership.role).where(Membership.space_id == space.id).with_for_update()
    )
    members = dict(db.session.execute(rows).all())
    others = any(role == OWNER for person, role in members.items() if person != person_id)
    if members.get(person_id) == OWNER and not others and len(members) > 1:
        raise Conflict(_("This space would have no owner left. Make somebody else an owner first."))


def _check(
    actor: Actor, space: Space | None, name: str, kind: str, visibility: str, organisation_id: int | None
) -> None:
    """Names are compared with those the actor may know only: a refusal must not betray a secret space."""
    problems = {}
    taken = db.session.scalars(select(Space.id).where(Space.name == name, policy.findable_by(actor))).all()
    if set(taken) - {space.id if space else 0}:
        problems["name"] = _("Choose another name for this space.")
    if kind not in KINDS:
        problems["kind"] = _("Choose one of the values offered.")
    if visibility not in VISIBILITIES:
        problems["visibility"] = _("Choose one of the values offered.")
    problem = _misfit(kind, organisation_id)
    if problem:
        problems["organisation_id"] = problem
    if problems:
        raise Invalid(fields=problems)


def _misfit(kind: str, organisation_id: int | None) -> str:
    outside = kind in {"client", "supplier"}
    if outside != (organisation_id is not None):
        return _("A client or supplier space holds exactly one organisation; other spaces hold none.")
    if organisation_id is None:
        return ""
    organisation = db.session.get(Organisation, organisation_id)
    if organisation is None or kind not in organisation.roles:
        return _("Choose an organisation that is a client, or a supplier, like the space.")
    return ""
