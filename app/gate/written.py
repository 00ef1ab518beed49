"""Networks, hours and holidays as people type them, a line each.

    Lyon office: 10.1.0.0/16 2001:db8:40::/48
    Office hours: mon-fri 08:00-18:00; sat 09:00-12:00
    Watch: every day 20:00-06:00 (holidays too)

Days are read in English and in French, and written in the reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from app.gate.hours import DAYS
from app.kernel.errors import Invalid

DAYS_FR = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")
_EVERY_DAY = ("every day", "daily", "tous les jours")
_TOO = re.compile(r"\s*\((?:holidays too|fériés compris)\)\s*$", re.I)
_WINDOW = re.compile(r"(.+?)\s+(\d{1,2}[:h]\d\d)\s*[-–]\s*(\d{1,2}[:h]\d\d)")


def read_places(text: str) -> list[dict[str, Any]]:
    """Named networks."""
    return [
        {"name": name, "networks": [part for part in re.split(r"[\s,;]+", rest) if part]}
        for name, rest in _lines(text, "places")
    ]


def write_places(places: Iterable[dict[str, Any]]) -> str:
    """One line each."""
    return "\n".join(f"{place['name']}: {' '.join(place['networks'])}" for place in places)


def read_hours(text: str) -> list[dict[str, Any]]:
    """Named hours; Invalid naming the part that can't be read."""
    return [_hours(name, rest) for name, rest in _lines(text, "hours")]


def write_hours(hours: Iterable[dict[str, Any]]) -> str:
    """One line each."""
    return "\n".join(_written(one) for one in hours)


def read_holidays(text: str) -> list[str]:
    """Days, however separated."""
    return [part for part in re.split(r"[\s,;]+", text) if part]


def _lines(text: str, field: str) -> Iterable[tuple[str, str]]:
    for line in text.splitlines():
        if not line.strip():
            continue
        name, colon, rest = line.partition(":")
        if not colon or not name.strip():
            raise Invalid(
                fields={field: _("Write a name, a colon, then the rest: “%(line)s”.", line=line[:80])}
            )
        yield name.strip(), rest.strip()


def _hours(name: str, rest: str) -> dict[str, Any]:
    plain = _TOO.sub("", rest)
    windows = [_window(part.strip()) for part in plain.split(";") if part.strip()]
    return {"name": name, "windows": windows, "on_holidays": plain != rest}


def _window(part: str) -> dict[str, Any]:
    match = _WINDOW.fullmatch(part)
    days = _days(match[1].strip().lower()) if match else None
    if match is None or days is None:
        raise Invalid(fields={"hours": _("“%(part)s” isn’t like mon-fri 08:00-18:00.", part=part[:80])})
    return {"days": days, "from": _time(match[2]), "to": _time(match[3])}


def _days(text: str) -> list[str] | None:
    if text in _EVERY_DAY:
        return list(DAYS)
    found: list[int] = []
    for part in re.split(r"\s*,\s*", text):
        begin, dash, end = (piece.strip() for piece in part.partition("-"))
        first, last = _day(begin), _day(end) if dash else _day(begin)
        if first is None or last is None:
            return None
        found += [day % 7 for day in range(first, last + (7 if last < first else 0) + 1)]
    return [DAYS[day] for day in sorted(set(found))]


def _day(text: str) -> int | None:
    for names in (DAYS, DAYS_FR):
        if len(text) >= 3 and text[:3] in names:
            return names.index(text[:3])
    return None


def _time(text: str) -> str:
    hour, minute = text.replace("h", ":").split(":")
    return f"{int(hour):02d}:{minute}"


def _written(hours: dict[str, Any]) -> str:
    windows = "; ".join(f"{_spoken(w['days'])} {w['from']}-{w['to']}" for w in hours["windows"])
    french = str(get_locale() or "fr") == "fr"
    too = (" (fériés compris)" if french else " (holidays too)") if hours.get("on_holidays") else ""
    return f"{hours['name']}: {windows}{too}"


def _spoken(days: list[str]) -> str:
    """Neighbouring days as a span."""
    names = DAYS_FR if str(get_locale() or "fr") == "fr" else DAYS
    numbers = sorted(DAYS.index(day) for day in days)
    if len(numbers) == 7:
        return _EVERY_DAY[2] if names is DAYS_FR else _EVERY_DAY[0]
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    return ", ".join(
        names[span[0]] if len(span) == 1 else f"{names[span[0]]}-{names[span[-1]]}" for span in spans
    )
