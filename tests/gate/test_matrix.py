"""Every address, person, hour and surface: what is answered is what the rules say, and nothing else is.

The surfaces are read from the URL map and from the registered socket messages, so that a new one is looked at
without being listed. What lies behind them is replaced by a sign that it was reached.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from ipaddress import ip_address

import pytest
from sqlalchemy import update

from app.auth import actions as auth
from app.auth.models import Session
from app.gate.actions import replace
from app.gate.wall import MONITORING_PATHS, REFUSAL
from app.kernel import clock, keys, sockets
from app.kernel.db import db
from app.kernel.http import UNSAFE
from app.people.actor import Actor
from tests.make import make_organisation, make_person

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # Monday, noon in Paris
NIGHT = NOON + timedelta(hours=9)
WORK = {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00", "to": "18:00"}
BOOK = {
    "places": [
        {"name": "Office", "networks": ["10.1.0.0/16", "2001:db8:1::/48"]},
        {"name": "Reception", "networks": ["10.2.0.0/16"]},
        {"name": "Café", "networks": ["10.3.0.0/16"]},
        {"name": "Home", "networks": ["10.4.0.0/16"]},
    ],
    "hours": [{"name": "Work", "windows": [WORK]}],
    "rules": [
        {"places": ["Office"], "roles": ["admin"]},
        {"effect": "refuse", "segments": ["client", "supplier"], "places": ["Office"]},
        {"places": ["Office"], "hours": "Work"},
        {"places": ["Reception"], "segments": ["client"], "hours": "Work"},
        {"effect": "read_only", "places": ["Café"]},
        {"effect": "second_factor", "places": ["Home"], "segments": ["employee"]},
    ],
}
PASS, DENY, LOOK, PROVE = "reached", "denied", "read_only", "second_factor_required"
# (address, hour) -> what each of them gets; "nobody" is whoever isn't signed in.
TABLE = {
    ("10.1.0.7", NOON): {"nobody": PASS, "admin": PASS, "employee": PASS, "client": DENY},
    ("10.1.0.7", NIGHT): {"nobody": PASS, "admin": PASS, "employee": DENY, "client": DENY},
    ("2001:db8:1::7", NOON): {"nobody": PASS, "admin": PASS, "employee": PASS, "client": DENY},
    ("::ffff:10.1.0.7", NIGHT): {"nobody": PASS, "admin": PASS, "employee": DENY, "client": DENY},
    ("10.2.0.7", NOON): {"nobody": PASS, "admin": DENY, "employee": DENY, "client": PASS},
    ("10.2.0.7", NIGHT): {"nobody": DENY, "admin": DENY, "employee": DENY, "client": DENY},
    ("10.3.0.7", NIGHT): {"nobody": PASS, "admin": LOOK, "employee": LOOK, "client": LOOK},
    ("10.4.0.7", NOON): {"nobody": PASS, "admin": PROVE, "employee": PROVE, "client": DENY},
    ("10.4.0.7", NIGHT, "proven"): {"nobody": PASS, "admin": PASS, "employee": PASS, "client": DENY},
    ("203.0.113.9", NOON): dict.fromkeys(["nobody", "admin", "employee", "client"], DENY),
    ("", NOON): dict.fromkeys(["nobody", "admin", "employee", "client"], DENY),
}
MARKS = ("is_public", "is_always_open", "takes_unproven")
READING = {"space.watch", "space.unwatch", "presence"}  # socket messages that change nothing for anybody


@dataclass(frozen=True)
class Surface:
    method: str
    path: str
    is_public: bool
    is_always_open: bool
    takes_unproven: bool

    def expects(self, said, who):
        """What a person gets here when the rules say so of them."""
        if self.is_public and who != "nobody":
            return PASS
        if self.takes_unproven and said == PROVE:
            return PASS
        if (self.is_always_open and said != DENY) or (said == LOOK and self.method not in UNSAFE):
            return PASS
        return said


@pytest.fixture
def surfaces(app, monkeypatch):
    """Every address of the product with every method it takes, and one where nothing is; HEAD is GET."""
    for limiter in app.extensions["limiter"]:
        monkeypatch.setattr(limiter, "enabled", False)
    found = [Surface("GET", "/nowhere", is_public=False, is_always_open=False, takes_unproven=False)]
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        flags = {name: getattr(view, name, False) for name in MARKS}
        path = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule.rule)
        path = re.sub(r"<(?:int:)?\w+>", "1", re.sub(r"<path:\w+>", "js/app.js", path))
        if path not in MONITORING_PATHS:
            found += [Surface(method, path, **flags) for method in sorted(rule.methods - {"OPTIONS", "HEAD"})]
        monkeypatch.setitem(app.view_functions, rule.endpoint, _reached(view))
    return found


def _reached(view):
    def reached(**_path):
        return PASS

    reached.__dict__.update(
        {k: v for k, v in view.__dict__.items() if k.startswith("is_") or k.startswith("takes_")}
    )
    return reached


@pytest.fixture
def people():
    acme = make_organisation("Acme", "client")
    return {
        "admin": make_person("root", roles=["admin"]),
        "employee": make_person("ana"),
        "client": make_person("cli", segment="client", organisation_id=acme.id),
    }


class Caller:
    """Calls the product as a server does: through the wall."""

    def __init__(self, app, address, secret=None, token=None):
        self.app, self.address = app, address
        signed = f"parvis={secret}.{keys.mac('session', secret)}" if secret else ""
        self.headers = {"HTTP_COOKIE": signed} if signed else {}
        self.headers |= {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}

    def __call__(self, method, path):
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "",
            "REMOTE_ADDR": self.address, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1:8000", "wsgi.url_scheme": "http",
            "HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_ACCEPT": "application/json",
            "wsgi.input": BytesIO(), "wsgi.errors": BytesIO(), "wsgi.version": (1, 0),
            "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False, **self.headers,
        }  # fmt: skip
        told = []
        with self.app.app_context():
            body = self.app.wsgi_app(
                environ, lambda status, headers, *_: told.append((status, dict(headers)))
            )
            text = b"".join(body)
            if hasattr(body, "close"):
                body.close()
        return *told[0], text


PLAIN = {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": str(len(REFUSAL)),
    "Cache-Control": "no-store",
}


def outcome(status, headers, body):
    """What was answered, in a word; a refusal of the wall must be exactly that. Being asked to sign in is no
    refusal of the gate.
    """
    if status == "403 Forbidden" and headers == PLAIN:
        assert body == REFUSAL
        return DENY
    assert "Set-Cookie" not in headers
    code = re.search(rb'"code":"(\w+)"', body)
    if code and code[1].decode() in {LOOK, PROVE}:
        return code[1].decode()
    return PASS


def caller(app, where, who: Actor | None, *, proven=False):
    if who is None:
        return Caller(app, where)
    secret = auth.open_session(who, login=who.login, address=where, device="matrix")
    if proven:
        db.session.execute(update(Session).values(second_factor_at=clock.now()))
        db.session.commit()
    return Caller(app, where, secret=secret)


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", list(TABLE), ids=lambda case: f"{case[0] or 'unknown'}-{case[1]:%H}h-{len(case)}"
)
def test_every_surface_answers_as_the_rules_say(app, surfaces, people, case):
    where, at, *proven = case
    replace(people["admin"], BOOK, address="10.1.0.7")
    wrong = []
    with clock.at(at):
        for who, said in TABLE[case].items():
            call = caller(app, where, people.get(who), proven=bool(proven))
            for surface in surfaces:
                expected = surface.expects(said, who)
                if TABLE[case]["nobody"] == DENY:
                    expected = DENY
                got = outcome(*call(surface.method, surface.path))
                if got != expected:
                    wrong.append((who, surface.method, surface.path, got, expected))
    assert not wrong, wrong[:10]


@pytest.mark.parametrize(
    "case", [("10.1.0.7", NIGHT), ("10.3.0.7", NIGHT), ("10.4.0.7", NOON)], ids=lambda case: case[0]
)
def test_programs_get_what_their_person_gets(app, surfaces, people, case):
    where, at = case
    replace(people["admin"], BOOK, address="10.1.0.7")
    wrong = []
    with clock.at(at):
        for who, said in TABLE[case].items():
            if who == "nobody":
                continue
            call = Caller(app, where, token=auth.make_token(None, people[who].id, name="matrix"))
            for surface in surfaces:
                if surface.path.startswith("/api/v1/"):
                    got = outcome(*call(surface.method, surface.path))
                    if got != surface.expects(said, who):
                        wrong.append((who, surface.method, surface.path, got))
    assert not wrong, wrong[:10]


@pytest.mark.parametrize("path", sorted(MONITORING_PATHS))
def test_monitoring_answers_its_own_networks_whatever_the_rules_say(app, people, path):
    replace(people["admin"], BOOK, address="10.1.0.7")
    for where in ("10.1.0.7", "10.2.0.7", "203.0.113.9", ""):
        assert outcome(*Caller(app, where)("GET", path)) == DENY
    assert outcome(*Caller(app, "127.0.0.1")("GET", path)) == PASS


def test_every_message_of_a_socket_is_known_to_read_or_refused_to_readers():
    assert {name for name, writes in sockets.messages.items() if not writes} == READING


@pytest.mark.parametrize(
    "case", [case for case in TABLE if len(case) == 2 and case[0]], ids=lambda c: f"{c[0]}-{c[1]:%H}h"
)
def test_every_message_of_a_socket_is_answered_as_the_rules_say(app, people, listen, case):
    """Sockets opened while the old rules counted: each of their messages meets the new ones."""
    where, at = case
    hears = {who: listen(person) for who, person in people.items()}
    for seat in sockets.seats.values():
        address = ip_address(where)
        seat.environ["parvis.address"] = getattr(address, "ipv4_mapped", None) or address
    with clock.at(at):
        replace(people["admin"], BOOK, address="10.1.0.7")
        for who, listener in hears.items():
            said = TABLE[case][who]
            for name, writes in sockets.messages.items():
                code = listener.ask(name, {"id": 1}).get("code")
                if said in {DENY, PROVE}:
                    assert code == "outside", (who, name)
                else:
                    assert (code == "read_only") is (said == LOOK and writes), (who, name)
        sockets.reseat()
        staying = {seat.actor.id for seat in sockets.seats.values()}
        assert staying == {people[who].id for who in people if TABLE[case][who] in {PASS, LOOK}}
