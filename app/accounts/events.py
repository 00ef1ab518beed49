from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class InvitationUsed(Event):
    """Somebody has joined, or would like to: whoever answers for them hears of it."""

    invitation_id: int
    person_id: int
    told_id: int
    waits: bool


@dataclass(frozen=True, kw_only=True)
class StayEnding(Event):
    """A partner's time is over in a few days."""

    person_id: int
    sponsor_id: int
    last_day: str


@dataclass(frozen=True, kw_only=True)
class SponsorLeft(Event):
    """Partners left with the employee who answered for them."""

    sponsor_id: int
    guests: int
