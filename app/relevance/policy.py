from app.charter.policy import can_manage_charter
from app.people.actor import Actor


def can_label(actor: Actor) -> bool:
    """Charter owners and moderators say what a text is."""
    return not actor.is_partner and (actor.is_moderator or can_manage_charter(actor))


def can_promote(actor: Actor) -> bool:
    """Charter owners choose which model is listened to, if any."""
    return can_manage_charter(actor)
