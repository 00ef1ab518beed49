from app.auth.actions import end_all_sessions
from app.people.events import AccessChanged


def end_sessions(event: AccessChanged) -> None:
    """Whoever may no longer act is signed out everywhere."""
    if event.ends_sessions:
        end_all_sessions(None, event.person_id, why="access_changed")
