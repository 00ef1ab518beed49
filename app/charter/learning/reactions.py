from app.charter.events import DraftDiscarded, DraftStarted
from app.charter.learning import actions


def copy_questions(event: DraftStarted) -> None:
    """A draft asks what the version asked that it is copied from."""
    if event.from_id is not None:
        actions.copy_questions(event.from_id, event.version_id)


def forget_questions(event: DraftDiscarded) -> None:
    """Nothing is left of a draft that is thrown away."""
    actions.forget_questions(event.version_id)
