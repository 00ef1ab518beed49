"""The wall and the end of rights, as seen through nginx."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from socketio.exceptions import ConnectionError as Refused

from tests.deployment.site import ANNEX, OFFICE, STREET, Caller, Site, console, eventually

CUT_WITHIN = 5.0
PATHS = (
    "/", "/sign-in", "/static/js/app.js", "/api/v1/me", "/api/v1/openapi.json", "/files/1", "/socket.io/",
    "/nowhere", "/healthz", "/readyz", "/metrics",
)  # fmt: skip
REFUSAL = "Accès réservé au réseau interne. / Internal network only.\n"


@pytest.fixture
def gate(site: Site) -> Iterator[Caller]:
    """An admin's program in the office; afterwards the operator's networks count again."""
    yield site.caller("root")
    console(site.nodes[0].environment, "gate", "reset")
    eventually(lambda: all(
        site.caller("bo", node=node, source=ANNEX)("GET", "/api/v1/me").status_code == 200 for node in site.nodes
    ))  # fmt: skip


@pytest.mark.parametrize(
    "said", [OFFICE, f"{OFFICE}, {OFFICE}", f"127.0.0.1, {OFFICE}", "unknown", f"::ffff:{OFFICE}"]
)
def test_what_a_caller_says_of_itself_changes_nothing(site: Site, said: str) -> None:
    outside = Caller(site.url, site.told["tokens"]["bo"], source=STREET)
    headers = {
        "X_Forwarded_For": said,
        "X_Real_IP": OFFICE,
        "Forwarded": f"for={OFFICE}",
        "True_Client_IP": OFFICE,
    }
    answer = outside("GET", "/api/v1/me", **headers)
    assert (answer.status_code, answer.text) == (403, REFUSAL)
    inside = site.caller("bo")("GET", "/api/v1/me", X_Forwarded_For=STREET, Forwarded=f"for={STREET}")
    assert inside.status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_from_outside_every_path_gives_the_same_refusal(site: Site, path: str) -> None:
    outside = Caller(site.url, site.told["tokens"]["bo"], source=STREET)
    for method in ("GET", "POST"):
        answer = outside(method, path)
        shown = {name.lower() for name in answer.headers} - {"server", "date", "connection"}
        assert (answer.status_code, answer.text) == (403, REFUSAL)
        assert shown == {"content-type", "content-length", "cache-control"}


def test_monitoring_stays_inside_the_machine(site: Site) -> None:
    assert site.caller("root")("GET", "/readyz").status_code == 403
    assert {site.ready(node)["database"] for node in site.nodes} == {"ok"}


@pytest.mark.parametrize("cookie", [False, True])
def test_from_outside_no_socket_opens(site: Site, cookie: bool) -> None:
    with pytest.raises(Refused):
        site.listen("bo", source=STREET, cookie=cookie)
    assert site.listen("bo", source=ANNEX, cookie=cookie).is_open()


def test_a_narrower_gate_cuts_open_sockets_on_every_node(site: Site, gate: Caller) -> None:
    leaving = [site.listen(login, node=node, source=ANNEX) for node in site.nodes for login in ("bo", "cy")]
    leaving.append(site.listen("ana", source=ANNEX))
    staying = [site.listen("bo", node=node, source=OFFICE) for node in site.nodes]
    begin = time.monotonic()
    answer = gate("PUT", "/api/v1/gate/rules", {"rules": [{"network": f"{OFFICE}/32", "name": "office"}]})
    assert answer.status_code == 200, answer.text
    for socket in leaving:
        assert socket.wait_end(CUT_WITHIN - (time.monotonic() - begin))
    print(f"cut after {time.monotonic() - begin:.2f} s")
    for node in site.nodes:
        refused = site.caller("bo", node=node, source=ANNEX)
        eventually(lambda refused=refused: refused("GET", "/api/v1/me").status_code == 403, CUT_WITHIN)
    time.sleep(max(0.0, CUT_WITHIN / 2 - (time.monotonic() - begin)))
    assert all(socket.is_open() for socket in staying)
    post = site.post("ana", "Ceux qui restent")
    for socket in staying:
        eventually(lambda socket=socket: post in socket.posts(), 5)
    assert all(post not in socket.posts() for socket in leaving)


def test_an_ended_session_ends_its_sockets(site: Site) -> None:
    with_session = site.listen("gone", cookie=True)
    with_token = site.listen("gone", node=site.nodes[1])
    browser = Caller(site.url)
    browser.http.headers["Cookie"] = f"parvis={site.told['sessions']['gone']}"
    begin = time.monotonic()
    answer = browser("POST", "/sign-out", Origin=site.url, Sec_Fetch_Site="same-origin")
    assert answer.status_code == 303, answer.text
    assert with_session.wait_end(CUT_WITHIN - (time.monotonic() - begin))
    print(f"signed out, cut after {time.monotonic() - begin:.2f} s")
    assert "session.ended" in with_session.names()
    assert with_token.is_open()
    with pytest.raises(Refused):
        site.listen("gone", cookie=True)


def test_who_left_is_cut_everywhere(site: Site) -> None:
    sockets = [site.listen("r0", node=node) for node in site.nodes]
    console(site.nodes[0].environment, "people", "deactivate", "r0")
    begin = time.monotonic()
    for socket in sockets:
        assert socket.wait_end(CUT_WITHIN)
    print(f"deactivated, cut {time.monotonic() - begin:.2f} s after the command ended")
    assert site.caller("r0")("GET", "/api/v1/me").status_code == 401
    console(site.nodes[0].environment, "people", "reactivate", "r0")
