from app.moderation.duty.models import DutySlot
from app.people.actor import Actor


def can_see_roster(actor: Actor) -> bool:
    """Moderators of the company know who is on duty."""
    return actor.is_moderator


def can_keep_roster(actor: Actor) -> bool:
    """Senior moderators make the roster."""
    return actor.is_senior


def can_replace(actor: Actor, slot: DutySlot) -> bool:
    """Whose slot it is finds somebody to stand in; senior moderators do for anybody."""
    return can_keep_roster(actor) or (can_see_roster(actor) and slot.person_id == actor.id)
