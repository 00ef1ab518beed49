from typing import Any

from app.gate import queries
from app.gate.events import GateChanged
from app.kernel import changes, settings, sockets
from app.kernel.changes import EVERYONE


def recheck_everyone(_event: GateChanged) -> None:
    """Every process asks again for every socket."""
    changes.record("gate.changed", EVERYONE)


def reseat_everyone(_change: Any) -> None:
    """Read the rules afresh and cut whoever they no longer let in."""
    settings.forget()
    queries.forget()
    sockets.reseat()
