from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class SessionsEnded(Event):
    """Sessions or tokens of a person are over: their sockets close."""

    person_id: int
