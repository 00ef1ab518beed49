import threading
from ipaddress import ip_address
from wsgiref.validate import validator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gate import wall
from app.gate.address import Resolver, parse_networks
from app.gate.wall import LINES_A_MINUTE, REFUSAL, REMEMBERED, Decision, Tally, Wall

OFFICE, OUTSIDE, PROXY, MONITOR = "192.0.2.7", "203.0.113.9", "10.0.0.1", "10.9.9.9"
OFFICE_NETWORK = parse_networks("192.0.2.0/24")
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"]


def office_only(address, environ):
    return Decision(address in OFFICE_NETWORK, "office")


def broken_rule(address, environ):
    raise RuntimeError("no database")


class Unreadable:
    """A request body that nobody may touch."""

    def __getattr__(self, name):
        raise AssertionError(f"the body was touched: {name}")


class Visit:
    """One request to a wall, what came back, and what the application saw of it."""

    def __init__(self, peer, path="/", method="GET", decide=office_only, wall=None, **headers):
        self.seen = None
        self.wall = wall or make_wall(decide)
        self.wall.app = self._application
        environ = {"REMOTE_ADDR": peer, "PATH_INFO": path, "SCRIPT_NAME": "", "REQUEST_METHOD": method}
        environ |= {"wsgi.url_scheme": "http", "wsgi.input": Unreadable()}
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        self.body = b"".join(self.wall(environ, self._start))

    def _application(self, environ, start_response):
        self.seen = environ
        start_response("200 OK", [("Set-Cookie", "parvis=1")])
        return [b"welcome"]

    def _start(self, status, headers, exc_info=None):
        self.status, self.headers = status, dict(headers)

    @property
    def denied(self):
        return self.seen is None and self.answer == DENY

    @property
    def answer(self):
        return (self.status, self.headers, self.body)


DENY = (
    "403 Forbidden",
    {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(REFUSAL)),
        "Cache-Control": "no-store",
    },
    "Accès réservé au réseau interne. / Internal network only.\n".encode(),
)


def make_wall(decide=office_only):
    resolver = Resolver(parse_networks(PROXY))
    return Wall(None, decide, resolver, monitoring=parse_networks([PROXY, MONITOR, "127.0.0.1"]))


def test_the_office_comes_in_and_the_outside_does_not():
    assert Visit(OFFICE).body == b"welcome"
    assert Visit(OUTSIDE).denied


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/static/app.js",
        "/socket.io/",
        "/api/v1/me",
        "/sign-in",
        "/healthz",
        "/metrics",
        "//",
        "/%",
        "\xff",
        "",
    ],
)
def test_the_refusal_is_the_same_for_every_path_and_method(path):
    for method in METHODS:
        visit = Visit(OUTSIDE, path, method, upgrade="websocket", connection="Upgrade")
        assert visit.seen is None
        assert visit.answer == (*DENY[:2], b"" if method == "HEAD" else DENY[2])


def test_behind_the_proxy_the_caller_counts_and_forged_parts_do_not():
    assert Visit(PROXY, x_forwarded_for=f"rubbish, {OFFICE}").body == b"welcome"
    assert Visit(PROXY, x_forwarded_for=f"{OFFICE}, {OUTSIDE}").denied
    assert Visit(PROXY).denied
    assert Visit(OUTSIDE, x_forwarded_for=OFFICE, x_real_ip=OFFICE, forwarded=f"for={OFFICE}").denied


def test_below_the_wall_there_is_one_address_and_no_forwarding_header():
    seen = Visit(
        PROXY, x_forwarded_for=OFFICE, x_forwarded_proto="https", x_forwarded_host="evil", forwarded="for=x",
        x_real_ip="127.0.0.1", true_client_ip="127.0.0.1", host="parvis.example",
    ).seen  # fmt: skip
    assert seen["parvis.address"] == ip_address(OFFICE)
    assert (seen["REMOTE_ADDR"], seen["parvis.peer"]) == (OFFICE, PROXY)
    assert [key for key in seen if key.startswith("HTTP_")] == ["HTTP_HOST"]


def test_only_a_proxy_may_say_that_the_caller_used_tls():
    assert (
        Visit(PROXY, x_forwarded_for=OFFICE, x_forwarded_proto="http, HTTPS ").seen["wsgi.url_scheme"]
        == "https"
    )
    assert (
        Visit(PROXY, x_forwarded_for=OFFICE, x_forwarded_proto="javascript").seen["wsgi.url_scheme"] == "http"
    )
    assert Visit(OFFICE, x_forwarded_proto="https").seen["wsgi.url_scheme"] == "http"


def test_a_wrapped_address_is_the_same_caller():
    assert Visit(f"::ffff:{OFFICE}").seen["REMOTE_ADDR"] == OFFICE


@pytest.mark.parametrize(
    "rule",
    [
        broken_rule,
        lambda address, environ: None,
        lambda address, environ: True,
        lambda address, environ: Decision(1, "truthy"),
        lambda address, environ: Decision("no", "truthy"),
    ],
)
def test_a_rule_that_fails_or_answers_nonsense_keeps_the_wall_shut(rule):
    assert Visit(OFFICE, decide=rule).denied


def test_a_resolver_that_fails_keeps_the_wall_shut():
    wall = make_wall()
    wall.resolver = None
    assert Visit(OFFICE, wall=wall).denied


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_monitoring_answers_to_its_own_networks_only(path):
    assert Visit(MONITOR, path).body == b"welcome"
    assert Visit(MONITOR, "/").denied
    assert Visit(OFFICE, path).denied
    assert Visit(PROXY, path, x_forwarded_for=MONITOR).body == b"welcome"
    assert Visit(PROXY, path, x_forwarded_for=OFFICE).denied
    assert Visit(PROXY, path, x_forwarded_for=OUTSIDE).denied


def test_the_proxy_machine_may_check_its_own_health_but_not_for_somebody_it_names_wrongly():
    assert Visit(PROXY, "/healthz").seen["REMOTE_ADDR"] == PROXY
    assert Visit(PROXY, "/healthz", x_forwarded_for="rubbish").denied
    assert Visit(PROXY, "/healthz", x_real_ip=OUTSIDE).denied
    assert Visit(PROXY, "/").denied


def test_a_unix_socket_is_nobody():
    assert Visit("").denied
    assert Visit("", "/healthz").denied


def test_a_refusal_is_logged_once_a_minute_with_its_number(caplog):
    now, wall = [0.0], make_wall()
    wall.denials = Tally(lambda: now[0])
    for _ in range(5):
        Visit(OUTSIDE, wall=wall)
    now[0] = 61
    Visit(OUTSIDE, wall=wall)
    Visit(OFFICE, wall=wall)
    assert [record.getMessage() for record in caplog.records] == [
        f"denied address={OUTSIDE} peer={OUTSIDE} rule=office count=1",
        f"denied address={OUTSIDE} peer={OUTSIDE} rule=office count=5",
    ]
    assert wall.denials.counts() == {(OUTSIDE, "office"): 6}


def test_a_broken_rule_is_reported_with_its_reason_but_not_for_every_request(caplog):
    wall = make_wall(broken_rule)
    for _ in range(3):
        Visit(OFFICE, wall=wall)
    assert [record.exc_info[1].args for record in caplog.records] == [("no database",)]


def test_forwarding_headers_from_strangers_are_counted_even_when_they_come_in(caplog):
    wall = make_wall()
    Visit(OFFICE, wall=wall, x_forwarded_for=OUTSIDE)
    Visit(PROXY, wall=wall, x_forwarded_for=OFFICE)
    assert wall.ignored_forwarding.counts() == {(OFFICE, "forwarding headers"): 1}
    assert "is not a trusted proxy" in caplog.text


def test_many_callers_fill_neither_memory_nor_log():
    tally = Tally(lambda: 0.0)
    lines = sum(tally.note(str(number), "office") > 0 for number in range(3 * REMEMBERED))
    assert lines == LINES_A_MINUTE
    assert len(tally.counts()) == REMEMBERED
    assert tally.total == 3 * REMEMBERED


def test_nothing_a_caller_sends_reaches_the_log_as_it_is(caplog):
    Visit("evil\nline", x_forwarded_for="a\nb")
    assert "evil" not in caplog.text


def test_the_refusal_is_correct_wsgi():
    answers = []
    environ = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/", "SERVER_NAME": "x", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "QUERY_STRING": "", "REMOTE_ADDR": OUTSIDE, "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.multithread": True, "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }  # fmt: skip
    with open("/dev/null", "rb") as nothing, open("/dev/null", "w") as errors:
        environ |= {"wsgi.input": nothing, "wsgi.errors": errors}
        answer = validator(make_wall())(
            environ, lambda status, headers, exc_info=None: answers.append(status)
        )
        assert b"".join(answer) == REFUSAL
        answer.close()
    assert answers == ["403 Forbidden"]


HEADERS = st.sampled_from(
    ["x_forwarded_for", "forwarded", "x_real_ip", "x_forwarded_proto", "client_ip", "host"]
)
PEERS = st.one_of(
    st.ip_addresses().map(str), st.sampled_from([OUTSIDE, PROXY, MONITOR, ""]), st.text(max_size=20)
)
VALUES = st.one_of(st.text(max_size=80), st.lists(st.ip_addresses().map(str), max_size=4).map(",".join))


@given(PEERS, st.text(max_size=20), st.sampled_from(METHODS), st.dictionaries(HEADERS, VALUES))
def test_whatever_is_sent_only_an_allowed_address_comes_in(peer, path, method, headers):
    visit = Visit(peer, path, method, **headers)
    if visit.seen is None:
        assert visit.answer == (*DENY[:2], b"" if method == "HEAD" else DENY[2])
    else:
        assert visit.seen["parvis.address"] in OFFICE_NETWORK


@pytest.mark.parametrize("may", [False, True])
def test_a_long_answer_is_cut_while_its_reader_stands_still(monkeypatch, may):
    """Asked beside the sending; whoever may go on is left alone."""
    monkeypatch.setattr(wall, "ASK_AGAIN_SECONDS", 0.01)
    asked, cut = threading.Event(), threading.Event()

    class Line:
        def setsockopt(self, *_how):
            pass

        def shutdown(self, _how):
            cut.set()

    def may_go_on():
        if asked.is_set() and may:
            answer.close()
        asked.set()
        return may

    answer = wall._Lasting([b"a", b"b"], may_go_on, Line())
    assert next(iter(answer)) == b"a"
    assert asked.wait(10)
    assert cut.wait(10 if not may else 0.1) is not may
    answer.close()


def test_a_long_answer_is_cut_between_two_pieces(monkeypatch):
    monkeypatch.setattr(wall, "ASK_AGAIN_SECONDS", -1.0)
    assert list(wall._Lasting([b"a", b"b"], lambda: True)) == [b"a", b"b"]
    with pytest.raises(ConnectionResetError):
        list(wall._Lasting([b"a", b"b"], lambda: False))
