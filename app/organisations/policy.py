from app.people.actor import Actor


def can_manage_registry(actor: Actor) -> bool:
    """Admins and charter owners keep the registry."""
    return not actor.is_partner and bool(actor.roles & {"admin", "charter_owner"})


def can_read_registry(actor: Actor) -> bool:
    """Employees may know whom the company works with; partners may not know of each other."""
    return not actor.is_partner
