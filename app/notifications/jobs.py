from app.kernel.jobs import job
from app.notifications import actions

EVERY_SECONDS = 60


@job
def deliver_what_waited() -> None:
    """Whose rest has ended hears that something came meanwhile; looking twice rings once."""
    actions.deliver_what_waited()
