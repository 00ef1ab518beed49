"""What the figures are taken on: data in volume, and the people who ask. Prints where to find them, as JSON.

python -m tools.bench_world PEOPLE SPACES POSTS SOCKETS     (in the environment of a PARVIS_ installation)
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from typing import Any

from sqlalchemy import func, insert, select, text

from app import create_app
from app.auth import actions as auth
from app.auth.models import ApiToken
from app.auth.queries import hash_of
from app.charter.actions import save_rule
from app.charter.queries import POLICY_VERSION, clauses_in_force
from app.demo import bulk
from app.kernel import clock, keys, settings
from app.kernel.action import action
from app.kernel.db import db
from app.kernel.ids import new_id
from app.organisations.models import Organisation
from app.people.actor import of_person
from app.people.models import Person
from app.posts.models import Entry, Revision
from app.spaces.models import Membership, Space

TERMS, ORGANISATIONS, ITEMS, COMMENTS = 10_000, 5_000, 10_000, 50
SEED = 7


def main(people: int, spaces: int, posts: int, sockets: int) -> None:
    """Load, prepare, print."""
    flask = [sys.executable, "-m", "flask", "--app", "app"]
    sizes = ["--people", str(people), "--spaces", str(spaces), "--posts", str(posts), "--seed", str(SEED)]
    for command in (["db", "upgrade"], ["demo", "load", *sizes]):
        subprocess.run([*flask, *command], check=True, stdout=sys.stderr)
    with create_app().app_context():
        print(json.dumps(_prepare(sockets)))


@action
def _prepare(sockets: int) -> dict[str, Any]:
    reader, moderator = _reader(), _moderator()
    space = _hot_space(reader.id)
    thread = _thread(space)
    _long_charter()
    _many_organisations()
    _long_queue()
    settings.bump(POLICY_VERSION)
    return {
        "cookie": _cookie(reader.id),
        "token": auth.make_token(None, reader.id, name="bench"),
        "moderator": _cookie(moderator.id),
        "space": space,
        "thread": thread,
        "revision": db.session.scalar(select(func.min(Revision.id))),
        "name": reader.name,
        "tokens": _tokens(sockets),
    }


def _reader() -> Person:
    """Somebody who belongs to as many spaces as people do in the middle."""
    rows = (
        select(Membership.person_id)
        .group_by(Membership.person_id)
        .order_by(func.count(), Membership.person_id)
    )
    ids = db.session.scalars(rows).all()
    return db.session.get_one(Person, ids[len(ids) // 2])


def _moderator() -> Person:
    person = db.session.scalars(select(Person).order_by(Person.id.desc()).limit(1)).one()
    person.roles = ["moderator"]
    return person


def _hot_space(person_id: int) -> int:
    mine = select(Membership.space_id).where(Membership.person_id == person_id)
    rows = (
        select(Space.id)
        .where(Space.id.in_(mine), Space.visibility == "open")
        .order_by(Space.member_count.desc())
    )
    return int(db.session.scalars(rows.limit(1)).one())


def _cookie(person_id: int) -> str:
    actor = of_person(person_id)
    assert actor is not None  # noqa: S101 - one we chose among the active
    secret = auth.open_session(actor, login=actor.login, address="127.0.0.1", device="bench")
    return f"parvis={secret}.{keys.mac('session', secret)}"


def _thread(space_id: int) -> int:
    """A post of this space with so many comments by different people."""
    root = db.session.scalars(
        select(Entry)
        .where(Entry.space_id == space_id, Entry.kind == "post")
        .order_by(Entry.position)
        .limit(1)
    ).one()
    missing = COMMENTS - root.comment_count
    authors = db.session.scalars(select(Person.id).order_by(Person.id).limit(COMMENTS)).all()
    now = clock.micros(clock.now())
    ids = [(new_id(), new_id()) for _ in range(max(0, missing))]
    rows = [
        {"id": entry, "kind": "comment", "space_id": space_id, "author_id": authors[n % len(authors)],
         "root_id": root.id, "position": now + n, "revision_id": revision, "published_at": clock.instant(now + n)}
        for n, (entry, revision) in enumerate(ids)
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(Entry), rows)
    _revisions(authors, ids, now)
    root.comment_count = max(COMMENTS, root.comment_count)
    return root.id


def _revisions(authors: Any, ids: list[tuple[int, int]], now: int) -> None:
    said = [bulk.answered(SEED, n) for n in range(len(ids))]
    rows = [
        {"id": revision, "entry_id": entry, "number": 1, "author_id": authors[n % len(authors)], "title": "",
         "body": said[n][0], "body_html": said[n][1], "created_at": clock.instant(now)}
        for n, (entry, revision) in enumerate(ids)
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(Revision), rows)


def _long_charter() -> None:
    clause = clauses_in_force()[0].number
    terms = [f"interdit {bulk.person(SEED, n).last_name} {n}" for n in range(TERMS)]
    save_rule(None, "bench.terms", kind="phrases", action="hold", clause=clause, params={"terms": terms})


def _many_organisations() -> None:
    db.session.execute(
        insert(Organisation),
        [
            {"name": f"{bulk.person(SEED, n).last_name} Industries {n:04d}", "is_client": n % 2 == 0,
             "is_supplier": n % 2 == 1, "domains": [f"tiers{n:04d}.example"]}
            for n in range(ORGANISATIONS)
        ],
    )  # fmt: skip


def _long_queue() -> None:
    """So many entries wait for a moderator."""
    now, later = clock.micros(clock.now()), clock.micros(clock.now()) + 3 * 86_400_000_000
    db.session.execute(
        text(
            "INSERT INTO review_items (id, kind, entry_id, revision_id, space_id, author_id, state, priority, terms, "
            "deadline, version, created_at) SELECT id, 'report', id, revision_id, space_id, author_id, 'pending', "
            "id % 100, '{}', :later, 1, :now FROM entries WHERE state = 'published' ORDER BY id LIMIT :items"
        ),
        {"later": later, "now": now, "items": ITEMS},
    )


def _tokens(number: int) -> list[str]:
    """Keys of so many people; the same people again when there are fewer."""
    people = db.session.scalars(select(Person.id).order_by(Person.id).limit(number)).all()
    secret = [f"pvs_{secrets.token_urlsafe(32)}" for _ in range(number)]
    rows = [
        {"person_id": people[n % len(people)], "name": "bench", "secret_hash": hash_of(one)}
        for n, one in enumerate(secret)
    ]
    db.session.execute(insert(ApiToken), rows)
    return secret


if __name__ == "__main__":
    main(*(int(given) for given in sys.argv[1:5]))
