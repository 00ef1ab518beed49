from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.api.declare import endpoint
from app.charter.queries import has_accepted, version_in_force
from app.kernel.http import actor
from app.kernel.openapi import ref
from app.moderation.policy import is_reviewer
from app.moderation.queries import waiting
from app.notifications.queries import unread

bp = Blueprint("me", __name__)


@bp.get("/me")
@endpoint("Who I am, what waits for me, and the charter I have to accept", gives={200: ref("Me")})
def show() -> ResponseReturnValue:
    """Oneself."""
    who, charter = actor(), version_in_force()
    names = (
        "id",
        "login",
        "name",
        "title",
        "segment",
        "organisation_id",
        "locale",
        "theme",
        "time_zone",
        "photo_url",
    )
    return {
        **{name: getattr(who, name) for name in names},
        "roles": sorted(who.roles),
        "unread": {"notifications": unread(who), "queue": waiting(who) if is_reviewer(who) else 0},
        "charter": {"version": charter.number if charter else None, "to_accept": not has_accepted(who)},
    }
