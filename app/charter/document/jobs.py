from app.charter.document import actions, queries
from app.kernel.jobs import job

EVERY_SECONDS = 20


@job
def put_into_force() -> None:
    """Versions whose hour has come take effect; twice is once."""
    for version_id in queries.due():
        actions.take_effect(version_id)
