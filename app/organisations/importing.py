"""A list of organisations as people export it from elsewhere, read line by line; nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _
from stdnum.fr import siren as siren_number

from app.kernel.inputs import clean
from app.kernel.sheet import numbered_lines
from app.organisations.models import MODES

MOST_ROWS, LONGEST = 20_000, 120
COLUMNS = ("name", "roles", "aliases", "domains", "siren", "contacts", "valid_to")
_ROLES = {
    "client": ("client",),
    "customer": ("client",),
    "supplier": ("supplier",),
    "fournisseur": ("supplier",),
    "both": ("client", "supplier"),
    "les deux": ("client", "supplier"),
}
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_CONTACT = re.compile(r"(?P<name>[^<>]{1,120}?)\s*(?:<(?P<email>[^<>\s@]{1,64}@[^<>\s@]{1,190})>)?")


@dataclass
class Read:
    """The good lines, and what is wrong with the others: (line, sentence)."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)


def read_list(content: bytes, known: Collection[str]) -> Read:
    """Every line of a CSV with a heading line; `known` are names already registered, folded."""
    read = Read()
    lines = numbered_lines(content)
    heading = next(lines, (0, []))[1]
    columns = [cell.strip().lower() for cell in heading]
    if "name" not in columns or "roles" not in columns:
        read.problems.append((1, _("The first line names the columns; at least name and roles.")))
        return read
    seen: dict[str, int] = {}
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(read.rows) + len(read.problems) >= MOST_ROWS:
            read.problems.append((number, _("Only %(most)d lines are read at once.", most=MOST_ROWS)))
            break
        _read_line(read, number, dict(zip(columns, cells, strict=False)), seen, known)
    return read


def _read_line(
    read: Read, number: int, cells: Mapping[str, str], seen: dict[str, int], known: Collection[str]
) -> None:
    problems: list[str] = []
    row = _row({name: clean(cells.get(name, ""), lines=False) for name in COLUMNS}, problems)
    key = row["name"].casefold()
    if key in seen and not problems:
        problems.append(_("Line %(line)d names it already.", line=seen[key]))
    if problems:
        read.problems.append((number, " ".join(problems)))
        return
    seen[key] = number
    read.rows.append({**row, "line": number, "is_new": key not in known})


def _row(cells: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    name = cells["name"]
    if not name or len(name) > LONGEST:
        problems.append(_("The name is missing or too long."))
    roles = _ROLES.get(cells["roles"].lower())
    if roles is None:
        problems.append(
            _("“%(value)s” is no role: write client, supplier or both.", value=cells["roles"][:40])
        )
    siren = re.sub(r"\s", "", cells["siren"])
    if siren and not siren_number.is_valid(siren):
        problems.append(_("This SIREN isn't valid: check its nine digits."))
    return {
        "name": name,
        "roles": list(roles or ()),
        "aliases": _aliases(_parts(cells["aliases"]), problems),
        "domains": _domains(re.split(r"[|\s]+", cells["domains"].lower()), problems),
        "siren": siren or None,
        "contacts": _contacts(_parts(cells["contacts"]), problems),
        "valid_to": _day(cells["valid_to"], problems),
    }


def _aliases(parts: Sequence[str], problems: list[str]) -> list[list[str]]:
    aliases = []
    for part in parts:
        text, _colon, mode = part.rpartition(":") if part.rpartition(":")[2] in MODES else (part, "", "plain")
        if not text.strip() or len(text) > LONGEST:
            problems.append(_("“%(value)s” is no name.", value=part[:40]))
        aliases.append([text.strip(), mode])
    return aliases


def _domains(parts: Sequence[str], problems: list[str]) -> list[str]:
    domains = [part for part in parts if part]
    wrong = next((part for part in domains if not _DOMAIN.fullmatch(part)), None)
    if wrong is not None:
        problems.append(_("“%(value)s” is no domain.", value=wrong[:40]))
    return domains


def _contacts(parts: Sequence[str], problems: list[str]) -> list[list[str | None]]:
    contacts = []
    for part in parts:
        found = _CONTACT.fullmatch(part)
        if found is None:
            problems.append(_("“%(value)s” is no contact: write Name <address>.", value=part[:40]))
        else:
            contacts.append([found["name"].strip(), found["email"]])
    return contacts


def _day(value: str, problems: list[str]) -> str | None:
    try:
        return date.fromisoformat(value).isoformat() if value else None
    except ValueError:
        problems.append(_("Give a date such as 2026-12-31."))
        return None


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]
