from app.people.actor import Actor


def can_administer(actor: Actor) -> bool:
    """Admins look after accounts, networks and settings."""
    return not actor.is_partner and actor.is_admin


def can_read_rest(actor: Actor) -> bool:
    """Admins and staff representatives read how much is written outside of working hours, without names."""
    return not actor.is_partner and bool(actor.roles & {"admin", "staff_representative"})


def sections(actor: Actor) -> list[str]:
    """The parts of the administration that a person may open, in order."""
    if can_administer(actor):
        return [
            "overview",
            "people",
            "roles",
            "organisations",
            "gate",
            "sessions",
            "company",
            "relevance",
            "rest",
            "audit",
        ]
    if actor.is_partner:
        return []
    by_role = {
        "charter_owner": ["organisations", "relevance"],
        "staff_representative": ["rest"],
        "auditor": ["audit"],
    }
    return [section for role, own in by_role.items() if role in actor.roles for section in own]
