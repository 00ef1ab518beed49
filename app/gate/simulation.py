"""Rules tried on people before they count: who of those who signed in lately would be cut, and when. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.gate.address import Address
from app.gate.book import Book, Standing
from app.gate.hours import edges
from app.people.actor import Actor

LOOK_BACK, LOOK_AHEAD = timedelta(days=30), timedelta(days=7)


@dataclass(frozen=True)
class SignIn:
    """Somebody who came in from somewhere; `is_open` while that session stands."""

    who: Actor
    address: Address
    at: datetime
    is_open: bool = False


@dataclass(frozen=True)
class Cut:
    """Somebody who couldn't have come in, or stay: since when, and by which rule (None: no rule fits)."""

    who: Actor
    address: Address
    at: datetime
    standing: Standing
    times: int = 1


@dataclass
class Forecast:
    """What rules would have done to the sign-ins looked at, and would do to open sessions now and later."""

    looked_at: int = 0
    past: list[Cut] = field(default_factory=list)
    now: list[Cut] = field(default_factory=list)
    later: list[Cut] = field(default_factory=list)


def forecast(book: Book, sign_ins: Iterable[SignIn], at: datetime, *, beside: Book | None = None) -> Forecast:
    """Try a book. Whoever is cut by `beside` (the present rules) as well isn't told as cut now or later."""
    seen = sorted(sign_ins, key=lambda one: one.at)
    found = Forecast(len(seen), past=_past(book, seen))
    ahead = list(edges(book.hours, book.zone, at, at + LOOK_AHEAD))
    for one in _once(one for one in seen if one.is_open):
        if beside is not None and not _standing(beside, one, at).may_stay:
            continue
        if not (standing := _standing(book, one, at)).may_stay:
            found.now.append(Cut(one.who, one.address, at, standing))
        elif cut := _first_cut(book, one, ahead, beside):
            found.later.append(cut)
    found.later.sort(key=lambda cut: cut.at)
    return found


def _standing(book: Book, one: SignIn, at: datetime) -> Standing:
    proven = one.who.second_factor_at is not None
    return book.at(at).standing(one.who, one.address, second_factor=proven)


def _past(book: Book, seen: Sequence[SignIn]) -> list[Cut]:
    """By person and address, the last time and how often."""
    cuts: dict[tuple[int, Address], Cut] = {}
    for one in seen:
        if (standing := _standing(book, one, one.at)).may_stay:
            continue
        key = (one.who.id, one.address)
        times = cuts[key].times + 1 if key in cuts else 1
        cuts[key] = Cut(one.who, one.address, one.at, standing, times)
    return sorted(cuts.values(), key=lambda cut: cut.at, reverse=True)


def _once(seen: Iterable[SignIn]) -> Iterable[SignIn]:
    return {(one.who.id, one.address, one.who.second_factor_at is None): one for one in seen}.values()


def _first_cut(book: Book, one: SignIn, ahead: Sequence[datetime], beside: Book | None) -> Cut | None:
    for instant in ahead:
        if beside is not None and not _standing(beside, one, instant).may_stay:
            continue
        if not (standing := _standing(book, one, instant)).may_stay:
            return Cut(one.who, one.address, instant, standing)
    return None
