from datetime import timedelta

from app.gate.events import GateNarrowed
from app.gate.jobs import give_back
from app.kernel import clock

RETURNS_AFTER = timedelta(minutes=10)


def return_later(event: GateNarrowed) -> None:
    """Somebody who shut themselves out gets back in."""
    before = [[network, name] for network, name in event.before]
    give_back.later(due=clock.now() + RETURNS_AFTER, rule_ids=list(event.rule_ids), before=before)
