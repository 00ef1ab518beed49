"""Every address that shows one object: for who may not see it, it is as if the object had never been made."""

from __future__ import annotations

import json
import re

import pytest
from werkzeug.routing import IntegerConverter

from app.posts import actions as posts
from tests.edges.conftest import contents, differences
from tests.edges.world import ELSEWHERE, MISSING_FILE, address, rules, somewhere
from tests.make import make_comment, make_post

SAME_FOR_ALL = {
    "key",
    "number",
    "filename",
    "name",
    "place",
}  # versions of the charter, files of ours, one's own drafts
PAGES_OF_ADMINS = "admin."


def _hidden(company):
    """What each of these people may not see, by the name it has in addresses."""
    c = company
    removed = make_post(c.ana, c.open, "Taken back")
    posts.take_back(c.ana, removed)
    held_comment = make_comment(c.ana, c.post, "Acme says that Bolt is late")
    assert held_comment.state == "held"
    gone = make_post(c.ana, c.open, "Gone with its answers")
    below = make_comment(c.ana, gone, "Below")
    posts.take_back(c.ana, gone)
    by_partners = {
        "post_id": [c.post.id],
        "comment_id": [c.comment.id],
        "space_id": [c.open.id, c.supplier.id],
    }
    return [
        (
            c.bo,
            {
                "post_id": [c.held.id, removed.id],
                "comment_id": [held_comment.id, below.id],
                "file_id": [c.loose.id],
                "item_id": [c.item.id],
                "report_id": [],
            },
        ),
        (
            c.eve,
            {
                "post_id": [c.private.id, c.held.id, removed.id],
                "comment_id": [c.private_comment.id, held_comment.id],
                "space_id": [c.secret.id],
                "file_id": [c.kept.id, c.loose.id],
                "report_id": [c.report.id],
                "item_id": [c.private_item.id, c.item.id],
            },
        ),
        (
            c.cli,
            {
                **by_partners,
                "person_id": [c.sup.id, c.bo.id],
                "file_id": [c.kept.id],
                "report_id": [c.report.id],
                "item_id": [c.item.id],
            },
        ),
        (
            c.sup,
            {
                "post_id": [c.private.id, c.held.id],
                "space_id": [c.client.id, c.secret.id],
                "person_id": [c.cli.id, c.ana.id],
                "item_id": [c.item.id],
            },
        ),
        (c.ana, {"item_id": [c.private_item.id], "report_id": [c.report.id]}),
    ]


def _missing(name, number):
    return MISSING_FILE if name == "file_id" else int(str(number)[:-4] + "4040")


def _paths(rule, name, number):
    """The rule's address with this object in it, once for each kind of object that it takes."""
    kinds = [{"kind": "posts"}, {"kind": "comments"}] if "kind" in rule.arguments else [{}]
    others = {"person_id": 1, "space_id": 1}
    for kind in kinds:
        if rule.arguments - {name, *kind} <= set(others):
            yield (
                kind,
                address(rule, {**{n: v for n, v in others.items() if n != name}, **kind, name: number}),
            )


def _cases(app, company):
    for who, hidden in _hidden(company):
        for endpoint, _method, rule in rules(app, "GET"):
            for name in rule.arguments & {*hidden, "entry_id"}:
                found = hidden.get(name, []) if name != "entry_id" else None
                for number in (
                    found
                    if found is not None
                    else [*hidden.get("post_id", ()), *hidden.get("comment_id", ())]
                ):
                    for (_kind, there), (_same, nowhere) in zip(
                        _paths(rule, name, number), _paths(rule, name, _missing(name, number)), strict=True
                    ):
                        yield endpoint, who, there, nowhere


def _asked(browser, path, count, **headers):
    with count() as statements:
        answer = browser.get(path, headers=headers)
        told = (answer.status_code, list(answer.headers), answer.data)
        answer.close()
    return told, len(statements)


@pytest.mark.parametrize(
    "headers", [{}, {"X-Fragment": "1"}, {"Accept": "application/json"}], ids=["page", "piece", "json"]
)
def test_hidden_and_missing_give_the_same_answer_for_the_same_work(
    app, company, browsers, count_queries, headers
):
    seen, differing = set(), []
    for endpoint, who, there, nowhere in _cases(app, company):
        if headers and endpoint.startswith("api."):
            continue
        hidden, work = _asked(browsers(who), there, count_queries, **headers)
        missing, usual = _asked(browsers(who), nowhere, count_queries, **headers)
        seen.add(endpoint)
        status = 403 if endpoint.startswith(PAGES_OF_ADMINS) else 404
        if (hidden, work) != (missing, usual) or hidden[0] != status:
            differing.append((endpoint, who.login, there, hidden[0], missing[0], work, usual))
    assert not differing, "\n".join(map(str, differing))
    shown = {e for e, _m, rule in rules(app, "GET") if rule.arguments - SAME_FOR_ALL}
    assert headers or {e for e in shown - seen if not e.startswith((PAGES_OF_ADMINS, *ELSEWHERE))} == set()


def test_what_an_admin_may_see_is_closed_to_others_whether_it_is_there_or_not(app, company, browsers):
    there = {"person_id": company.bo.id, "organisation_id": company.unused.id, "import_id": 1}
    for endpoint, _method, rule in rules(app, "GET"):
        if not endpoint.startswith("admin.screens") or not rule.arguments:
            continue
        for who in (company.bo, company.mod, company.cli):
            answers = [
                browsers(who).get(address(rule, dict.fromkeys(rule.arguments, number)))
                for number in (*(there[name] for name in rule.arguments), 404404)
            ]
            assert {a.status_code for a in answers} == {403}, endpoint
            assert len({a.data for a in answers}) == 1, endpoint


ODD = [
    "",
    "\0",
    "²",
    "-1",
    "9" * 30,
    "9" * 5_000,
    "é" * 300,
    "'\"><script>",
    "%",
    "\u202e",
    "x" * 5_000,
    "[]",
    "null",
]
ASKED = [
    "address",
    "at",
    "login",
    "year",
    "lang",
    "on",
    "after",
    "q",
    "kind",
    "state",
    "space",
    "mine",
    "current",
    "outcome",
    "done",
    "next",
    "reply",
    "since",
    "limit",
    "role",
    "team",
    "site",
    "skill",
    "space_id",
    "act",
    "clause",
    "task",
    "person",
    "from",
    "to",
    "query",
    "scope",
    "type",
    "filter",
    "attributes",
    "sortBy",
    "startIndex",
    "count",
    "proof",
    "quarter",
    "days",
    "over",
    "item",
]


@pytest.mark.one_database
def test_every_parameter_that_is_read_is_asked_oddly():
    """The list above is what the code reads."""
    from tests.rules.test_house import PYTHON

    text = "\n".join(path.read_text() for path in PYTHON)
    read = set(re.findall(r'request\.args(?:\.get\(|\[)"(\w+)"', text))
    assert read <= set(ASKED), read - set(ASKED)


def test_any_address_with_anything_asked_is_answered_calmly(app, company, browsers):
    troubles = []
    who = {"admin": company.root, "moderation": company.mod}
    for endpoint, _method, rule in rules(app, "GET"):
        browser = browsers(who.get(endpoint.split(".")[0], company.ana))
        for turn in range(3):
            asked = {name: ODD[(place + 3 * turn) % len(ODD)] for place, name in enumerate(ASKED)}
            if turn % 2:
                del asked["after"]  # which many pages read first
            troubles += _trouble(browser, _somewhere(rule, company), asked)
        troubles += _trouble(browser, _somewhere(rule, company), "&".join(f"{name}=%ff%fe" for name in ASKED))
    assert not troubles, "\n".join(map(str, troubles))


def _trouble(browser, path, asked):
    try:
        answer = browser.get(path, query_string=asked)
        answer.close()
    except Exception as error:  # noqa: BLE001 - all are looked for at once
        return [(path, repr(error)[:200])]
    return [(path, answer.status_code)] if answer.status_code >= 500 else []


def _somewhere(rule, c):
    known = {
        "post_id": c.post.id,
        "comment_id": c.comment.id,
        "space_id": c.open.id,
        "person_id": c.bo.id,
        "item_id": c.item.id,
        "report_id": c.report.id,
        "file_id": c.loose.id,
        "entry_id": c.post.id,
        "kind": "posts",
        "organisation_id": c.acme.id,
        "number": 1,
        "key": "k1",
        "place": "post",
        "filename": "css/app.css",
        "name": "x",
    }
    return address(rule, {name: _fitting(rule, name, known.get(name)) for name in rule.arguments})


def _fitting(rule, name, value):
    """The value, where this address takes one of its kind under that name."""
    is_number = isinstance(rule._converters.get(name), IntegerConverter)
    return somewhere(rule, name) if value is None or (is_number and isinstance(value, str)) else value


def test_every_page_is_only_read_and_all_that_it_offers_leads_somewhere(app, company, browsers):
    """No page writes because it was looked at, and no link or button answers “nothing at this address”."""
    adapter, offered, before = app.url_map.bind("127.0.0.1:8000"), set(), contents()
    for who in (company.ana, company.mod, company.root, company.cli):
        for endpoint, _method, rule in rules(app, "GET"):
            answer = browsers(who).get(_somewhere(rule, company))
            assert answer.status_code < 500, endpoint
            if answer.mimetype == "text/html":
                offered |= _offered(answer.text)
            answer.close()
    assert differences(before, contents()) == set()
    assert len(offered) > 60
    assert [found for found in sorted(offered) if not _leads(adapter, *found)] == []


def _offered(page):
    """What can be followed or sent: (method, path)."""
    links = {("GET", path) for path in re.findall(r'<a\b[^>]*\bhref="(/[^"#?]*)', page)}
    return links | {
        (method.upper(), path)
        for form in re.findall(r"<form\b[^>]*>", page)
        for method in re.findall(r'method="(\w+)"', form) or ["get"]
        for path in re.findall(r'action="(/[^"#?]*)', form)
    }


def _leads(adapter, method, path):
    try:
        adapter.match(path, method=method)
    except Exception:  # noqa: BLE001 - whatever the map says but "here"
        return False
    return True


@pytest.mark.one_database
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "FOO"])
def test_other_methods_do_nothing_and_say_as_little(app, company, browsers, written, method):
    for endpoint, _method, rule in rules(app, "GET", "POST"):
        path = _somewhere(rule, company) if rule.arguments <= KNOWN else None
        if path is None:
            continue
        with written() as tables:
            answer = browsers(company.ana).open(path, method=method)
            answer.close()
        assert answer.status_code < 500, endpoint
        assert tables == set(), endpoint
        if method == "HEAD":
            assert answer.data == b"", endpoint


KNOWN = {
    "post_id",
    "comment_id",
    "space_id",
    "person_id",
    "item_id",
    "report_id",
    "file_id",
    "entry_id",
    "kind",
    "organisation_id",
    "number",
    "place",
    "filename",
}


@pytest.mark.one_database
@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_no_header_makes_a_read_of_a_write_or_the_reverse(company, browsers, written, header):
    path = f"/api/v1/posts/{company.post.id}"
    with written() as tables:
        assert browsers(company.ana).get(path, headers={header: "DELETE"}).status_code == 200
        assert browsers(company.ana).get(f"{path}?_method=delete").status_code == 200
    assert tables == set()
    answer = browsers(company.ana).post(
        f"/api/v1/spaces/{company.open.id}/posts",
        data=json.dumps({"body": "x"}),
        headers={header: "GET", "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
