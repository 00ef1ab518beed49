from app.directory.events import SynchronisationWanted
from app.directory.jobs import synchronise_now


def synchronise_beside(event: SynchronisationWanted) -> None:
    """No request waits for the directory to say everything."""
    synchronise_now.later(by_id=event.by_id)
