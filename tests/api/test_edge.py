import pytest

from tests.make import make_post


def _open(client, method, path, **more):
    return client.open(f"/api/v1{path}", method=method, **more)


@pytest.mark.parametrize(("method", "path"), [("GET", "/me"), ("POST", "/spaces"), ("DELETE", "/posts/1")])
def test_without_a_token_one_is_asked_for_it(anonymous, method, path):
    for headers in ({}, {"Authorization": "Bearer pvs_wrong"}):
        answer = _open(anonymous, method, path, headers={"Sec-Fetch-Site": "", **headers})
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.get_json()["code"] == "signed_out"


def test_a_cookie_needs_our_own_origin(sign_in, world):
    browser = sign_in(world.ana)
    path = f"/api/v1/spaces/{world.open.id}/posts"
    assert browser.post(path, json={"body": "Mine"}).status_code == 201
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": ""},
    ):
        assert browser.post(path, json={"body": "Theirs"}, headers=headers).status_code == 403


def test_unknown_addresses_and_verbs_are_told_as_problems(api, world):
    ana = api(world.ana)
    for method, path, status, code in [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/posts/99999999999999999999999999", 404, "not_found"),
        ("GET", "/posts/999999999999999999", 404, "not_found"),
        ("PUT", "/feed", 405, "method_not_allowed"),
    ]:
        answer = ana.raw(method, path)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert answer.get_json()["code"] == code


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"body": "a"}', "text/plain", 415),
        (b'{"body": "a"}', "application/x-www-form-urlencoded", 415),
        (b"", "application/json", 422),
        (b"{", "application/json", 422),
        (b"[]", "application/json", 422),
        (b'{"body": "\xff"}', "application/json", 422),
        (b'{"body": "a", "body": "b"}', "application/json", 422),
        (b'{"body": NaN}', "application/json", 422),
        (b'{"body": 1e999}', "application/json", 422),
        (b"[" * 100_000, "application/json", 422),
        (b'{"body": "a\\u0000b"}', "application/json", 422),
        (b'{"body": "\\ud800"}', "application/json", 422),
        (b'{"body": "   "}', "application/json", 422),
        (b'{"body": null}', "application/json", 422),
        (b'{"body": ["a"]}', "application/json", 422),
        (b'{"body": "a", "author_id": 1}', "application/json", 422),
        (b'{"body": "a", "state": "published"}', "application/json", 422),
        (b'{"body": "a", "publish_at": "2030-01-01T00:00:00Z"}', "application/json", 422),
        (b'{"body": "a", "attachments": ["nope"]}', "application/json", 422),
        (b'{"body": "a", "attachments": [1]}', "application/json", 422),
        (b'{"body": "' + b"a" * 20_001 + b'"}', "application/json", 422),
        (b'{"body": "' + b"*" * (31 * 1024 * 1024) + b'"}', "application/json", 413),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_written(app, world, sign_in, body, kind, status):
    browser = sign_in(world.ana)
    answer = browser.post(f"/api/v1/spaces/{world.open.id}/posts", data=body, content_type=kind)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert browser.get("/api/v1/feed").get_json()["items"] == []


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "limit=99999999999999999999", "after=x", "after=%00", "scope=other"],
)
def test_pages_are_asked_for_properly(api, world, query):
    status, told = api(world.ana)("GET", f"/feed?{query}")
    assert (status, list(told["fields"])) == (422, [query.partition("=")[0]])


def test_a_page_token_of_another_list_is_refused(api, world):
    for n in range(3):
        make_post(world.ana, world.open, f"{n}")
    token = api(world.ana)("GET", "/feed?limit=1")[1]["next"]
    assert api(world.ana)("GET", f"/people?after={token}")[0] == 422


def test_too_many_writes_are_told_when_to_go_on_and_others_are_unharmed(app, api, world, monkeypatch):
    post = make_post(world.ana, world.open)
    bo = api(world.bo)
    path = f"/posts/{post.id}/bookmark"
    answers = [bo.raw("PUT", path) for _ in range(300)]
    assert [a.status_code for a in answers[:240]] == [204] * 240
    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].get_json()["code"] == "too_many"
    assert bo("GET", "/me")[0] == 200
    assert api(world.ana)("PUT", path)[0] == 204
