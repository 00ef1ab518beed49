"""The order in which the queue is kept is the order that priority and waiting give."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from app.kernel import clock
from app.kernel.db import db
from app.moderation import queries
from app.moderation.priority import AGE
from tests.make import make_space
from tests.moderation.world import held, make_world


def _in_order(items, now):
    """By the sum that people are shown, before it is rounded."""
    micros = clock.micros

    def pressing(item):
        pace = max(micros(item.deadline) - micros(item.created_at), 1_000_000)
        return item.priority + Fraction(AGE * (micros(now) - micros(item.created_at)), pace)

    return [item.id for item in sorted(items, key=lambda item: (-pressing(item), item.id))]


def test_every_page_continues_the_order_of_what_is_pressing_whatever_the_paces():
    world, chance, begun = make_world(), random.Random(5), clock.now()
    items = [held(world, f"Acme et Boulonex {number}")[1] for number in range(24)]
    for item in items:
        item.created_at = begun + timedelta(minutes=chance.randrange(0, 600, 60))
        item.deadline = item.created_at + timedelta(hours=chance.choice([1, 4, 8, 24, 24]))
        item.priority = chance.randrange(0, 200, 5)
    db.session.flush()
    for hours in (11, 200):
        now, after, seen = begun + timedelta(hours=hours), None, []
        for _turn in itertools.count():
            page = queries.items(world.moderator, after=after, limit=5, now=now)
            seen, after = [*seen, *(row.id for row in page.items)], page.next
            if after is None:
                break
        assert seen == _in_order(items, now)
    assert queries.items(world.author).items == []


def test_who_works_on_what_and_what_is_asked_for_limit_the_same_order():
    world = make_world()
    first, second = held(world)[1], held(world)[1]
    assert {row.id for row in queries.items(world.moderator, kind="hold").items} == {first.id, second.id}
    assert queries.items(world.moderator, kind="report").items == []
    assert len(queries.items(world.moderator, space_id=world.space.id).items) == 2
    assert queries.items(world.moderator, space_id=1).items == []
    assert [row.id for row in queries.spaces_waiting(world.moderator)] == [world.space.id]
    assert queries.spaces_waiting(world.author, chosen=world.space.id) == []
    assert (queries.waiting(world.moderator), queries.waiting(world.author)) == (2, 0)


def test_the_spaces_offered_are_the_busiest_and_the_one_chosen(monkeypatch):
    monkeypatch.setattr(queries, "MOST_SPACES", 1)
    world = make_world()
    held(world)
    quiet, empty = make_space(world.author, name="Atelier"), make_space(world.author, name="Vide")
    secret = make_space(world.author, visibility="secret")
    for space in (quiet, secret):
        held(replace(world, space=space))
    held(world)
    offered = queries.spaces_waiting(world.moderator)
    assert [row.id for row in offered] == [world.space.id]
    with_chosen = queries.spaces_waiting(world.moderator, chosen=quiet.id)
    assert {row.id for row in with_chosen} == {world.space.id, quiet.id}
    assert [row.name for row in with_chosen] == sorted(row.name for row in with_chosen)
    for other in (secret, empty):
        assert queries.spaces_waiting(world.moderator, chosen=other.id) == offered
