"""What rules and hours say, as sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from babel.dates import get_day_names
from flask_babel import format_date, get_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import select

from app.gate.book import ALLOW, READ_ONLY, REFUSE, SECOND_FACTOR, Book, Rule, Standing
from app.gate.hours import Hours, Window, write_minute
from app.kernel.db import db
from app.people.models import Person

_WEEK, _WORK, _ALL = frozenset(range(7)), frozenset(range(5)), 24 * 60


def role(name: str) -> str:
    """People of a role."""
    return {
        "moderator": _("moderators"),
        "senior_moderator": _("senior moderators"),
        "charter_owner": _("charter owners"),
        "admin": _("admins"),
        "auditor": _("auditors"),
        "staff_representative": _("staff representatives"),
    }.get(name, name)


def segment(name: str) -> str:
    """People of a segment."""
    return {"employee": _("employees"), "client": _("clients"), "supplier": _("suppliers")}.get(name, name)


def effect(name: str) -> str:
    """What a rule does, in a word or two."""
    return {
        ALLOW: _("Allow"),
        READ_ONLY: _("Read only"),
        SECOND_FACTOR: _("With a second factor"),
        REFUSE: _("Refuse"),
    }[name]


def sentence(rule: Rule, names: Mapping[int, str]) -> str:
    """The whole rule: who, from where, when, and then what."""
    parts = {"who": whom(rule, names), "where": where(rule), "when": when(rule)}
    number = len(rule.persons) or 2
    if rule.effect == REFUSE:
        said = ngettext("%(who)s may not enter %(where)s, %(when)s.",
                        "%(who)s may not enter %(where)s, %(when)s.", number, **parts)  # fmt: skip
    elif rule.effect == READ_ONLY:
        said = ngettext("%(who)s may enter %(where)s, %(when)s, to read only.",
                        "%(who)s may enter %(where)s, %(when)s, to read only.", number, **parts)  # fmt: skip
    elif rule.effect == SECOND_FACTOR:
        said = ngettext(
            "%(who)s may enter %(where)s, %(when)s, with a second factor.",
            "%(who)s may enter %(where)s, %(when)s, with a second factor.",
            number,
            **parts,
        )
    else:
        said = ngettext("%(who)s may enter %(where)s, %(when)s.",
                        "%(who)s may enter %(where)s, %(when)s.", number, **parts)  # fmt: skip
    return said[:1].upper() + said[1:]


def whom(rule: Rule, names: Mapping[int, str]) -> str:
    """Who a rule is about."""
    if rule.is_for_everybody:
        return _("everybody")
    kinds = either(sorted(role(one) for one in rule.roles) or sorted(segment(one) for one in rule.segments))
    if rule.roles and rule.segments:
        kinds = _("%(roles)s who are %(segments)s", roles=kinds,
                  segments=either(sorted(segment(one) for one in rule.segments)))  # fmt: skip
    if rule.sites:
        sites = either(sorted(rule.sites))
        kinds = _("%(who)s of %(sites)s", who=kinds or _("people"), sites=sites)
    if not rule.persons:
        return kinds
    persons = either(sorted(names.get(one, "?") for one in rule.persons))
    return _("%(persons)s if among %(who)s", persons=persons, who=kinds) if kinds else persons


def where(rule: Rule) -> str:
    """From which networks."""
    named = [*rule.places, *([_network(rule)] if rule.network else [])]
    return _("from %(places)s", places=either(named)) if named else _("from anywhere")


def when(rule: Rule) -> str:
    """At which hours, and between which days."""
    said = _("at any time") if rule.hours is None else hours(rule.hours)
    days = {"begin": _day(rule.valid_from), "end": _day(rule.valid_to)}
    if rule.valid_from and rule.valid_to:
        return _("%(hours)s, from %(begin)s to %(end)s", hours=said, **days)
    if rule.valid_from:
        return _("%(hours)s, from %(begin)s on", hours=said, begin=days["begin"])
    return _("%(hours)s, until %(end)s", hours=said, end=days["end"]) if rule.valid_to else said


def hours(of: Hours) -> str:
    """The windows of a week."""
    told = "; ".join(window(one) for one in of.windows)
    return _("%(hours)s, holidays included", hours=told) if of.on_holidays else told


def window(of: Window) -> str:
    """Some days, from when to when."""
    if (of.start, of.end) == (0, _ALL):
        return _("%(days)s, all day", days=_days(of.days))
    begin, end = write_minute(of.start), write_minute(of.end)
    return _("%(days)s %(begin)s–%(end)s", days=_days(of.days), begin=begin, end=end)


def cut(standing: Standing) -> str:
    """Why somebody doesn't get in or stay."""
    if standing.is_closed:
        return _("outside of working hours")
    if standing.place is None:
        return _("no rule fits")
    if standing.needs_second_factor:
        return _("rule %(number)d asks for a second factor", number=standing.place + 1)
    return _("rule %(number)d refuses", number=standing.place + 1)


def names_in(book: Book) -> dict[int, str]:
    """Names of the persons whom a book names."""
    ids = {one for rule in book.rules for one in rule.persons} | set(book.access.persons)
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))) if ids else ()
    return dict(list(rows))


def either(words: list[str]) -> str:
    """One of these: a, b or c."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s or %(last)s", first=", ".join(words[:-1]), last=words[-1])


def _network(rule: Rule) -> str:
    return f"{rule.name} ({rule.network})" if rule.name else rule.network


def _days(days: frozenset[int]) -> str:
    if days == _WEEK:
        return _("every day")
    if days == _WORK:
        return _("weekdays")
    names = get_day_names("abbreviated", locale=get_locale() or "fr")
    return ", ".join(names[day] for day in sorted(days))


def _day(day: object) -> str:
    return str(format_date(day, "d MMM y")) if day else ""
