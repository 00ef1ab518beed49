from app.people.actor import Actor
from app.people.policy import can_manage_people


def can_synchronise(actor: Actor) -> bool:
    """Whoever opens and closes accounts may have the directory do it."""
    return can_manage_people(actor)
