"""Every way to change something, found in the map of addresses: a new one can't be forgotten here."""

from __future__ import annotations

import html
import itertools
import json
import re

import pytest

from tests.edges.conftest import contents, differences, send
from tests.edges.world import (
    MISSING_FILE,
    UNSAFE,
    Request,
    address,
    is_shown_elsewhere,
    requests,
    rules,
    unprepared,
)

# Open to people who aren't signed in.
ANYBODY = {
    "auth.create_session",
    "auth.check_code",
    "auth.check_passkey",
    "auth.signed_out_elsewhere",
    "auth.reset",
    "accounts.join",
}
ANYWHERE = {"auth.signed_out_elsewhere"}  # called by the provider's server, with its signature
REFUSED = {
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "cross-site, our origin": {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"},
    "same-origin, their origin": {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
    "their origin": {"Sec-Fetch-Site": "", "Origin": "http://evil.example"},
    "an opaque origin": {"Sec-Fetch-Site": "", "Origin": "null"},
    "another port": {"Sec-Fetch-Site": "", "Origin": "http://127.0.0.1:8001"},
    "nothing": {},
}
NOBODY = {"person_id", "organisation_id"}  # known to those who may act on them at all
SAID = re.compile(
    r'<p class="field__error"[^>]*>(.*?)</p>|<li><a href="#\w+">(.*?)</a>|<h1[^>]*>(.*?)</h1>', re.S
)
TROUBLE = re.compile(r'class="trouble".*?<p>(.*?)</p>|class="notice notice--bad".*?<p>(.*?)</p>', re.S)
SENTENCE = re.compile(r"[A-ZÀ-Ý“«].{8,}[.!?»…]$", re.S)


@pytest.fixture
def asked(app, company):
    """Every endpoint that changes something, with a request that is granted."""
    known, found = requests(company), rules(app, *UNSAFE)
    shown_here = {(endpoint, method) for endpoint, method, _r in found if not is_shown_elsewhere(endpoint)}
    assert shown_here == set(known)
    return [
        (endpoint, method, rule, known.get((endpoint, method)) or unprepared(company, endpoint, rule))
        for endpoint, method, rule in found
    ]


def _plain(headers):
    return {"Sec-Fetch-Site": "", **headers} if "Sec-Fetch-Site" not in headers else headers


def test_every_request_of_the_table_is_granted(asked, browsers, undone):
    """Otherwise the refusals below would prove nothing."""
    problems = []
    for endpoint, method, rule, request in asked:
        if is_shown_elsewhere(endpoint):
            continue
        with undone():
            _prepare(endpoint, browsers(request.who), request)
            answer = send(browsers(request.who), method, address(rule, request.path), request)
        if answer.status_code >= 400:
            problems.append((endpoint, method, answer.status_code, answer.text[-300:]))
    assert problems == []


def _prepare(endpoint, browser, request):
    """What must have happened before."""
    if endpoint in {"moderation.renew", "moderation.unclaim", "moderation.let_go", "api.moderation.let_go"}:
        assert browser.post(f"/moderation/items/{request.path['item_id']}/claim").status_code == 303


def test_nobody_changes_anything_without_a_session(asked, anonymous, written):
    for endpoint, method, rule, request in asked:
        if endpoint in ANYBODY:
            continue
        with written() as tables:
            answer = send(anonymous, method, address(rule, request.path), request)
        assert (answer.status_code, tables) == (401, set()), endpoint
        assert "Set-Cookie" not in answer.headers


@pytest.mark.one_database
@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED)
def test_nothing_is_changed_from_another_site(asked, browsers, written, headers):
    for endpoint, method, rule, request in asked:
        if endpoint in ANYWHERE:
            continue
        with written() as tables:
            answer = send(
                browsers(request.who), method, address(rule, request.path), request, headers=_plain(headers)
            )
        assert (answer.status_code, tables) == (403, set()), endpoint


def test_what_one_may_not_see_is_as_good_as_missing(asked, company, browsers, written):
    """Somebody else's objects, those of a space one can't know of, and those never made: one answer."""
    missing = {
        "post_id": 404404,
        "comment_id": 404404,
        "space_id": 404404,
        "item_id": 404404,
        "entry_id": 404404,
        "session_id": 404404,
        "token_id": 404404,
        "file_id": MISSING_FILE,
    }
    for endpoint, method, rule, request in asked:
        if not request.hidden:
            continue
        for stranger in (company.eve, company.sup):
            nowhere = {name: missing[name] for name in request.hidden}
            with written() as tables:
                hidden, gone = (
                    send(browsers(stranger), method, address(rule, {**request.path, **where}), request)
                    for where in (request.hidden, nowhere)
                )
            assert (hidden.status_code, tables) == (404, set()), (endpoint, stranger.login)
            assert (hidden.data, list(hidden.headers)) == (gone.data, list(gone.headers)), endpoint


def test_every_object_named_in_an_address_has_its_hidden_twin(asked):
    for endpoint, _method, rule, request in asked:
        named = {name for name in rule.arguments if name.endswith("_id")} - NOBODY
        if not endpoint.startswith("admin.") and not is_shown_elsewhere(endpoint):
            assert named <= set(request.hidden), endpoint


def test_who_may_not_do_it_at_all_is_told_so_and_learns_nothing(asked, company, browsers, written):
    for endpoint, method, rule, request in asked:
        if request.stranger is None:
            continue
        answers = []
        for path in (request.path, dict.fromkeys(request.path, 404404)):
            for who in (request.stranger, company.cli):
                with written() as tables:
                    answer = send(browsers(who), method, address(rule, path), request)
                answers.append((answer.status_code, answer.data))
                assert tables == set(), endpoint
        assert answers[0][0] in {403, 404}, endpoint
        assert answers[:2] == answers[2:], endpoint


# --- what can't be read -------------------------------------------------------------------------------------

HUGE = "9" * 400
BROKEN = {
    "no JSON": b"{",
    "an array": b"[]",
    "a number": b"7",
    "nothing": b"null",
    "not UTF-8": b'{"body": "\xff\xfe"}',
    "UTF-16": '{"body": "a"}'.encode("utf-16"),
    "NaN": b'{"body": NaN}',
    "too large a number": b'{"body": 1e999}',
    "too many digits": b'{"body": ' + b"9" * 5_000 + b"}",
    "very deep": b'{"body": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "an unknown field": b'{"unheard_of": 1}',
}
WRONG = [
    None,
    True,
    7,
    -1,
    10**400,
    1.5,
    [],
    [[]],
    {},
    {"$gt": ""},
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    HUGE,
    "x" * 30_000,
]


def _sentence(answer):
    """What the refusal says to people."""
    if answer.mimetype == "application/problem+json":
        told = answer.get_json()
        assert told["status"] == answer.status_code
        return told["title"]
    assert '<html lang="fr"' in answer.text
    found = [*TROUBLE.findall(answer.text), *SAID.findall(answer.text)]
    said = [html.unescape(re.sub(r"<[^>]+>", " ", "".join(words))).strip() for words in found]
    if answer.status_code == 409 and "Quelqu’un vous a devancé" in said:
        return "Quelqu’un vous a devancé."
    return next((words for words in said if SENTENCE.match(words)), f"{said} in {answer.text[-300:]}")


def _takes_json(endpoint):
    return endpoint.startswith("api.") or endpoint == "posts.save_draft"


def _check(answer, tables, *where, statuses):
    assert answer.status_code in statuses, (*where, answer.status_code, answer.text[:300])
    assert tables <= {"answers", "drafts", "sign_in_failures", "audit_entries", "audit_heads"}, (
        *where,
        tables,
    )
    assert SENTENCE.match(_sentence(answer)), (*where, answer.text[:500])


@pytest.mark.one_database
@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_is_no_json_of_ours_is_refused_and_nothing_written(asked, browsers, content):
    before = contents()
    for endpoint, method, rule, request in asked:
        if not _takes_json(endpoint):
            continue
        answer = browsers(request.who).open(
            address(rule, request.path), method=method, data=content, content_type="application/json"
        )
        assert answer.status_code in {400, 422}, (endpoint, method, answer.status_code, answer.text)
        assert SENTENCE.match(_sentence(answer)), (endpoint, answer.text)
    assert differences(before, contents()) == set()


@pytest.mark.one_database
def test_a_field_named_twice_or_sent_as_something_else_is_refused(asked, browsers):
    before = contents()
    for endpoint, method, rule, request in asked:
        if not _takes_json(endpoint) or not request.json:
            continue
        name, value = next(iter(request.json.items()))
        twice = f'{{"{name}": {json.dumps(value)}, "{name}": {json.dumps(value)}}}'
        right = json.dumps(request.json)
        for content, kind, statuses in [
            (twice, "application/json", {422}),
            (right, "text/plain", {415}),
            (right, "application/x-www-form-urlencoded", {415}),
            (right, "multipart/form-data; boundary=x", {415}),
            (right, "application/json, text/plain", {415}),
        ]:
            answer = browsers(request.who).open(
                address(rule, request.path), method=method, data=content, content_type=kind
            )
            assert answer.status_code in statuses, (
                endpoint,
                method,
                kind,
                answer.status_code,
                answer.text[:200],
            )
            assert SENTENCE.match(_sentence(answer)), endpoint
    assert differences(before, contents()) == set()


def test_a_field_of_another_type_is_refused_or_harmless(asked, browsers, undone):
    for endpoint, method, rule, request in asked:
        if not endpoint.startswith("api.") or not request.json:
            continue
        for name in request.json:
            for wrong in WRONG:
                with undone():
                    answer = browsers(request.who).open(
                        address(rule, request.path), method=method, json={**request.json, name: wrong}
                    )
                where = (endpoint, name, str(wrong)[:20])
                assert answer.status_code < 500, where
                if isinstance(wrong, (bool, float, dict)):
                    expected = {200, 422} if (name, wrong) == ("confirm", True) else {422}
                    assert answer.status_code in expected, where
                if answer.status_code >= 400:
                    assert SENTENCE.match(_sentence(answer)), where


FORM_WRONG = [
    "",
    " ",
    "\0",
    "a\0b",
    HUGE,
    "-1",
    "1e9",
    "²",
    "x" * 30_000,
    "\u202e",
    "<script>",
    "'; DROP TABLE people",
]


def _trouble(ask, *request, **more):
    """What is wrong with the answer: nothing, when it says what to do."""
    where = [*request[1:3], request[3].form]
    try:
        answer = ask(*request, **more)
    except Exception as error:  # noqa: BLE001 - all are looked for, one by one they would take as many runs
        return [(*where, repr(error))]
    told = answer.status_code < 400 or (answer.status_code < 500 and SENTENCE.match(_sentence(answer)))
    return [] if told else [(*where, answer.status_code, _sentence(answer)[:80])]


def test_a_form_with_anything_in_its_fields_is_answered_calmly(asked, browsers, undone):
    """Every field with a third of what is odd, turn by turn."""
    problems, turn = [], itertools.count()
    for endpoint, method, rule, request in asked:
        if endpoint.startswith("api.") or not request.form or is_shown_elsewhere(endpoint):
            continue
        for name, right in request.form.items():
            twice = [right, right] if not isinstance(right, tuple) else ""
            for wrong in [*FORM_WRONG[next(turn) % 3 :: 3], twice]:
                fields = {**request.form, name: wrong}
                with undone():
                    problems += _trouble(
                        send,
                        browsers(request.who),
                        method,
                        address(rule, request.path),
                        Request(request.who, request.path, fields),
                    )
            without = {field: value for field, value in request.form.items() if field != name}
            with undone():
                lacking = Request(request.who, request.path, without)
                problems += _trouble(
                    send, browsers(request.who), method, address(rule, request.path), lacking
                )
    assert not problems, "\n".join(map(str, problems))


RAW = {
    "not UTF-8": (
        b"body=%ff%fe&space_id=%ff&name=%ff&clause=%80&login=%ff&password=%ff",
        "application/x-www-form-urlencoded",
    ),
    "raw bytes": (bytes(range(256)), "application/x-www-form-urlencoded"),
    "no boundary": (b"--x", "multipart/form-data"),
    "a broken part": (
        b'--x\r\nContent-Disposition: form-data; name="body\r\n\r\n',
        "multipart/form-data; boundary=x",
    ),
    "an unknown kind": (b"\0\1\2", "application/octet-stream"),
    "too many parts": (
        b"".join(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' for _ in range(300))
        + b"--x--",
        "multipart/form-data; boundary=x",
    ),
    "too large a field": (
        b'--x\r\nContent-Disposition: form-data; name="body"\r\n\r\n' + b"a" * 1_100_000 + b"\r\n--x--",
        "multipart/form-data; boundary=x",
    ),
    "too large a form": (b"body=" + b"a" * 1_100_000, "application/x-www-form-urlencoded"),
}


@pytest.mark.one_database
@pytest.mark.parametrize(("content", "kind"), RAW.values(), ids=RAW)
def test_a_form_that_is_none_is_answered_calmly(asked, browsers, undone, content, kind):
    for endpoint, method, rule, request in asked:
        with undone():
            answer = browsers(request.who).open(
                address(rule, request.path), method=method, data=content, content_type=kind
            )
            assert answer.data is not None
        assert answer.status_code < 500, (endpoint, answer.text[-300:])
        if answer.status_code >= 400 and not is_shown_elsewhere(endpoint):
            assert SENTENCE.match(_sentence(answer)), (endpoint, answer.text[-300:])


@pytest.mark.one_database
def test_only_what_carries_files_may_be_large(asked, browsers, written):
    """What is read in one piece costs many times its size."""
    for endpoint, method, rule, request in asked:
        if endpoint in {"api.files.create", "files.delete", "posts.drop_draft"}:
            continue  # these read a file, or nothing
        if endpoint.startswith("scim."):
            continue  # nothing is read of who has no key
        kind = "application/json" if _takes_json(endpoint) else "application/x-www-form-urlencoded"
        with written() as tables:
            answer = browsers(request.who).open(
                address(rule, request.path), method=method, data=b"a" * 1_100_000, content_type=kind
            )
        assert (answer.status_code, tables) == (413, set()), endpoint
        assert SENTENCE.match(_sentence(answer)), endpoint


# --- the same again -----------------------------------------------------------------------------------------

SECRETS = {  # their answers hold a secret and must not be kept: these forms carry no key
    "me.create_token",
    "admin.screens.directory.make_key",
    "admin.screens.people.add",
    "admin.screens.people.reset_password",
}
ALONE = {*ANYBODY, "auth.end_session", *SECRETS}


def test_the_same_key_gives_the_same_answer_and_one_effect(asked, browsers, undone):
    """Programs send it as a header, forms as a hidden field; everything that posts is asked both ways."""
    for endpoint, method, rule, request in asked:
        if method != "POST" or endpoint in ALONE or is_shown_elsewhere(endpoint):
            continue
        with undone():
            browser = browsers(request.who)
            _prepare(endpoint, browser, request)
            again = (
                {"headers": {"Idempotency-Key": "k1"}}
                if endpoint.startswith("api.")
                else {"fields": {"idempotency": "k1"}}
            )
            first = send(browser, method, address(rule, request.path), request, **_copy(again))
            after = contents()
            second = send(browser, method, address(rule, request.path), request, **_copy(again))
            assert first.status_code < 400, (endpoint, first.text[-300:])
            assert (second.status_code, second.data, second.mimetype, second.headers.get("Location")) == (
                first.status_code,
                first.data,
                first.mimetype,
                first.headers.get("Location"),
            ), endpoint
            assert differences(after, contents()) == set(), endpoint


def test_the_same_key_with_another_request_is_refused(asked, browsers, undone):
    for endpoint, method, rule, request in asked:
        if method != "POST" or not endpoint.startswith("api.") or not request.json:
            continue
        with undone():
            browser, headers = browsers(request.who), {"Idempotency-Key": "k2"}
            send(browser, method, address(rule, request.path), request, headers=dict(headers))
            after = contents()
            other = browser.open(
                address(rule, request.path),
                method=method,
                json={**request.json, "version": 2}
                if "version" in request.json
                else {**request.json, "x": 1},
                headers=dict(headers),
            )
            assert other.status_code == 422, endpoint
            assert differences(after, contents()) == set(), endpoint


def test_what_is_said_twice_without_a_key_still_stands_once(asked, browsers, undone):
    """PUT and DELETE say how it shall be: saying so again changes nothing."""
    for endpoint, method, rule, request in asked:
        once = {"posts.save_draft", "api.gate.replace"}
        if method not in {"PUT", "DELETE"} or endpoint in once or is_shown_elsewhere(endpoint):
            continue
        with undone():
            browser = browsers(request.who)
            _prepare(endpoint, browser, request)
            first = send(browser, method, address(rule, request.path), request)
            after = contents()
            second = send(browser, method, address(rule, request.path), request)
            assert first.status_code < 300, (endpoint, first.text)
            assert second.status_code in {first.status_code, 404, 409}, (endpoint, second.text)
            assert differences(after, contents()) <= {"follows"}, endpoint


def _copy(more):
    return {name: dict(value) for name, value in more.items()}
