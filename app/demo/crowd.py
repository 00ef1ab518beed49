"""Thousands of people in thousands of spaces, each in a handful of them; a few spaces hold most of them."""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.charter.models import CharterVersion
from app.demo import bulk
from app.demo.chance import chance
from app.demo.hours import Hours
from app.demo.rows import Row, put
from app.kernel import clock
from app.kernel.db import db
from app.kernel.ids import id_at
from app.people.models import Person, Team
from app.people.queries import folded
from app.spaces.models import Space

FEWEST, MOST = 5, 30
IN_A_TEAM, REPORTS = 24, 11
SEEDS = 1_000
TEAM_GAP, PERSON_GAP, SPACE_GAP = 3 * SEEDS, 2 * SEEDS, SEEDS
DAY = 86_400_000_000


@dataclass(frozen=True)
class Size:
    """How much to make."""

    people: int
    spaces: int
    posts: int
    comments_per_post: float

    @classmethod
    def of(cls, people: int | None, spaces: int | None, posts: int | None, talk: float) -> Size:
        """What was asked, with something plausible for what was not."""
        return cls(people or 1_000, spaces or 100, posts or 0, talk)


@dataclass(frozen=True)
class Crowd:
    """Who belongs where, by number; the same for the same seed, size and time."""

    size: Size
    seed: int
    hours: Hours

    def person_id(self, number: int) -> int:
        return id_at(self.hours.begins - 3 * DAY + number * PERSON_GAP + self.seed % SEEDS)

    def space_id(self, number: int) -> int:
        return id_at(self.hours.begins - 2 * DAY + number * SPACE_GAP + self.seed % SEEDS)

    def team_id(self, number: int) -> int:
        return id_at(self.hours.begins - 4 * DAY + number * TEAM_GAP + self.seed % SEEDS)

    def members(self) -> list[array[int]]:
        """For each space the numbers of its people; the first one owns it."""
        size = self.size
        belong = [array("q", [place * 7919 % size.people]) for place in range(size.spaces)]
        for number in range(size.people):
            for place in self._places(number):
                if belong[place][0] != number:
                    belong[place].append(number)
        return belong

    def _places(self, number: int) -> set[int]:
        """Some spaces of a person, the first ones more often."""
        draws, spaces = chance(self.seed, "places", number), self.size.spaces
        wanted = min(spaces, FEWEST + int((MOST - FEWEST + 1) * draws.random() ** 2))
        if wanted >= spaces:
            return set(range(spaces))
        places = set[int]()
        while len(places) < wanted:
            places.add(int(spaces * draws.random() ** 1.6))
        return places


def settle(crowd: Crowd, members: Sequence[array[int]], version: CharterVersion) -> None:
    """Write teams, people who accepted the charter, spaces and who belongs to them. Within an action."""
    _put_teams(crowd)
    taken = set(db.session.scalars(select(Person.login)))
    put("people", _PERSON, _people(crowd, taken))
    accepted = clock.micros(max(clock.instant(crowd.hours.begins), version.effective_at or clock.EPOCH))
    put(
        "acceptances",
        ("person_id", "version_id", "at", "locale", "text_hash"),
        (
            (crowd.person_id(number), version.id, accepted, person.locale, version.text_hash)
            for number, person in enumerate(bulk.people(crowd.size.people, crowd.seed))
        ),
    )
    _put_spaces(crowd, members)


_PERSON = (
    "id", "login", "name", "name_key", "title", "site", "about", "skills", "segment", "team_id", "manager_id",
    "roles", "locale", "theme", "time_zone", "version", "created_at",
)  # fmt: skip


def _people(crowd: Crowd, taken: Collection[str]) -> Iterator[Row]:
    for number, person in enumerate(bulk.people(crowd.size.people, crowd.seed)):
        login = person.login if person.login not in taken else f"{person.login}-{crowd.seed}"
        name = f"{person.first_name} {person.last_name}"
        manager = crowd.person_id((number - 1) // REPORTS) if number else None
        team = crowd.team_id(number // IN_A_TEAM)
        yield (
            crowd.person_id(number), login, name, folded(f"{name} {login}")[:160], person.title, "", "", "[]",
            "employee", team, manager, "[]", person.locale, "auto", "Europe/Paris", 1, crowd.hours.begins,
        )  # fmt: skip


def _put_teams(crowd: Crowd) -> None:
    taken = set(db.session.scalars(select(Team.name)))
    names = (f"Équipe {number + 1}" for number in range((crowd.size.people - 1) // IN_A_TEAM + 1))
    put(
        "teams",
        ("id", "name", "parent_id", "created_at"),
        (
            (
                crowd.team_id(n),
                name if name not in taken else f"{name} ({crowd.seed})",
                None,
                crowd.hours.begins,
            )
            for n, name in enumerate(names)
        ),
    )


def _put_spaces(crowd: Crowd, members: Sequence[array[int]]) -> None:
    taken, begins = set(db.session.scalars(select(Space.name))), crowd.hours.begins
    columns = (
        "id", "name", "about", "kind", "visibility", "joins_freely", "created_by_id", "member_count",
        "last_position", "version", "created_at",
    )  # fmt: skip
    put(
        "spaces",
        columns,
        (
            (
                crowd.space_id(n), space.name if space.name not in taken else f"{space.name} ({crowd.seed})",
                space.about, "internal", space.visibility, space.visibility == "open",
                crowd.person_id(members[n][0]), len(members[n]), 0, 1, begins,
            )
            for n, space in enumerate(bulk.spaces(crowd.size.spaces, crowd.seed))
        ),
    )  # fmt: skip
    put(
        "memberships",
        ("space_id", "person_id", "role", "created_at"),
        (
            (crowd.space_id(place), crowd.person_id(number), "member" if turn else "owner", begins)
            for place, belonging in enumerate(members)
            for turn, number in enumerate(belonging)
        ),
    )


def told(size: Size) -> str:
    """A size, to compare with another one."""
    return json.dumps([size.people, size.spaces, size.posts, size.comments_per_post])
