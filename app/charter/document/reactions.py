from app.charter.document import jobs, queries
from app.charter.events import VersionScheduled


def expect_its_hour(event: VersionScheduled) -> None:
    """A worker looks at the very hour; the one that comes back looks too, should this one be lost."""
    jobs.put_into_force.later(due=queries.tree(event.version_id).effective_at)
