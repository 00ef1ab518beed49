"""A space as templates show it."""

from __future__ import annotations

from typing import Any

from app.kernel.text import to_html
from app.people.actor import Actor
from app.spaces import policy, queries
from app.spaces.models import Space


def space_view(person: Actor, found: Space) -> dict[str, Any]:
    """What spaces/_header.html shows."""
    seen = queries.audiences([found.id])[found.id]
    role = policy.role_in(person, found.id)
    manages = policy.can_manage(person, found)
    return {
        "id": found.id,
        "name": found.name,
        "kind": found.kind,
        "organisation_name": seen.organisation,
        "about": found.about,
        "about_html": to_html(found.about) if found.about else "",
        "member_count": found.member_count,
        "partner_count": seen.outside,
        "access": found.visibility,
        "is_member": role is not None,
        "requested": queries.has_asked(person, found),
        "can": {
            "post": policy.can_write(person, found),
            "edit": manages,
            "invite": manages,
            "see_requests": manages,
        },
        "request_count": len(queries.requests(found)) if manages else 0,
        "is_default": False,
    }
