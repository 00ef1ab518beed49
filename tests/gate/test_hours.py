"""Hours by the wall clock: half-open, across midnight, through both changes of the clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.gate.hours import Holidays, Hours, Window, edges, minute_of, read_holidays, read_minute, write_minute

PARIS = ZoneInfo("Europe/Paris")
WORK = frozenset(range(5))
OFFICE = Hours("office", (Window(WORK, 8 * 60, 18 * 60),))
NIGHT = Hours("night", (Window(frozenset({4}), 22 * 60, 6 * 60),))  # Friday evening until Saturday morning


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("when", "open_"),
    [
        ("2026-03-02T07:59:59.999999", False),
        ("2026-03-02T08:00", True),
        ("2026-03-02T17:59:59.999999", True),
        ("2026-03-02T18:00", False),
        ("2026-03-07T12:00", False),
    ],
)
def test_hours_begin_at_their_beginning_and_end_before_their_end(when, open_):
    assert OFFICE.are_open(local(when)) is open_


@pytest.mark.parametrize(
    ("when", "open_"),
    [
        ("2026-03-06T21:59", False),
        ("2026-03-06T22:00", True),
        ("2026-03-06T23:59", True),
        ("2026-03-07T00:00", True),
        ("2026-03-07T05:59", True),
        ("2026-03-07T06:00", False),
        ("2026-03-06T05:00", False),
        ("2026-03-08T05:00", False),
    ],
)
def test_hours_across_midnight_belong_to_the_day_they_began_on(when, open_):
    assert NIGHT.are_open(local(when)) is open_


def test_a_night_that_began_on_a_holiday_is_closed_until_morning():
    friday_off = Holidays(frozenset({date(2026, 3, 6)}))
    saturday_off = Holidays(frozenset({date(2026, 3, 7)}))
    assert not NIGHT.are_open(local("2026-03-07T05:00"), friday_off)
    assert NIGHT.are_open(local("2026-03-07T05:00"), saturday_off)
    always = Hours("watch", NIGHT.windows, on_holidays=True)
    assert always.are_open(local("2026-03-07T05:00"), friday_off)


def test_the_whole_day_is_until_midnight():
    monday = Hours("monday", (Window(frozenset({0}), 0, 24 * 60),))
    assert monday.are_open(local("2026-03-02T23:59:59"))
    assert not monday.are_open(local("2026-03-03T00:00"))
    assert not monday.are_open(local("2026-03-01T23:59:59"))


def test_the_hour_that_does_not_exist_is_nobodys():
    """On 29 March 2026, Paris goes from 2:00 to 3:00."""
    gap = Hours("gap", (Window(frozenset(range(7)), 2 * 60, 3 * 60),))
    begin = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
    found = [gap.are_open((begin + timedelta(minutes=m)).astimezone(PARIS)) for m in range(180)]
    assert not any(found)
    over = Hours("over", (Window(frozenset({6}), 2 * 60 + 30, 4 * 60),))
    assert not over.are_open(datetime(2026, 3, 29, 0, 59, tzinfo=UTC).astimezone(PARIS))
    assert over.are_open(datetime(2026, 3, 29, 1, 0, tzinfo=UTC).astimezone(PARIS))


def test_the_hour_that_comes_twice_is_open_twice():
    """On 25 October 2026, Paris goes from 3:00 back to 2:00."""
    twice = Hours("twice", (Window(frozenset({6}), 2 * 60, 3 * 60),))
    begin = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    minutes = [twice.are_open((begin + timedelta(minutes=m)).astimezone(PARIS)) for m in range(180)]
    assert minutes == [True] * 120 + [False] * 60


def test_holidays_are_dates_or_come_back_each_year():
    holidays = read_holidays(["2026-04-06", "12-25", "02-29"])
    assert date(2026, 4, 6) in holidays
    assert date(2027, 4, 6) not in holidays
    assert date(2031, 12, 25) in holidays
    assert date(2028, 2, 29) in holidays
    for wrong in ("2026-02-30", "13-01", "Christmas", "2026-4"):
        with pytest.raises(ValueError, match=wrong):
            read_holidays([wrong])


def test_minutes_are_read_and_written():
    assert [read_minute(text) for text in ("00:00", "8:05", "24:00")] == [0, 485, 1440]
    assert write_minute(485) == "08:05"
    for wrong in ("24:01", "8", "08:60", "", "-1:00", "8h00"):
        with pytest.raises(ValueError, match=f"^{wrong}$"):
            read_minute(wrong)


windows = st.builds(
    Window,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 1439),
    st.integers(1, 1440),
).filter(lambda w: w.start != w.end)
weeks = st.lists(windows, min_size=1, max_size=3).map(lambda found: Hours("h", tuple(found)))
zones = st.sampled_from(
    [PARIS, ZoneInfo("UTC"), ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe")]
)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)).map(minute_of)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(weeks, zones, starts)
def test_nothing_changes_between_two_edges(hours, zone, begin):
    """Minute by minute, the state changes at instants that `edges` names, and nowhere else."""
    end = begin + timedelta(days=2)
    named = set(edges((hours,), zone, begin, end))
    state, instant = hours.are_open(begin.astimezone(zone)), begin
    while instant < end:
        instant += timedelta(minutes=1)
        now = hours.are_open(instant.astimezone(zone))
        assert now == state or instant in named, instant
        state = now
