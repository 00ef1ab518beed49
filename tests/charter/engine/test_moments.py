"""How often, at what time, and what a classifier thinks of it."""

import pytest

from .support import ask, short

PAUL = [{"handle": "paul", "segment": "employee"}]


def past(*times, **more):
    return [{"at": f"2026-03-10T{at}+01:00", **more} for at in times]


RATES = [
    (past("09:51:00", "09:52:00", "09:53:00", "09:54:00", "09:55:00"), "hold rate.post"),
    (past("09:50:01", "09:52:00", "09:53:00", "09:54:00", "09:55:00"), "hold rate.post"),
    (past("09:50:00", "09:52:00", "09:53:00", "09:54:00", "09:55:00"), "allow"),
    (past("09:52:00", "09:53:00", "09:54:00", "09:55:00"), "allow"),
    (past("09:52:00", "09:53:00", "09:54:00", "09:55:00", "10:00:00"), "hold rate.post"),
    (past("09:52:00", "09:53:00", "09:54:00", "09:55:00", "10:00:01"), "allow"),
    (past("09:52:00", "09:53:00", "09:54:00", "09:55:00") + past("09:56:00", type="approval"), "allow"),
    ([{"at": f"2026-03-10T08:5{n}:00Z"} for n in range(1, 6)], "hold rate.post"),
]


@pytest.mark.parametrize(("history", "expected"), RATES)
def test_too_many(history, expected):
    assert short(ask("Encore un message", history=history)) == expected


@pytest.mark.parametrize("event", ["edit", "publish", "rescan", "move"])
def test_only_new_items_are_counted(event):
    history = past("09:51:00", "09:52:00", "09:53:00", "09:54:00", "09:55:00")
    assert short(ask("Encore un message", history=history, event=event)) == "allow"


def same(*spaces, text="Vends vélo", at="09:40:00"):
    return [{"at": f"2026-03-10T{at}+01:00", "space": space, "text": text} for space in spaces]


DUPLICATES = [
    (same("a", "b", "c"), "d", "hold rate.dup"),
    (same("a", "b"), "d", "allow"),
    (same("a", "b", "c"), "c", "allow"),
    (same("a", "a", "b"), "d", "allow"),
    (same("a", "b", "c", text="VENDS  vélo !"), "d", "hold rate.dup"),
    (same("a", "b", "c", text="Vends **velo**"), "d", "hold rate.dup"),
    (same("a", "b", "c", text="Vends vélos"), "d", "allow"),
    (same("a", "b", "c", at="09:30:00"), "d", "allow"),
    (same("a", "b", "c", at="09:30:01"), "d", "hold rate.dup"),
]


@pytest.mark.parametrize(("history", "space", "expected"), DUPLICATES)
def test_the_same_everywhere(history, space, expected):
    assert short(ask("Vends vélo", history=history, space={"type": "internal", "id": space})) == expected


HOURS = [
    ("2026-03-10T20:00:00+01:00", "nudge quiet"),
    ("2026-03-10T19:59:59+01:00", "allow"),
    ("2026-03-10T23:59:59+01:00", "nudge quiet"),
    ("2026-03-11T00:00:00+01:00", "nudge quiet"),
    ("2026-03-11T06:59:59+01:00", "nudge quiet"),
    ("2026-03-11T07:00:00+01:00", "allow"),
    ("2026-03-10T19:00:00Z", "nudge quiet"),
    ("2026-03-10T18:59:59Z", "allow"),
    ("2026-07-10T18:00:00Z", "nudge quiet"),
    ("2026-07-10T17:59:59Z", "allow"),
    ("2026-07-10T05:00:00Z", "allow"),
    ("2026-07-10T04:59:59Z", "nudge quiet"),
    ("2026-03-14T12:00:00+01:00", "nudge quiet"),
    ("2026-03-15T12:00:00+01:00", "nudge quiet"),
    ("2026-03-13T19:59:00+01:00", "allow"),
    ("2026-03-16T07:00:00+01:00", "allow"),
    ("2026-03-29T06:59:00+02:00", "nudge quiet"),
    ("2026-03-30T05:00:00Z", "allow"),
    ("2026-10-26T06:00:00Z", "allow"),
    ("2026-10-26T05:59:00Z", "nudge quiet"),
]


@pytest.mark.parametrize(("at", "expected"), HOURS)
def test_quiet_hours(at, expected):
    assert short(ask("@paul peux-tu regarder ?", at=at, mentions=PAUL)) == expected


QUIET = [
    ({}, "allow"),
    ({"mentions": []}, "allow"),
    ({"mentions": PAUL}, "nudge quiet"),
    ({"mentions": PAUL, "category": "incident"}, "allow"),
    ({"mentions": PAUL, "category": "annonce"}, "nudge quiet"),
    ({"mentions": PAUL, "space": {"type": "union"}}, "allow"),
    ({"mentions": PAUL, "space": {"type": "social"}}, "nudge quiet"),
    ({"mentions": PAUL, "event": "rescan"}, "allow"),
    ({"mentions": PAUL, "event": "publish"}, "allow"),
    ({"mentions": PAUL, "event": "edit", "previous_text": "@paul ?"}, "allow"),
    ({"mentions": PAUL, "event": "edit", "previous_text": "Qui ?"}, "nudge quiet"),
    ({"mentions": PAUL, "object": "comment", "thread": {"root": "x"}}, "nudge quiet"),
    ({"mentions": PAUL, "rule_states": {"quiet": "paused"}}, "allow"),
]


@pytest.mark.parametrize(("context", "expected"), QUIET)
def test_quiet_only_when_somebody_is_called(context, expected):
    assert short(ask("@paul ?", at="2026-03-10T21:00:00+01:00", **context)) == expected


WORK = {"type": "internal", "work_only": True}
SCORES = [
    ({"space": WORK, "classifier": {"work": 0.01}}, "flag work"),
    ({"space": WORK, "classifier": {"work": 0.19}}, "flag work"),
    ({"space": WORK, "classifier": {"work": 0.2}}, "allow"),
    ({"space": WORK, "classifier": {"work": 0.9}}, "allow"),
    ({"space": WORK, "classifier": None}, "allow"),
    ({"space": WORK, "classifier": {"work": None}}, "allow"),
    ({"space": WORK}, "allow"),
    ({"space": {"type": "internal"}, "classifier": {"work": 0.01}}, "allow"),
    ({"space": {"type": "social", "work_only": True}, "classifier": {"work": 0.01}}, "allow"),
    ({"space": {"type": "union", "work_only": True}, "classifier": {"work": 0.01}}, "allow"),
    ({"space": WORK, "classifier": {"work": 0.01}, "history_hits": ["work"] * 9}, "flag work"),
    ({"space": WORK, "classifier": {"work": 0.01}, "event": "rescan"}, "flag work"),
    ({"space": WORK, "classifier": {"work": 0.01}, "rule_states": {"work": "dry_run"}}, "allow"),
]


@pytest.mark.parametrize(("context", "expected"), SCORES)
def test_relevance(context, expected):
    assert short(ask("Qui vient au match ?", **context)) == expected
