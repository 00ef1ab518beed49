"""What somebody may not see leaves no trace in anything that they are answered.

Every address of the product is asked twice by every kind of viewer: once after much has happened that they
may not notice, once as if it never had. The two answers are the same, byte for byte, whatever is counted,
listed, completed, searched, ordered or tagged in them; and nothing is heard meanwhile. The addresses are read
from the URL map, so that a new one is asked without being listed.
"""

from __future__ import annotations

import re
from itertools import islice

import pytest

from app.auth import actions as auth
from app.kernel import clock, keys
from app.kernel.http import UNSAFE
from app.people.actor import Actor
from tests.edges.conftest import send
from tests.edges.world import Request, address, is_shown_elsewhere, requests, rules, somewhere, unprepared
from tests.segregation.world import ALL, LOGIN, SIGN, make_viewers, plant, planted_for

VIEWERS = sorted(ALL)
# Tokens of a form are new on every page, and so is the time.
PASSING = re.compile(rb'name="(?:idempotency|csrf)" value="[^"]*"')
CLOCKS = {"Date", "Expires"}
# The figures of the process, for machines that watch it; a secret that is made anew each time.
APART = {"admin.monitoring.numbers", "me.factors.index"}
KINDS = ("", "people", "spaces", "posts", "comments", "entries", "files", "tags")
SPOKEN = {
    "post_id": ["post", "client_post", "supplier_post"],
    "space_id": ["open", "client", "supplier", "secret"],
    "person_id": ["ana", "bo", "cli", "sup"],
    "organisation_id": ["acme"],
    "comment_id": ["comment"],
    "item_id": ["item"],
    "entry_id": ["post", "comment"],
}
FILES = {"filename": "css/app.css", "key": "mix", "number": 1, "place": "post", "name": "like"}


@pytest.fixture
def company(app, monkeypatch):
    """Nobody here is asked to slow down, and the clock stands."""
    for limiter in app.extensions["limiter"]:
        monkeypatch.setattr(limiter, "enabled", False)
    return make_viewers()


@pytest.fixture
def browser(app, company):
    """The browser of a viewer: signed in once, so that nothing of it differs later."""

    def of(viewer):
        who, client = getattr(company, viewer, None), app.test_client()
        if isinstance(who, Actor):
            secret = auth.open_session(who, login=who.login, address="127.0.0.1", device="test")
            client.set_cookie("parvis", f"{secret}.{keys.mac('session', secret)}", domain="127.0.0.1")
        return client

    return of


def _paths(rule, company, left):
    """An address of this rule for each object: those that are planted, and some that are there anyway."""
    named = {name for name in rule.arguments if name in SPOKEN or name in left}
    fixed = {name: _fixed(rule, name) for name in rule.arguments - named}
    there = {name: [getattr(company, one).id for one in SPOKEN.get(name, ())] for name in named}
    for name in sorted(named) or [None]:
        for number in [*left.get(name, ()), *there.get(name, ())] if name else [None]:
            others = {other: (there[other] or [somewhere(rule, other)])[0] for other in named - {name}}
            yield address(rule, {**fixed, **others, **({name: number} if name else {})})


def _fixed(rule, name):
    given = FILES.get(name)
    converter = type(rule._converters[name]).__name__
    if given is None or (converter == "PublicNumber") is not isinstance(given, int):
        return somewhere(rule, name)
    return given


def _questions(left):
    """What is asked of a page that lists things, beside the page itself."""
    for q in (SIGN, SIGN[:3], LOGIN, "o"):
        yield f"?q={q}"
    yield from (f"?q={SIGN}&kind={kind}" for kind in KINDS if kind)
    yield from (f"?q={LOGIN}&space={space}" for space in left.get("space_id", ()))
    yield f"?team=1&site={SIGN}+site&skill={SIGN}&limit=100"
    yield f"?since=&scope=followed&type=post&mine=1&space_id={next(iter(left.get('space_id', ())), 1)}"


def _every_read(app, company, left):
    for endpoint, _method, rule in rules(app, "GET"):
        if endpoint not in APART:
            yield from ((path, not rule.arguments) for path in _paths(rule, company, left))


def _ask_all(app, company, client, left):
    """Every address and what was told there; of what opens and lists, the questions too."""
    told = {}
    for path, lists in sorted(set(_every_read(app, company, left))):
        told[path] = _ask(client, path)
        if lists and told[path][0] == 200 and not path.startswith("/static"):
            told |= {path + asked: _ask(client, path + asked) for asked in _questions(left)}
    return told


def _told(answer):
    """All that an answer says."""
    shown = sorted((name, value) for name, value in answer.headers if name not in CLOCKS)
    return answer.status_code, shown, PASSING.sub(b"", answer.data)


def _ask(browser, path, **headers):
    answer = browser.get(path, headers=headers)
    told = _told(answer)
    answer.close()
    return told


def _why(path, with_it, without):
    """The first place where two answers differ."""
    if with_it[2] == without[2]:
        heads = [{(str(answer[0]), ""), *answer[1]} for answer in (with_it, without)]
        return path, heads[0] - heads[1], heads[1] - heads[0]
    pairs = zip(with_it[2], without[2], strict=False)
    place = next((at for at, (one, other) in enumerate(pairs) if one != other), 0)
    around = slice(max(0, place - 80), place + 120)
    return path, with_it[2][around], without[2][around]


@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.matrix
@pytest.mark.parametrize("viewer", VIEWERS)
def test_nothing_that_is_read_tells_of_what_one_may_not_see(app, company, browser, undone, viewer):
    client = browser(viewer)
    with clock.at(clock.now()):
        with undone():
            left = plant(company, viewer)
            with_it = _ask_all(app, company, client, left)
        told = [
            _why(path, with_it[path], there)
            for path in with_it
            if (there := _ask(client, path)) != with_it[path]
        ]
    assert not told, "\n".join(map(str, islice(told, 20)))
    statuses = {told[0] for told in with_it.values()}
    assert len(with_it) > 150
    assert statuses & {200, 404} or viewer in {"hurt"}
    assert max(statuses) < 500


@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.matrix
@pytest.mark.parametrize("viewer", VIEWERS)
def test_no_try_to_change_it_tells_of_what_one_may_not_see(app, company, browser, undone, viewer):
    known = requests(company)

    def tried(left):
        for endpoint, method, rule in rules(app, *UNSAFE):
            if endpoint.startswith("auth."):
                continue
            granted = known.get((endpoint, method)) or unprepared(company, endpoint, rule)
            for name in sorted(rule.arguments & set(left)):
                for number in left[name]:
                    path = address(rule, {**_filled(rule, granted), name: number})
                    yield method, path, granted

    client = browser(viewer)
    with clock.at(clock.now()):
        with undone():
            left = plant(company, viewer)
            asked = [*tried(left), *_words(company)]
            with_it = [_try(client, undone, *one) for one in asked]
        without = [_try(client, undone, *one) for one in asked]
    pairs = zip(asked, with_it, without, strict=True)
    told = [_why(one[:2], *both) for one, *both in pairs if both[0] != both[1]]
    assert not told, "\n".join(map(str, islice(told, 20)))
    assert len(asked) > 15


def _filled(rule, granted):
    known = {**FILES, **granted.path}
    return {name: known.get(name) or somewhere(rule, name) for name in rule.arguments}


def _words(company):
    """Texts that name what one may not know of."""
    text = f"{SIGN} @{LOGIN}-new @{LOGIN}-sup @{LOGIN}-cli #{LOGIN}tag {SIGN} Works"
    yield "POST", "/preview", Request(company.ana, form={"body": text})
    yield "PUT", "/drafts/post", Request(company.ana, json={"body": text})


def _try(client, undone, method, path, request):
    with undone():
        return _told(send(client, method, path, request))


@pytest.mark.parametrize(
    "viewer", [viewer for viewer in VIEWERS if viewer not in {"anonymous", "left", "hurt"}]
)
def test_nothing_is_heard_of_what_one_may_not_see(app, company, listen, undone, viewer):
    who = getattr(company, viewer)
    with undone():
        ear = listen(who)
        ear.heard()
        before = len(list(planted_for(viewer)))
        left = plant(company, viewer)
        assert before
        assert ear.heard() == []
        for name, numbers in left.items():
            for number in numbers if name in {"space_id", "post_id"} else ():
                for message in ("space.watch", "typing"):
                    nowhere = ear.ask(message, {"id": 404404})
                    assert ear.ask(message, {"id": number}) == nowhere, (message, name)
        ear.close()


def test_what_is_planted_would_be_seen_by_whoever_may(app, company, browser, undone):
    """Otherwise the silence above would prove nothing: ana, or an admin, finds the sign in each of these."""
    with undone():
        left = plant(company, "anonymous")
        seen = {who: browser(who) for who in ("ana", "root", "mod", "sup")}
        pages = {
            path: b"".join(_ask(client, path)[2] for client in seen.values())
            for path in (
                *(f"/posts/{one}" for one in left["post_id"]),
                *(f"/api/v1/files/{one}" for one in left["file_id"]),
                *(f"/people/{one}" for one in left["person_id"]),
                *(f"/spaces/{one}" for one in left["space_id"]),
                f"/admin/organisations/{left['organisation_id'][0]}",
                f"/search?q={SIGN}",
                f"/people/complete?q={SIGN}",
                "/me/tokens",
                "/drafts/post",
                "/moderation",
            )
        }
    assert [path for path, page in pages.items() if SIGN.encode() not in page] == []


def test_every_address_is_asked(app, company):
    """A rule whose parts can't be filled in would be passed over."""
    asked = {rule.rule for _e, _m, rule in rules(app, "GET") if list(_paths(rule, company, {}))}
    assert asked == {rule.rule for _e, _m, rule in rules(app, "GET")}
    assert not is_shown_elsewhere("feed.home")
