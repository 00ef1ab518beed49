"""People, spaces and entries for tests, made by the same actions as in the product."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from app.auth import actions as auth
from app.charter import actions as charter
from app.kernel import clock, settings
from app.kernel.action import action
from app.organisations import actions as organisations
from app.organisations.models import Organisation
from app.people import actions as people
from app.people.actor import Actor, of_person
from app.people.models import Person
from app.posts import actions as posts
from app.posts.inputs import Written
from app.posts.models import Entry
from app.spaces import actions as spaces
from app.spaces.models import Space

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def make_person(login: str = "", *, password: bool = False, **more: Any) -> Actor:
    """An employee, or with `segment` and `organisation_id` a partner; with `roles` more than that."""
    login = login or f"person{next(_numbers)}"
    if more.get("segment", "employee") != "employee":
        turn_on_partners()
    person = people.add_person(None, login=login, name=more.pop("name", login.title()), **more)
    if password:
        auth.set_password(None, person, PASSWORD)
    return actor(person.id)


def actor(person_id: int) -> Actor:
    """The person as they would act now."""
    found = of_person(person_id)
    assert found is not None
    return found


def person_of(who: Actor) -> Person:
    from app.people.queries import get_person

    return get_person(who.id)


def make_organisation(name: str, *roles: str, **more: Any) -> Organisation:
    """A client, a supplier, or both."""
    return organisations.save_organisation(None, name=name, roles=list(roles or ("client",)), **more)


def make_space(*members: Actor, owner: Actor | None = None, **more: Any) -> Space:
    """A space owned by `owner` or by the first member; the others belong."""
    owner = owner or members[0]
    space = spaces.create_space(owner, name=more.pop("name", f"Space {next(_numbers)}"), **more)
    for member in members:
        if member.id != owner.id:
            spaces.add_member(None, space, person_of(member))
    return space


def make_post(author: Actor, space: Space, body: str = "Hello", **more: Any) -> Entry:
    """Something said in a space."""
    return posts.publish(author, space, Written(body=body, **more))


def make_comment(author: Actor, root: Entry, body: str = "Yes", **more: Any) -> Entry:
    """An answer."""
    return posts.comment(author, root, Written(body=body, **more))


def make_charter(**rules: dict[str, Any]) -> None:
    """A small charter in force, with the rules given by key ({kind, action, clause, params})."""
    clause = {
        f"{field}_{language}": f"{field} {language}"
        for field in ("title", "text", "message")
        for language in ("fr", "en")
    }
    charter.publish_version(
        None,
        {
            "title_fr": "Charte",
            "title_en": "Charter",
            "articles": [
                {
                    "number": number,
                    "title_fr": f"Article {number}",
                    "title_en": f"Article {number}",
                    "clauses": [{"number": f"{number}.{n}", **clause} for n in (1, 2)],
                }
                for number in range(1, 6)
            ],
        },
        effective_at=clock.now() - timedelta(days=1),
    )
    for key, rule in rules.items():
        charter.save_rule(None, key.replace("_", "."), **{"clause": "4.2", **rule})


def make_mixing_rule() -> None:
    """Client and supplier in one unit are held, under clause 4.2; everybody has yet to accept."""
    make_charter(mix={"kind": "mixing", "action": "hold"})


def accept(*actors: Actor) -> None:
    """They accept the charter in force."""
    from app.charter.queries import version_in_force

    version = version_in_force()
    for who in actors:
        if version is not None:
            charter.accept(who, version, locale=who.locale)


@action
def turn_on_partners() -> None:
    settings.put("partners_enabled", True)
