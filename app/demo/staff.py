"""Who works here, who is next to us, and where we meet."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from app.demo.chance import chance
from app.demo.portraits import portrait
from app.demo.reading import load, table, words
from app.demo.shapes import Alias, Contact, Member, Organisation, Person, Site, Space, Team

DOMAIN = "vaudrelle.example"
SITES = (
    Site("lyon", "Siège de Lyon", "Lyon"),
    Site("roanne", "Usine de Roanne", "Roanne"),
    Site("cholet", "Usine de Cholet", "Cholet"),
)


def teams() -> tuple[Team, ...]:
    """The tree of teams, parents before children."""
    return tuple(
        Team(key, name_fr, name_en, parent or None, manager)
        for key, name_fr, name_en, parent, manager in table("teams.txt")
    )


def people(seed: int, now: datetime) -> tuple[Person, ...]:
    """The employees, managers first, then the partners."""
    tree = {team.key: team for team in teams()}
    order = {key: place for place, key in enumerate(tree)}
    rows = sorted(table("people.txt"), key=lambda row: (order[row[4]], tree[row[4]].manager != row[0]))
    employees = [_employee(row, tree, number, seed, now) for number, row in enumerate(rows)]
    return (*employees, *(_partner(row, seed, now) for row in table("partners.txt")))


def _employee(row: list[str], tree: dict[str, Team], number: int, seed: int, now: datetime) -> Person:
    login, first, last, title, team, site, look, locale, roles, skills, about = row
    return Person(
        login=login,
        first_name=first,
        last_name=last,
        email=f"{login}@{DOMAIN}",
        title=title,
        about=about,
        segment="employee",
        locale="en" if locale == "en" else "fr",
        team=team,
        manager=_manager(login, tree[team], tree),
        site=site,
        phone=f"04 65 71 10 {number + 10:02d}",
        skills=words(skills),
        roles=words(roles),
        organisation=None,
        arrived_on=_arrival(seed, login, now),
        draw=partial(portrait, f"{seed}/{login}", look=look),
    )


def _manager(login: str, team: Team, tree: dict[str, Team]) -> str | None:
    """The manager of the team; for that manager, the one of the team above."""
    if team.manager != login:
        return team.manager
    return tree[team.parent].manager if team.parent else None


def _arrival(seed: int, login: str, now: datetime) -> date:
    return now.date() - timedelta(days=int(200 + chance(seed, "arrival", login).random() ** 2 * 9000))


def _partner(row: list[str], seed: int, now: datetime) -> Person:
    login, first, last, title, organisation, segment, look, locale, skills, about = row
    return Person(
        login=login,
        first_name=first,
        last_name=last,
        email=f"{login}@{organisation}.example",
        title=title,
        about=about,
        segment="client" if segment == "client" else "supplier",
        locale="en" if locale == "en" else "fr",
        team=None,
        manager=None,
        site=None,
        phone=None,
        skills=words(skills),
        roles=(),
        organisation=organisation,
        arrived_on=_arrival(seed, login, now),
        draw=partial(portrait, f"{seed}/{login}", look=look),
    )


def organisations() -> tuple[Organisation, ...]:
    """Clients and suppliers, with what they are called."""
    return tuple(_organisation(entry) for entry in load("organisations.json"))


def _organisation(entry: dict[str, Any]) -> Organisation:
    return Organisation(
        key=entry["key"],
        name=entry["name"],
        roles=tuple(entry["roles"]),
        activity=entry["activity"],
        town=entry["town"],
        siren=with_check_digit(entry["siren"]),
        domains=tuple(entry["domains"]),
        aliases=tuple(Alias(text, mode) for text, mode in entry["aliases"]),
        contacts=tuple(Contact(name, title, email, login) for name, title, email, login in entry["contacts"]),
    )


def with_check_digit(digits: str) -> str:
    """The digits and the one that makes them pass Luhn."""
    return digits + str(-_luhn(digits + "0") % 10)


def _luhn(digits: str) -> int:
    """The Luhn sum: a multiple of ten for a valid number."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled)


def spaces(staff: tuple[Person, ...], now: datetime) -> tuple[Space, ...]:
    """The spaces with their members: owners, moderators, then everybody else once."""
    return tuple(_space(entry, staff, now) for entry in load("spaces.json"))


def _space(entry: dict[str, Any], staff: tuple[Person, ...], now: datetime) -> Space:
    return Space(
        key=entry["key"],
        name=entry["name"],
        about=entry["about"],
        kind=entry["kind"],
        visibility=entry["visibility"],
        organisation=entry["organisation"],
        created_at=now - timedelta(days=entry["days"]),
        members=_members(entry, staff),
    )


def _members(entry: dict[str, Any], staff: tuple[Person, ...]) -> tuple[Member, ...]:
    """`members` names logins and teams, or "all" for every employee."""
    named = entry["members"]
    joined = [p.login for p in staff if p.segment == "employee" and (named == "all" or p.team in named)]
    logins = joined if named == "all" else [*joined, *(login for login in named if "." in login)]
    roles = {login: Member(login, "owner") for login in entry["owners"]}
    roles |= {login: Member(login, "moderator") for login in entry["moderators"]}
    return tuple((roles | {login: roles.get(login, Member(login, "member")) for login in logins}).values())
