from urllib.parse import urlencode

from app.admin.policy import can_administer
from app.kernel.http import actor
from app.kernel.policy import require
from app.people.actor import Actor


def admin() -> Actor:
    """The signed-in admin; Forbidden for anybody else."""
    who = actor()
    require(can_administer(who))
    return who


def query_of(filters: dict[str, str]) -> str:
    """The filters that are set, as a query string."""
    return urlencode({name: value for name, value in filters.items() if value})
