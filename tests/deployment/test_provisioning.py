"""The directory speaks with the product as it is served: the suite of the protocol, and many at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests import services
from tests.deployment.site import Caller, Node, at_once, console, environment, make_company

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MANY = 12
# An account is open or closed: nothing can be taken from it that would leave it neither.
NOT_OURS = {("User", "check_remove_attribute", "active")}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def directory(request: pytest.FixtureRequest) -> Iterator[Caller]:
    """A directory with its key, and the product served on this database."""
    folder = services.new_folder("parvis-provisioning-")
    settings = {"networks": "127.0.0.0/8"}
    if request.param == "postgresql":
        settings["database_url"] = services.fresh_database(services.postgres())
    make_company(environment(folder, **settings))
    node = Node(folder, **settings)
    try:
        node.wait()
        key = console(node.environment, "scim", "key", "suite").strip()
        yield Caller(f"http://{node.bind}/scim/v2", key, source="127.0.0.1")
        console(node.environment, "audit", "verify")
    finally:
        node.stop()


def _forward(caller: Caller) -> Any:
    """What the suite takes for an application sends everything on to the server."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
        path = environ["PATH_INFO"].removeprefix("/scim/v2")
        kind = {"Content-Type": environ["CONTENT_TYPE"]} if environ.get("CONTENT_TYPE") else {}
        sent = environ["wsgi.input"].read()
        answer = caller.http.request(
            environ["REQUEST_METHOD"], f"{caller.url}{path}{query}", data=sent, headers=kind, timeout=30
        )
        start_response(f"{answer.status_code} {answer.reason}", list(answer.headers.items()))
        return [answer.content]

    return application


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_suite_of_the_protocol_has_nothing_to_say(directory: Caller) -> None:
    from scim2_client.engines.wsgi import WSGISCIMClient
    from scim2_tester import Status, check_server

    client = WSGISCIMClient(
        _forward(directory),
        base_url=directory.url,
        headers={"Authorization": str(directory.http.headers["Authorization"])},
    )
    results = check_server(client)
    found = {
        (one.resource_type, one.title, *re.findall(r"attribute '(\w+)'", one.reason or ""))
        for one in results
        if one.status not in {Status.SUCCESS, Status.SKIPPED}
    }
    assert found == NOT_OURS, [one.reason for one in results if one.status is not Status.SUCCESS]
    assert sum(one.status is Status.SUCCESS for one in results) > 80
    assert urlsplit(directory.url).path == "/scim/v2"


def test_of_many_who_name_the_same_person_one_does(directory: Caller) -> None:
    sent = {"schemas": [USER], "userName": "racer@acme.example"}
    answers = at_once(*[lambda: _twin(directory)("POST", "/Users", sent) for _ in range(MANY)])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: MANY - 1}
    assert {answer.json()["scimType"] for answer in answers if answer.status_code == 409} == {"uniqueness"}
    found = directory("GET", '/Users?filter=userName eq "racer@acme.example"').json()
    assert found["totalResults"] == 1


def test_changes_at_the_same_time_all_count(directory: Caller) -> None:
    people = [
        directory("POST", "/Users", {"schemas": [USER], "userName": f"p{n}"}).json()["id"]
        for n in range(MANY)
    ]
    group = directory("POST", "/Groups", {"schemas": [GROUP], "displayName": "Together"}).json()

    def adding(number: str) -> Any:
        sent = {
            "schemas": [PATCH],
            "Operations": [{"op": "add", "path": "members", "value": [{"value": number}]}],
        }
        return lambda: _twin(directory)("PATCH", f"/Groups/{group['id']}", sent)

    assert {answer.status_code for answer in at_once(*map(adding, people))} == {200}
    now = directory("GET", f"/Groups/{group['id']}").json()
    assert {one["value"] for one in now["members"]} == set(people)
    assert now["meta"]["version"] == f'W/"{MANY + 1}"'


def test_of_many_who_change_one_version_one_does(directory: Caller) -> None:
    one = directory("POST", "/Users", {"schemas": [USER], "userName": "versions"}).json()

    def naming(place: int) -> Any:
        sent = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "title", "value": f"t{place}"}]}
        version = one["meta"]["version"]
        return lambda: _twin(directory)("PATCH", f"/Users/{one['id']}", sent, If_Match=version)

    answers = at_once(*map(naming, range(MANY)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: MANY - 1}
    won = next(answer.json()["title"] for answer in answers if answer.status_code == 200)
    assert directory("GET", f"/Users/{one['id']}").json()["title"] == won


def test_from_elsewhere_the_wall_answers(directory: Caller) -> None:
    there = requests.get(f"{directory.url}/Users", headers={"X-Forwarded-For": "203.0.113.9"}, timeout=10)
    assert there.status_code == 401, "a header sent directly changes nothing"
    key = str(directory.http.headers["Authorization"])
    odd = requests.get(
        f"{directory.url}/Users", headers={"Authorization": key, "Host": "evil.example"}, timeout=10
    )
    assert odd.status_code == 400


def _twin(caller: Caller) -> Caller:
    """Another connection of the same directory."""
    key = str(caller.http.headers["Authorization"]).removeprefix("Bearer ")
    return Caller(caller.url, key, source="127.0.0.1")
