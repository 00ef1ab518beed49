from app.people.actor import Actor


def can_manage_gate(actor: Actor) -> bool:
    """Admins decide who gets in, from where."""
    return actor.is_admin
