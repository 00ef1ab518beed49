"""A list of people as another system exports it, read line by line; nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from app.kernel.inputs import clean
from app.kernel.sheet import numbered_lines
from app.people.models import EMPLOYEE, LOCALES, ROLES, SEGMENTS

MOST_ROWS = 20_000
COLUMNS = ("login", "name", "email", "title", "team", "manager", "site", "roles", "locale", "segment")
_LONGEST = {"login": 64, "name": 120, "email": 254, "title": 120, "team": 120, "manager": 64, "site": 120}
_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,189}")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for one


@dataclass(frozen=True)
class Known:
    """Who is there already: segment and present manager by login, logins by address."""

    segments: Mapping[str, str]
    managers: Mapping[str, str]
    emails: Mapping[str, str]


@dataclass
class Read:
    """The good lines, and what is wrong with the others: (line, sentence)."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)


def read_list(content: bytes, known: Known) -> Read:
    """Every line of a CSV with a heading line; the order of the lines doesn't matter."""
    read = Read()
    lines = numbered_lines(content)
    columns = [cell.strip().lower() for cell in next(lines, (0, []))[1]]
    if "login" not in columns or "name" not in columns:
        read.problems.append((1, _("The first line names the columns; at least login and name.")))
        return read
    rows: list[tuple[dict[str, Any], list[str]]] = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) >= MOST_ROWS:
            read.problems.append((number, _("Only %(most)d lines are read at once.", most=MOST_ROWS)))
            break
        rows.append(_row(number, dict(zip(columns, cells, strict=False))))
    _sort_out(rows, known, read)
    return read


def check_again(rows: list[dict[str, Any]], known: Known) -> list[tuple[int, str]]:
    """What is wrong by now with lines that were good."""
    read = Read()
    _sort_out([(dict(row), []) for row in rows], known, read)
    return read.problems


def _sort_out(rows: list[tuple[dict[str, Any], list[str]]], known: Known, read: Read) -> None:
    """Lines go where they belong; one that leans on a bad one is bad too, until nothing changes."""
    for row, problems in rows:
        _meet(row, problems, known)
    _find_doubles(rows, known)
    while _find_lost_managers(rows, known):
        pass
    _find_circles(rows, known)
    while _find_lost_managers(rows, known):
        pass
    for row, problems in rows:
        if problems:
            read.problems.append((row["line"], " ".join(problems)))
        else:
            read.rows.append(row)


def _row(number: int, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    problems: list[str] = []
    told = {name: clean(cells.get(name) or "", lines=False) for name in COLUMNS}
    for name in ("login", "email", "manager", "segment", "locale"):
        told[name] = told[name].lower()
    for name, value in told.items():
        if value.startswith(FORMULA):
            problems.append(_("“%(value)s” begins like a formula.", value=value[:40]))
        elif len(value) > _LONGEST.get(name, 200):
            problems.append(_("“%(value)s…” is too long.", value=value[:40]))
    if not _LOGIN.fullmatch(told["login"]):
        problems.append(_("“%(value)s” is no login: write it like anne.martin.", value=told["login"][:40]))
    if not told["name"]:
        problems.append(_("The name is missing."))
    if told["email"] and not _EMAIL.fullmatch(told["email"]):
        problems.append(_("“%(value)s” is no e-mail address.", value=told["email"][:40]))
    if told["locale"] and told["locale"] not in LOCALES:
        problems.append(_("“%(value)s” is no language: write fr or en.", value=told["locale"][:40]))
    return {**told, "roles": _roles(told["roles"], problems), "line": number}, problems


def _roles(cell: str, problems: list[str]) -> list[str]:
    roles = sorted({part.strip().lower() for part in re.split(r"[|,]", cell) if part.strip()})
    for unknown in [role for role in roles if role not in ROLES]:
        problems.append(
            _("“%(value)s” is no role: write %(roles)s.", value=unknown[:40], roles=", ".join(ROLES))
        )
    return roles


def _meet(row: dict[str, Any], problems: list[str], known: Known) -> None:
    """What the line means for who is there."""
    present = known.segments.get(row["login"])
    row["is_new"] = present is None
    if row["segment"] not in ("", *SEGMENTS):
        problems.append(_("“%(value)s” is no segment: write employee.", value=row["segment"][:40]))
    elif present is not None and row["segment"] not in ("", present):
        problems.append(_("Nobody is moved from one segment to another by a list."))
    elif present is None and row["segment"] not in ("", EMPLOYEE):
        problems.append(_("Partners are invited one by one: they need a sponsor and an end."))
    if row["roles"] and present not in (None, EMPLOYEE):
        problems.append(_("Partners have no role."))
    owner = known.emails.get(row["email"])
    if row["email"] and owner not in (None, row["login"]):
        problems.append(_("Somebody else has the address %(value)s.", value=row["email"][:80]))


def _find_doubles(rows: list[tuple[dict[str, Any], list[str]]], known: Known) -> None:
    seen: dict[tuple[str, str], int] = {}
    for row, problems in rows:
        for name in ("login", "email"):
            if row[name] and (first := seen.setdefault((name, row[name]), row["line"])) != row["line"]:
                problems.append(_("Line %(line)d names %(value)s already.", line=first, value=row[name][:80]))


def _find_lost_managers(rows: list[tuple[dict[str, Any], list[str]]], known: Known) -> bool:
    there = {row["login"] for row, problems in rows if not problems} | set(known.segments)
    lost = [(row, problems) for row, problems in rows if not problems and row["manager"]]
    lost = [(row, problems) for row, problems in lost if row["manager"] not in there]
    for row, problems in lost:
        problems.append(_("Nobody signs in as %(value)s, their manager.", value=row["manager"][:64]))
    return bool(lost)


def _find_circles(rows: list[tuple[dict[str, Any], list[str]]], known: Known) -> None:
    """Nobody reports to themselves, even through others."""
    above = dict(known.managers)
    above |= {row["login"]: row["manager"] for row, problems in rows if not problems and row["manager"]}
    settled: set[str] = set()
    caught: set[str] = set()
    for start in list(above):
        way: dict[str, int] = {}
        at: str | None = start
        while at is not None and at not in settled and at not in way:
            way[at] = len(way)
            at = above.get(at)
        if at is not None and at in way:
            caught |= {login for login, place in way.items() if place >= way[at]}
        settled |= set(way)
    for row, problems in rows:
        if row["login"] in caught and row["manager"] and not problems:
            problems.append(_("Nobody can report to themselves, even through others."))
