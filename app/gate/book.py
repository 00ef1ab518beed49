"""The rules of the gate and what they say. Pure: knows neither database nor web nor what time it is.

Rules are read in order and the first that fits decides; where none fits, the answer is no. Before anybody
has signed in only the address and the hour are known: the wall lets through what some person could be let in
from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import Protocol
from zoneinfo import ZoneInfo

from app.gate.address import Address, Networks, parse_networks
from app.gate.hours import NO_HOLIDAYS, Holidays, Hours, edges, minute_of

ALLOW, READ_ONLY, SECOND_FACTOR, REFUSE = "allow", "read_only", "second_factor", "refuse"
EFFECTS = (ALLOW, READ_ONLY, SECOND_FACTOR, REFUSE)
OFF, SOFT, HARD = "off", "soft", "hard"
MODES = (OFF, SOFT, HARD)
EMPLOYEE, ADMIN = "employee", "admin"
SEGMENTS = (EMPLOYEE, "client", "supplier")
_NO_ID, _NO_SITE = 0, "\0"
_REMEMBERED = 4096


class Who(Protocol):
    """What rules ask of a person."""

    @property
    def id(self) -> int: ...
    @property
    def segment(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...
    @property
    def site(self) -> str: ...
    @property
    def enters_from(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person nobody is, to ask whether there could be one."""

    id: int = _NO_ID
    segment: str = EMPLOYEE
    roles: frozenset[str] = frozenset()
    site: str = _NO_SITE
    enters_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Who, from where, when, and then what. What is left open fits everybody, everywhere, always."""

    effect: str
    networks: Networks | None = None
    roles: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    persons: frozenset[int] = frozenset()
    hours: Hours | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    places: tuple[str, ...] = ()
    network: str = ""
    name: str = ""

    @property
    def is_for_everybody(self) -> bool:
        return not (self.roles or self.segments or self.sites or self.persons)

    def fits(self, who: Who) -> bool:
        """Whether it speaks of this person."""
        return (
            (not self.segments or who.segment in self.segments)
            and (not self.roles or not self.roles.isdisjoint(who.roles))
            and (not self.sites or who.site in self.sites)
            and (not self.persons or who.id in self.persons)
        )

    def counts_at(self, local: datetime, holidays: Holidays) -> bool:
        """Whether it is in force when a clock shows `local`."""
        today = local.date()
        if (self.valid_from and today < self.valid_from) or (self.valid_to and today > self.valid_to):
            return False
        return self.hours is None or self.hours.are_open(local, holidays)

    def reaches(self, address: Address) -> bool:
        """Whether it speaks of this address."""
        return self.networks is None or address in self.networks


@dataclass(frozen=True, slots=True)
class AccessHours:
    """When work is done: outside of these hours nothing rings (soft) or nothing opens (hard), for whoever
    isn't on duty.
    """

    mode: str = OFF
    hours: Hours | None = None
    roles: frozenset[str] = frozenset()
    persons: frozenset[int] = frozenset()

    def exempts(self, who: Who) -> bool:
        """On duty."""
        return not self.roles.isdisjoint(who.roles) or who.id in self.persons


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a book says; `place` is the rule's, None when no rule fits."""

    effect: str
    place: int | None = None

    @property
    def admits(self) -> bool:
        return self.effect != REFUSE


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody signed in stands with the gate, from where they are, at this moment."""

    effect: str
    place: int | None = None
    has_second_factor: bool = False
    is_resting: bool = False
    is_closed: bool = False

    @property
    def is_outside(self) -> bool:
        return self.effect == REFUSE

    @property
    def needs_second_factor(self) -> bool:
        return self.effect == SECOND_FACTOR and not self.has_second_factor

    @property
    def reads_only(self) -> bool:
        return self.effect == READ_ONLY

    @property
    def may_stay(self) -> bool:
        """Whether a socket, a download or a page may go on."""
        return not (self.is_outside or self.needs_second_factor or self.is_closed)


NOBODY_SAID = Verdict(REFUSE)
Placed = tuple[tuple[int, Rule], ...]


@dataclass(frozen=True, eq=False)
class Book:
    """Rules in order, the hours they speak of, and the clock they go by."""

    rules: tuple[Rule, ...]
    zone: ZoneInfo
    holidays: Holidays = NO_HOLIDAYS
    hours: tuple[Hours, ...] = ()
    access: AccessHours = AccessHours()
    number: int = 0
    stated_by: str = "admin"
    _now: list[Moment] = field(default_factory=list, repr=False)

    def at(self, instant: datetime) -> Moment:
        """The rules as they are at an instant; asking again within the same minute costs nothing."""
        minute = minute_of(instant)
        if not self._now or self._now[0].minute != minute:
            self._now[:] = [Moment(self, minute)]
        return self._now[0]

    def networks(self) -> Networks:
        """Everything that some rule lets somebody in from, at some time."""
        return Networks(
            network for rule in self.rules if rule.effect != REFUSE for network in rule.networks or ()
        )


def opens_at(book: Book, at: datetime) -> datetime | None:
    """When work begins again, within two weeks."""
    hours = book.access.hours
    if hours is None:
        return None
    ahead = edges((hours,), book.zone, at, at + timedelta(days=14))
    return next((one for one in ahead if hours.are_open(one.astimezone(book.zone), book.holidays)), None)


class Moment:
    """A book during one minute. Remembers what it said of recent addresses, within bounds."""

    __slots__ = ("_known", "_walls", "book", "local", "minute", "rules")

    def __init__(self, book: Book, minute: datetime) -> None:
        self.book, self.minute = book, minute
        self.local = minute.astimezone(book.zone)
        counting = (
            (place, rule)
            for place, rule in enumerate(book.rules)
            if rule.counts_at(self.local, book.holidays)
        )
        self.rules: Placed = tuple(counting)
        self._known: dict[Address, Placed] = {}
        self._walls: dict[Address, Verdict] = {}

    def wall(self, address: Address) -> Verdict:
        """Whether anybody could be let in from here; the first rule that could."""
        if (said := self._walls.get(address)) is None:
            if len(self._walls) >= _REMEMBERED:
                self._walls.clear()
            said = self._walls[address] = _admits_somebody(self._reaching(address))
        return said

    def verdict(self, who: Who, address: Address | None) -> Verdict:
        """What the first rule that fits says; refused without an address, or from anywhere but the networks
        that this person enters from, if there are such.
        """
        if who.enters_from and address not in _networks(who.enters_from):
            return NOBODY_SAID
        for place, rule in self._reaching(address) if address is not None else ():
            if rule.fits(who):
                return Verdict(rule.effect, place)
        return NOBODY_SAID

    def standing(self, who: Who, address: Address | None, *, second_factor: bool) -> Standing:
        """Everything there is to know before answering somebody."""
        verdict, resting = self.verdict(who, address), self.is_resting(who)
        closed = resting and self.book.access.mode == HARD and ADMIN not in who.roles
        return Standing(verdict.effect, verdict.place, second_factor, resting, closed)

    def is_resting(self, who: Who) -> bool:
        """Whether it is outside the hours of work for this person. Admins rest too, but nothing closes for
        them: somebody must be able to put things right.
        """
        access = self.book.access
        if access.mode == OFF or access.hours is None or access.exempts(who):
            return False
        return not access.hours.are_open(self.local, self.book.holidays)

    def _reaching(self, address: Address) -> Placed:
        if (known := self._known.get(address)) is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[address] = tuple(
                (place, rule) for place, rule in self.rules if rule.reaches(address)
            )
        return known


@lru_cache(256)
def _networks(written: tuple[str, ...]) -> Networks:
    return parse_networks(written)


def _admits_somebody(rules: Placed) -> Verdict:
    """The first rule that lets in a person whom no refusal before it stops."""
    refusals: list[Rule] = []
    for place, rule in rules:
        if rule.effect != REFUSE:
            if any(not any(no.fits(who) for no in refusals) for who in _candidates(rule)):
                return Verdict(rule.effect, place)
        elif rule.is_for_everybody:
            return NOBODY_SAID
        else:
            refusals.append(rule)
    return NOBODY_SAID


def _candidates(rule: Rule) -> Iterator[Somebody]:
    """One person for each way of being meant by a rule, and as little else as possible.

    Somebody of no named site, of no named person and with no further role is stopped only by a refusal that
    would stop everybody of that segment: looking at more people would find nobody else.
    """
    segments: Sequence[str] = sorted(rule.segments) or SEGMENTS
    roles = [frozenset({role}) for role in sorted(rule.roles)] or [frozenset[str]()]
    sites, persons = sorted(rule.sites) or [_NO_SITE], sorted(rule.persons) or [_NO_ID]
    for segment, held, site, person in product(segments, roles, sites, persons):
        if segment == EMPLOYEE or not held:
            yield Somebody(person, segment, held, site)
