"""What rules say: order, default, whom they mean; and that the wall lets through exactly whoever could be let
in.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.gate.address import canonical, parse_networks
from app.gate.book import (
    ALLOW,
    EFFECTS,
    HARD,
    NOBODY_SAID,
    READ_ONLY,
    REFUSE,
    SECOND_FACTOR,
    SEGMENTS,
    SOFT,
    AccessHours,
    Book,
    Rule,
    Verdict,
)
from app.gate.hours import Holidays, Hours, Window
from app.gate.simulation import SignIn, forecast

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # Monday, noon in Paris
HERE, LYON, STREET = ip_address("10.0.0.7"), ip_address("2001:db8:40::7"), ip_address("203.0.113.9")
INSIDE = parse_networks("10.0.0.0/8, 2001:db8:40::/48")
OFFICE = Hours("office", (Window(frozenset(range(5)), 8 * 60, 18 * 60),))


@dataclass(frozen=True)
class Person:
    id: int = 1
    segment: str = "employee"
    roles: frozenset[str] = frozenset()
    site: str = ""
    enters_from: tuple[str, ...] = ()
    second_factor_at: datetime | None = None
    name: str = "Ana"


def book(*rules, **more):
    return Book(tuple(rules), PARIS, **more)


def said(rules, who=None, address=HERE, at=NOON):
    return book(*rules).at(at).verdict(who or Person(), address)


def test_without_rules_nobody_enters():
    assert said([]) == NOBODY_SAID
    assert book().at(NOON).wall(HERE) == NOBODY_SAID


def test_the_first_rule_that_fits_decides():
    rules = [Rule(READ_ONLY, INSIDE, segments=frozenset({"client"})), Rule(ALLOW, INSIDE), Rule(REFUSE)]
    assert said(rules, Person(segment="client")) == Verdict(READ_ONLY, 0)
    assert said(rules, Person()) == Verdict(ALLOW, 1)
    assert said(rules, Person(), STREET) == Verdict(REFUSE, 2)
    assert said(rules[:2], Person(), STREET) == NOBODY_SAID


def test_without_an_address_nobody_enters():
    assert said([Rule(ALLOW, parse_networks("0.0.0.0/0, ::/0"))], address=None) == NOBODY_SAID


@pytest.mark.parametrize(
    "spelt", ["10.0.0.7", "::ffff:10.0.0.7", "::FFFF:0a00:0007", "[::ffff:10.0.0.7]:443"]
)
def test_an_address_is_the_same_however_it_is_spelt(spelt):
    assert said([Rule(ALLOW, INSIDE)], address=canonical(spelt)).admits
    assert said([Rule(ALLOW, parse_networks("::ffff:10.0.0.0/104"))], address=canonical(spelt)).admits


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (Rule(ALLOW, roles=frozenset({"moderator", "admin"})), True),
        (Rule(ALLOW, roles=frozenset({"admin"})), False),
        (Rule(ALLOW, segments=frozenset({"employee"})), True),
        (Rule(ALLOW, segments=frozenset({"client"})), False),
        (Rule(ALLOW, sites=frozenset({"Lyon", "Lille"})), True),
        (Rule(ALLOW, sites=frozenset({"Lille"})), False),
        (Rule(ALLOW, persons=frozenset({7})), True),
        (Rule(ALLOW, persons=frozenset({8})), False),
        (Rule(ALLOW, roles=frozenset({"moderator"}), sites=frozenset({"Lille"})), False),
    ],
)
def test_every_condition_must_hold(rule, fits):
    assert rule.fits(Person(id=7, roles=frozenset({"moderator"}), site="Lyon")) is fits


def test_a_rule_counts_from_its_first_day_to_its_last_by_the_companys_clock():
    rule = Rule(ALLOW, INSIDE, valid_from=date(2026, 3, 2), valid_to=date(2026, 3, 3))
    begin = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)  # midnight in Paris
    for instant, open_ in [
        (begin - timedelta(microseconds=1), False),
        (begin, True),
        (begin + timedelta(days=2, microseconds=-1), True),
        (begin + timedelta(days=2), False),
    ]:
        assert said([rule], at=instant).admits is open_
        assert book(rule).at(instant).wall(HERE).admits is open_


def test_the_wall_knows_the_hour():
    rules = [Rule(ALLOW, INSIDE, hours=OFFICE)]
    assert book(*rules).at(NOON).wall(HERE).admits
    assert not book(*rules).at(NOON + timedelta(hours=6)).wall(HERE).admits
    off = book(*rules, holidays=Holidays(frozenset({date(2026, 3, 2)})))
    assert not off.at(NOON).wall(HERE).admits


def test_a_book_answers_for_the_minute_that_is_asked():
    office = book(Rule(ALLOW, INSIDE, hours=OFFICE))
    asked = [NOON, NOON + timedelta(hours=6), NOON, NOON + timedelta(hours=5, minutes=59, seconds=59)]
    assert [office.at(instant).wall(HERE).admits for instant in asked] == [True, False, True, True]


def test_refusals_of_some_do_not_shut_the_wall_for_others():
    partners = frozenset({"client", "supplier"})
    some = [Rule(REFUSE, segments=partners), Rule(ALLOW, INSIDE)]
    assert book(*some).at(NOON).wall(HERE) == Verdict(ALLOW, 1)
    each = [Rule(REFUSE, segments=frozenset({one})) for one in SEGMENTS]
    assert not book(*each, Rule(ALLOW, INSIDE)).at(NOON).wall(HERE).admits
    only_client = [Rule(REFUSE, segments=partners), Rule(ALLOW, INSIDE, segments=frozenset({"client"}))]
    assert not book(*only_client).at(NOON).wall(HERE).admits


def test_access_hours_close_for_all_but_those_on_duty():
    night = NOON + timedelta(hours=9)
    hard = AccessHours(HARD, OFFICE, roles=frozenset({"moderator"}), persons=frozenset({9}))
    at_night = book(Rule(ALLOW, INSIDE), access=hard).at(night)
    stand = lambda **who: at_night.standing(Person(**who), HERE, second_factor=False)  # noqa: E731
    assert (stand().is_closed, stand().may_stay) == (True, False)
    for on_duty in ({"id": 9}, {"roles": frozenset({"moderator"})}, {"roles": frozenset({"admin"})}):
        assert stand(**on_duty).may_stay
    soft = book(Rule(ALLOW, INSIDE), access=AccessHours(SOFT, OFFICE)).at(night)
    standing = soft.standing(Person(), HERE, second_factor=False)
    assert (standing.is_resting, standing.may_stay) == (True, True)
    assert not book(Rule(ALLOW, INSIDE), access=hard).at(NOON).is_resting(Person())


def test_a_second_factor_is_asked_for_until_there_is_one():
    moment = book(Rule(SECOND_FACTOR, INSIDE)).at(NOON)
    assert not moment.standing(Person(), HERE, second_factor=False).may_stay
    assert moment.standing(Person(), HERE, second_factor=True).may_stay


# --- agreement, over everything that rules can say about a small world ---------------------

ROLES, SITES, IDS = ("admin", "moderator"), ("Lyon", "Lille"), (1, 2)
PLACES = [None, parse_networks("10.0.0.0/24"), parse_networks("10.0.0.0/8"), INSIDE, parse_networks("::/0")]
EVENING = Hours("evening", (Window(frozenset({0, 6}), 17 * 60, 60),))
rules = st.builds(
    Rule,
    effect=st.sampled_from(EFFECTS),
    networks=st.sampled_from(PLACES),
    roles=st.frozensets(st.sampled_from(ROLES), max_size=2),
    segments=st.frozensets(st.sampled_from(SEGMENTS), max_size=2),
    sites=st.frozensets(st.sampled_from(SITES), max_size=1),
    persons=st.frozensets(st.sampled_from(IDS), max_size=1),
    hours=st.sampled_from([None, None, OFFICE, EVENING]),
    valid_from=st.sampled_from([None, None, date(2026, 3, 2)]),
    valid_to=st.sampled_from([None, None, date(2026, 3, 2)]),
)
books = st.lists(rules, max_size=6).map(lambda found: book(*found))
addresses = st.sampled_from([HERE, LYON, STREET, ip_address("10.9.0.1")])
instants = st.integers(0, 7 * 24 * 60).map(
    lambda minutes: NOON - timedelta(days=2) + timedelta(minutes=minutes)
)
EVERYBODY = [
    Person(id_, segment, roles, site)
    for id_, segment, site in product([*IDS, 3], SEGMENTS, [*SITES, ""])
    for roles in (
        [frozenset(), frozenset({"admin"}), frozenset({"moderator"}), frozenset(ROLES)]
        if segment == "employee"
        else [frozenset()]
    )
]
calm = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])


def plainly(rules_, who, address, at):
    """The same verdict, spelt out without any of the evaluator's means."""
    local = at.astimezone(PARIS)
    for place, rule in enumerate(rules_):
        inside = rule.networks is None or any(
            address.version == one.version and address in one for one in rule.networks.entries
        )
        named = all(
            not wanted or has
            for wanted, has in [
                (rule.roles, rule.roles & who.roles),
                (rule.segments, who.segment in rule.segments),
                (rule.sites, who.site in rule.sites),
                (rule.persons, who.id in rule.persons),
            ]
        )
        days = (rule.valid_from or date.min) <= local.date() <= (rule.valid_to or date.max)
        if inside and named and days and (rule.hours is None or rule.hours.are_open(local)):
            return Verdict(rule.effect, place)
    return NOBODY_SAID


@calm
@given(books, addresses, instants)
def test_the_evaluator_agrees_with_the_plain_definition(of, address, at):
    for who in EVERYBODY:
        assert of.at(at).verdict(who, address) == plainly(of.rules, who, address, at)


@calm
@given(books, addresses, instants)
def test_the_wall_lets_through_exactly_what_somebody_could_be_let_in_from(of, address, at):
    somebody = any(of.at(at).verdict(who, address).admits for who in EVERYBODY)
    assert of.at(at).wall(address).admits is somebody


@calm
@given(books, addresses, instants)
def test_the_simulator_agrees_with_the_evaluator(of, address, at):
    seen = [SignIn(who, address, at, is_open=True) for who in EVERYBODY]
    cut = {(one.who, one.at) for one in forecast(of, seen, at).past}
    refused = {who for who in EVERYBODY if not of.at(at).standing(who, address, second_factor=False).may_stay}
    assert {who.id for who, _at in cut} == {who.id for who in refused}


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(books, addresses, instants)
def test_whoever_is_told_to_be_cut_later_is_in_until_then(of, address, at):
    who = EVERYBODY[0]
    of = Book(of.rules, of.zone, hours=(OFFICE, EVENING))
    stays = lambda when: of.at(when).standing(who, address, second_factor=False).may_stay  # noqa: E731
    found = forecast(of, [SignIn(who, address, at, is_open=True)], at)
    assert bool(found.now) is not stays(at)
    week = [at + timedelta(minutes=m) for m in range(0, 3 * 24 * 60, 7)]
    until = found.later[0].at if found.later else datetime.max.replace(tzinfo=UTC)
    if not found.now:
        assert all(stays(when) for when in week if when < until)
        assert not found.later or not stays(until)
