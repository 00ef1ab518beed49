from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class SessionsEnded(Event):
    """Sessions or tokens of a person are over: their sockets close."""

    person_id: int


@dataclass(frozen=True, kw_only=True)
class NewDevice(Event):
    """Somebody signed in with a browser that they hadn't used before."""

    person_id: int
    session_id: int
