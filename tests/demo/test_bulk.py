"""Bulk text: repeatable, unique where it has to be, and free of anyone's name."""

from __future__ import annotations

from app.demo import bulk
from app.kernel.text import to_html


def test_logins_and_space_names_never_repeat() -> None:
    assert len({person.login for person in bulk.people(40_000, 5)}) == 40_000
    assert len({space.name for space in bulk.spaces(2_000, 5)}) == 2_000


def test_the_nth_is_the_same_whatever_was_asked_before() -> None:
    assert list(bulk.bodies(50, 9, start=100)) == list(bulk.bodies(150, 9))[100:]
    assert bulk.person(9, 30) == list(bulk.people(31, 9))[30]
    assert list(bulk.bodies(50, 9)) != list(bulk.bodies(50, 10))
    assert bulk.comment(9, 4) == bulk.comment(9, 4)


def test_bodies_vary_and_name_nobody() -> None:
    made = list(bulk.bodies(5_000, 2))
    assert len(set(made)) > 4_000
    assert not any("@" in body or "Moissonnel" in body or "Malvaux" in body for body in made)
    assert all(body.strip() for body in made)


def test_logins_are_plain() -> None:
    assert all(person.login.replace(".", "").isascii() for person in bulk.people(500, 1))


def test_the_html_is_what_the_product_would_make() -> None:
    for number in range(300):
        for body, html in (bulk.written(4, number), bulk.answered(4, number)):
            assert str(to_html(body)) == html
