from app.kernel.jobs import job
from app.playbooks import actions

EVERY_SECONDS = 60


@job
def escalate_overdue() -> None:
    """Steps that nobody did in time go to the next owner, who is told; twice is once."""
    actions.escalate_overdue()
