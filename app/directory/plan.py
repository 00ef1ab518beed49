"""What a synchronisation would do: found out before anything is touched, and shown by a dry run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from app.auth import outside
from app.auth.directory.company import Directory
from app.auth.directory.entries import Described, same_name
from app.directory import queries
from app.people.groups import key_of
from app.people.models import Person

MADE, LINKED, CHANGED, PHOTO, MANAGER = "made", "linked", "changed", "photo", "manager"
CLOSED, REOPENED, KEPT, SKIPPED = "closed", "reopened", "kept", "skipped"


@dataclass(frozen=True)
class Step:
    """One thing to do for one person; `login` is ours where they have an account, else the directory's."""

    what: str
    login: str
    who: Described | None = None
    person: Person | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Every step, and how many accounts stand that the directory knows."""

    steps: Sequence[Step]
    found: int
    standing: int
    everyone: Sequence[Described] = field(repr=False)

    @property
    def closing(self) -> int:
        return sum(step.what == CLOSED for step in self.steps)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return {"found": self.found, **Counter(step.what for step in self.steps)}

    def takes_too_many(self, most_per_cent: int) -> bool:
        """True when so many accounts would be closed that a mistake is likelier than as many departures."""
        allowed = max(1, self.standing * most_per_cent // 100) if most_per_cent else 0
        return self.closing > 0 and (self.closing > allowed or not self.found)


def made(directory: Directory, everyone: Sequence[Described]) -> Plan:
    """The plan for what the directory holds now."""
    known, traces, named = queries.linked(), queries.traces(), queries.groups_named()
    steps: list[Step] = []
    for who in everyone:
        person = known.get(who.subject)
        if person is None:
            steps += _newcomer(directory, who)
        else:
            closed_by_us = traces.get(person.id, ("", "", False))[2]
            others = {key_of(group) for group in who.known_groups} != named.get(person.id, set())
            steps += _known(directory, who, person, closed_by_us=closed_by_us, other_groups=others)
    standing = [(subject, person) for subject, person in known.items() if person.deactivated_at is None]
    numbers = {person.id: person for person in known.values()}
    steps += [Step(MANAGER, numbers[one].login, person=numbers[one]) for one in managers(everyone)]
    here = {who.subject for who in everyone}
    steps += [Step(CLOSED, one.login, person=one) for subject, one in standing if subject not in here]
    return Plan(steps, len(everyone), len(standing), everyone)


def managers(everyone: Collection[Described]) -> dict[int, int]:
    """Who is to report to whom instead of as now; never in a circle, never to somebody without account."""
    known, present = queries.linked(), dict(queries.managers())
    by_name = {same_name(who.dn): known[who.subject].id for who in everyone if who.subject in known}
    wanted = {
        by_name[same_name(who.dn)]: by_name[who.manager_dn]
        for who in everyone
        if who.subject in known and who.manager_dn in by_name
    }
    after = {**present, **wanted}
    return {
        person: manager
        for person, manager in wanted.items()
        if present.get(person) != manager and not _in_circle(person, after)
    }


def differing(who: Described, person: Person, team: str | None) -> dict[str, str]:
    """What the directory says otherwise; what it doesn't say stays as it is here."""
    said = {"name": who.name, "email": who.email or "", "title": who.title, "team": who.team}
    here = {"name": person.name, "email": person.email or "", "title": person.title, "team": team or ""}
    return {what: value for what, value in said.items() if value and value != here[what]}


def _newcomer(directory: Directory, who: Described) -> list[Step]:
    if who.is_closed:
        return []
    found = outside.candidates(directory, who)
    if len(found) == 1:
        return [Step(LINKED, found[0].login, who, found[0])]
    return [Step(MADE if directory.creates and not found else SKIPPED, who.login, who)]


def _known(
    directory: Directory, who: Described, person: Person, *, closed_by_us: bool, other_groups: bool
) -> list[Step]:
    if person.deactivated_at is not None:
        return [Step(REOPENED, person.login, who, person)] if closed_by_us and not who.is_closed else []
    if who.is_closed:
        return [Step(CLOSED, person.login, who, person)]
    fields = tuple(differing(who, person, person.team.name if person.team else None))
    roles = outside.roles_by_groups(directory, who, person)
    if roles != sorted(person.roles):
        fields = (*fields, "roles")
    if other_groups:
        fields = (*fields, "groups")
    return [Step(CHANGED, person.login, who, person, fields)] if fields else []


def _in_circle(person: int, above: Mapping[int, int]) -> bool:
    seen, one = {person}, above.get(person)
    while one is not None and one not in seen:
        seen.add(one)
        one = above.get(one)
    return one == person
