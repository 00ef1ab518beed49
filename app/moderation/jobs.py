from app.kernel.jobs import job
from app.moderation import actions

EVERY_SECONDS = 30


@job
def return_expired_items() -> None:
    """Items whose ten minutes are over wait again, and the queue hears it; twice is once."""
    actions.return_expired()
