from app.gate.events import GateNarrowed
from app.gate.jobs import give_back


def return_later(event: GateNarrowed) -> None:
    """Somebody who shut themselves out gets back in."""
    give_back.later(due=event.returns_at, number=event.number)
