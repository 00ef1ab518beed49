from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as _

from app.gate.hours import read_minute
from app.kernel.errors import Invalid
from app.kernel.inputs import choice, clean, optional, parse, switch, text, whole
from app.people.models import LOCALES, THEMES

MOST_SKILLS, LONGEST_SKILL = 30, 40
_REGIONS = (
    "Europe/",
    "Africa/",
    "America/",
    "Antarctica/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Indian/",
    "Pacific/",
)


@dataclass(frozen=True)
class Mine:
    """What a person says of themselves, and how Parvis looks for them."""

    title: str
    about: str
    skills: list[str]
    locale: str
    theme: str
    time_zone: str
    remove_photo: bool
    version: int | None

    @classmethod
    def parse(cls, source: Mapping[str, Any]) -> Mine:
        """Invalid with a sentence per field."""
        return cls(
            **parse(
                source,
                title=text(longest=120, shortest=0, lines=False),
                about=text(longest=2000, shortest=0),
                skills=_skills,
                locale=choice(*LOCALES),
                theme=choice(*THEMES),
                time_zone=choice(*time_zones()),
                remove_photo=switch(),
                version=optional(whole()),
            )
        )


@dataclass(frozen=True)
class NewToken:
    """A key for a program: what it is for and how long it lasts."""

    name: str
    days: int

    @classmethod
    def parse(cls, source: Mapping[str, Any]) -> NewToken:
        """Invalid with a sentence per field."""
        given = parse(source, name=text(longest=80, lines=False), days=choice("30", "90", "365"))
        return cls(given["name"], int(given["days"]))


@dataclass(frozen=True)
class Quiet:
    """When nothing rings: from a minute of the day until another, and on weekends or not."""

    begin: int
    end: int
    weekends: bool

    @classmethod
    def parse(cls, source: Mapping[str, Any]) -> Quiet:
        """Invalid with a sentence per field; both times left out are no hours."""
        given = parse(source, begin=_minute, end=_minute, weekends=switch())
        if (given["begin"] is None) != (given["end"] is None) or 24 * 60 in given.values():
            raise Invalid(fields={"end": _("Give both times, such as 20:00 and 07:00.")})
        return cls(given["begin"] or 0, given["end"] or 0, given["weekends"])


@cache
def time_zones() -> tuple[str, ...]:
    """Those of places, Europe first."""
    names = [name for name in available_timezones() if name.startswith(_REGIONS)]
    return tuple(sorted(names, key=lambda name: (not name.startswith("Europe/"), name)))


def _minute(raw: Any) -> int | None:
    if not raw:
        return None
    try:
        return read_minute(str(raw)[:8])
    except ValueError as problem:
        raise ValueError(_("Give both times, such as 20:00 and 07:00.")) from problem


def _skills(raw: Any) -> list[str]:
    if raw is not None and not isinstance(raw, str):
        raise ValueError(_("Write text here."))
    named = [clean(one, lines=False) for one in (raw or "").replace("\n", ",").split(",")]
    skills = list({one.casefold(): one for one in named if one}.values())
    if len(skills) > MOST_SKILLS:
        raise ValueError(_("That is too many: at most %(most)d.", most=MOST_SKILLS))
    if any(len(one) > LONGEST_SKILL for one in skills):
        raise ValueError(
            _("A skill has at most %(most)d characters. Separate them by commas.", most=LONGEST_SKILL)
        )
    return skills
