from app.gate import actions
from app.kernel.jobs import job


@job
def give_back(number: int) -> None:
    """Ten minutes after an admin shut themselves out; calm when that was settled or others were saved."""
    actions.give_back(number)
