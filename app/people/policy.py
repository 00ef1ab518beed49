from app.people.actor import Actor


def can_manage_people(actor: Actor) -> bool:
    """Admins make, change and deactivate accounts."""
    return actor.is_admin


def can_read_audit(actor: Actor) -> bool:
    """Admins and auditors read the log."""
    return not actor.is_partner and bool(actor.roles & {"admin", "auditor"})
