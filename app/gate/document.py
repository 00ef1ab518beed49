"""A book of rules as it is written: plain JSON, checked here and nowhere else, and made into what decides.

    time_zone   "Europe/Paris"; empty is the company's
    places      [{name, networks: [CIDR]}]
    hours       [{name, windows: [{days: ["mon"…], from: "08:00", to: "18:00"}], on_holidays}]
    holidays    ["2026-12-25", or each year "12-25"]
    rules       [{effect, network, places, roles, segments, sites, persons, hours,
                  valid_from, valid_to, name}]
    access      {mode: off|soft|hard, hours, roles, persons}      who is named there is on duty

What is left out says nothing. Persons are numbers here, and logins at the edges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import gettext as _

from app.gate.address import BadNetwork, Networks, parse_networks
from app.gate.book import ALLOW, EFFECTS, MODES, OFF, REFUSE, SEGMENTS, AccessHours, Book, Rule
from app.gate.hours import DAYS, Holidays, Hours, Window, read_holidays, read_minute
from app.kernel.errors import Invalid
from app.people.models import ROLES

MOST_RULES, MOST_NAMED, MOST_WINDOWS, MOST_HOLIDAYS, LONGEST_NAME = 200, 100, 21, 366, 80
Document = dict[str, Any]
Value = TypeVar("Value")


def simple(networks: Iterable[tuple[str, str]]) -> Document:
    """Everybody may enter from these (network, name)."""
    return {"rules": [{"network": network.strip(), "name": name.strip()} for network, name in networks]}


def is_simple(document: Document) -> bool:
    """Whether it says nothing but which networks everybody may enter from."""
    rest = {key for key in ("places", "hours", "holidays", "access") if document.get(key)}
    plain = {"network", "name", "effect"}
    said = [{key for key, value in rule.items() if value} for rule in document.get("rules", ())]
    allowing = all(rule.get("effect", ALLOW) == ALLOW for rule in document.get("rules", ()))
    return not rest and allowing and all(keys <= plain for keys in said)


def read(document: Document, *, zone: str, number: int = 0, stated_by: str = "admin") -> Book:
    """The book; Invalid with a sentence for each place that can't be taken. `zone` is the company's."""
    reading = _Reading(document)
    book = reading.book(zone, number, stated_by)
    if reading.problems:
        raise Invalid(fields=reading.problems)
    return book


class _Reading:
    """One pass over a document, gathering what is wrong with it by place."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: dict[str, str] = {}

    def book(self, zone: str, number: int, stated_by: str) -> Book:
        """The book, or something like it where there are problems."""
        places = self._named("places", self._networks_of)
        hours = self._named("hours", self._hours_of)
        rules = self.document.get("rules") or []
        if len(rules) > MOST_RULES:
            self.problems["rules"] = _("That is too many: at most %(most)d.", most=MOST_RULES)
        read = (self._rule(f"rules.{n}", rule, places, hours) for n, rule in enumerate(rules[:MOST_RULES]))
        return Book(
            rules=tuple(read),
            zone=self._zone(self.document.get("time_zone") or zone),
            holidays=self._holidays(self.document.get("holidays") or []),
            hours=tuple(hours.values()),
            access=self._access(self.document.get("access") or {}, hours),
            number=number,
            stated_by=stated_by,
        )

    def _named(self, key: str, read: Callable[[str, Mapping[str, Any]], Value]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        items = self.document.get(key) or []
        if len(items) > MOST_NAMED:
            self.problems[key] = _("That is too many: at most %(most)d.", most=MOST_NAMED)
        for number, item in enumerate(items[:MOST_NAMED]):
            at, name = f"{key}.{number}", str(item.get("name", "")).strip()
            if not name or len(name) > LONGEST_NAME:
                self.problems[f"{at}.name"] = _(
                    "Give a name of at most %(most)d characters.", most=LONGEST_NAME
                )
            elif name in found:
                self.problems[f"{at}.name"] = _("“%(name)s” is there twice.", name=name)
            found[name] = read(at, item)
        return found

    def _networks_of(self, at: str, place: Mapping[str, Any]) -> Networks:
        networks = self._networks(f"{at}.networks", place.get("networks") or [])
        if not len(networks):
            self.problems.setdefault(f"{at}.networks", _("Write one network or more."))
        return networks

    def _networks(self, at: str, entries: Sequence[str]) -> Networks:
        if len(entries) > MOST_RULES:
            self.problems[at] = _("That is too many: at most %(most)d.", most=MOST_RULES)
            return Networks()
        try:
            return parse_networks([str(entry) for entry in entries])
        except BadNetwork as problem:
            self.problems[at] = not_a_network(problem)
            return Networks()

    def _hours_of(self, at: str, given: Mapping[str, Any]) -> Hours:
        windows = given.get("windows") or []
        if not windows or len(windows) > MOST_WINDOWS:
            self.problems[f"{at}.windows"] = _("Say on which days, from when to when.")
        read = [self._window(f"{at}.windows.{n}", one) for n, one in enumerate(windows[:MOST_WINDOWS])]
        return Hours(
            str(given.get("name", "")).strip(),
            tuple(window for window in read if window),
            on_holidays=bool(given.get("on_holidays")),
        )

    def _window(self, at: str, given: Mapping[str, Any]) -> Window | None:
        days = given.get("days") or []
        try:
            start, end = read_minute(str(given.get("from", ""))), read_minute(str(given.get("to", "")))
            window = Window(frozenset(DAYS.index(day) for day in days), start, end)
        except ValueError:
            self.problems[at] = _("Write days and times such as mon-fri 08:00-18:00.")
            return None
        if not days or start in {end, 24 * 60}:
            self.problems[at] = _("These hours are empty: from 00:00 to 24:00 is a whole day.")
        return window

    def _rule(
        self, at: str, given: Mapping[str, Any], places: Mapping[str, Networks], hours: Mapping[str, Hours]
    ) -> Rule:
        effect = given.get("effect") or ALLOW
        if effect not in EFFECTS:
            self.problems[f"{at}.effect"] = _("Choose one of the values offered.")
        rule = Rule(
            effect=effect,
            networks=self._from_where(at, given, places),
            roles=self._among(f"{at}.roles", given.get("roles"), ROLES),
            segments=self._among(f"{at}.segments", given.get("segments"), SEGMENTS),
            sites=self._sites(f"{at}.sites", given.get("sites")),
            persons=frozenset(given.get("persons") or []),
            hours=self._chosen(f"{at}.hours", given.get("hours"), hours),
            valid_from=self._day(f"{at}.valid_from", given.get("valid_from")),
            valid_to=self._day(f"{at}.valid_to", given.get("valid_to")),
            places=tuple(given.get("places") or ()),
            network=str(given.get("network") or "").strip(),
            name=str(given.get("name") or "").strip()[:LONGEST_NAME],
        )
        self._check(at, rule)
        return rule

    def _check(self, at: str, rule: Rule) -> None:
        if rule.networks is None and rule.effect != REFUSE:
            self.problems.setdefault(
                f"{at}.places", _("Say from where: only a rule that refuses may be about everywhere.")
            )
        if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
            self.problems[f"{at}.valid_to"] = _("This ends before it begins.")
        if rule.roles and rule.segments and "employee" not in rule.segments:
            self.problems[f"{at}.roles"] = _("Partners have no roles: this would concern nobody.")

    def _from_where(
        self, at: str, given: Mapping[str, Any], places: Mapping[str, Networks]
    ) -> Networks | None:
        named, network = given.get("places") or [], str(given.get("network") or "").strip()
        if not named and not network:
            return None
        found = list(self._networks(f"{at}.network", [network] if network else []))
        for name in named:
            if name not in places:
                self.problems[f"{at}.places"] = _("No network is called “%(name)s”.", name=name)
            found += places.get(name, ())
        return Networks(found)

    def _chosen(self, at: str, name: str | None, hours: Mapping[str, Hours]) -> Hours | None:
        if not name:
            return None
        if name not in hours:
            self.problems[at] = _("No hours are called “%(name)s”.", name=name)
        return hours.get(name, Hours(name, ()))

    def _among(self, at: str, given: Sequence[str] | None, allowed: Sequence[str]) -> frozenset[str]:
        if unknown := set(given or ()) - set(allowed):
            self.problems[at] = _("“%(name)s” isn’t known here.", name=min(unknown))
        return frozenset(given or ())

    def _sites(self, at: str, given: Sequence[str] | None) -> frozenset[str]:
        sites = frozenset(site.strip() for site in given or ())
        if "" in sites or len(sites) > MOST_NAMED:
            self.problems[at] = _("Write the names of sites.")
        return sites

    def _day(self, at: str, given: str | None) -> date | None:
        try:
            return date.fromisoformat(given) if given else None
        except ValueError:
            self.problems[at] = _("Give a date such as 2026-12-31.")
            return None

    def _zone(self, name: str) -> ZoneInfo:
        if name not in available_timezones():
            self.problems["time_zone"] = _("Give a time zone such as Europe/Paris.")
            return ZoneInfo("UTC")
        return ZoneInfo(name)

    def _holidays(self, days: Sequence[str]) -> Holidays:
        if len(days) > MOST_HOLIDAYS:
            self.problems["holidays"] = _("That is too many: at most %(most)d.", most=MOST_HOLIDAYS)
        try:
            return read_holidays([str(day) for day in days[:MOST_HOLIDAYS]])
        except ValueError as problem:
            self.problems["holidays"] = _(
                "“%(day)s” isn’t a day such as 2026-12-25, or 12-25 for every year.", day=str(problem)[:40]
            )
            return Holidays()

    def _access(self, given: Mapping[str, Any], hours: Mapping[str, Hours]) -> AccessHours:
        mode = given.get("mode") or OFF
        if mode not in MODES:
            self.problems["access.mode"] = _("Choose one of the values offered.")
        chosen = self._chosen("access.hours", given.get("hours"), hours)
        if mode != OFF and chosen is None:
            self.problems.setdefault("access.hours", _("Say which hours are hours of work."))
        return AccessHours(
            mode=mode,
            hours=chosen,
            roles=self._among("access.roles", given.get("roles"), ROLES),
            persons=frozenset(given.get("persons") or []),
        )


def not_a_network(problem: BadNetwork) -> str:
    """The sentence about an entry that isn't a network."""
    return _("“%(entry)s” isn't a network such as 10.1.0.0/16.", entry=problem.entry)
