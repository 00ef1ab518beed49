from app.people.actor import Actor


def can_manage_charter(actor: Actor) -> bool:
    """Charter owners write the charter and its rules."""
    return not actor.is_partner and bool(actor.roles & {"charter_owner", "admin"})
