"""What reaches the server as bytes: malformed, smuggled, slow, huge, nested, and said by a stranger."""

from __future__ import annotations

import io
import zipfile
from contextlib import ExitStack

import pytest
import requests

from tests import services
from tests.deployment.door import Door
from tests.deployment.site import OFFICE, STREET, Caller, Node, environment, make_company
from tests.deployment.wire import exchange, open_line, request, said, statuses
from tests.files.samples import png_that_claims
from tests.proxy import start_nginx

REFUSAL = "Accès réservé au réseau interne. / Internal network only.\n"
BALANCER = "127.0.0.2"
SMUGGLED = "GET /api/v1/me HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"


# --- who is speaking --------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X_Forwarded_For", "X-Forwarded-Host"]
)
def test_who_reaches_a_worker_directly_speaks_for_nobody_else(door: Door, header: str) -> None:
    claimed = f"for={OFFICE}" if header == "Forwarded" else OFFICE
    lines = (f"Authorization: Bearer {door.token()}", f"{header}: {claimed}", "Connection: close")
    answer = exchange(door.node.bind, request("/api/v1/me", *lines, host=door.front), source=STREET)
    assert statuses(answer) in ([403], [400])
    assert b"login" not in answer
    inside = exchange(
        door.node.bind, request("/api/v1/me", lines[0], lines[2], host=door.front), source=OFFICE
    )
    assert statuses(inside) == [200]


def test_a_proxy_line_is_not_believed_by_a_worker(door: Door) -> None:
    asked = request(
        "/api/v1/me", f"Authorization: Bearer {door.token()}", "Connection: close", host=door.front
    )
    for line in (
        f"PROXY TCP4 {OFFICE} 127.0.0.1 4000 80\r\n".encode(),
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12),
    ):
        answer = exchange(door.node.bind, line + asked, source=STREET)
        assert 200 not in statuses(answer)
    assert door.is_well()


@pytest.mark.parametrize("bind", ["[::1]", "[::ffff:127.0.0.1]"])
def test_sixth_version_and_mapped_addresses_are_known_as_what_they_are(bind: str) -> None:
    """The second server listens in the sixth version; whoever calls in the fourth reaches it wrapped."""
    folder = services.new_folder("parvis-six-")
    networks = "::1/128" if bind == "[::1]" else f"{OFFICE}/32"
    told = make_company(environment(folder, networks=networks))
    node = Node(folder, networks=networks)
    node.stop()
    node.environment["PARVIS_BIND"] = f"{bind}:{node.port}"
    node.process = node._start()
    front, source = (f"[::1]:{node.port}", "::1") if bind == "[::1]" else (node.bind, OFFICE)
    lines = (f"Authorization: Bearer {told['tokens']['ana']}", "Connection: close")
    asked = request("/api/v1/me", *lines, host=f"{bind}:{node.port}")
    try:
        services.wait_until(lambda: _answers(front, source), "Parvis", node.log)
        assert statuses(exchange(front, asked, source=source)) == [200]
        forged = asked.replace(b"Connection", f"X-Forwarded-For: {OFFICE}\r\nConnection".encode())
        assert statuses(exchange(front, forged, source=source)) == [200]
        if source == OFFICE:
            assert statuses(exchange(front, asked, source=STREET)) == [403]
            assert statuses(exchange(front, forged, source=STREET)) == [403]
    finally:
        node.stop()


def _answers(bind: str, source: str) -> bool:
    try:
        return bool(statuses(exchange(bind, request("/", "Connection: close", host=bind), source=source)))
    except OSError:
        return False


def test_what_a_proxy_before_nginx_says_counts_and_nobody_elses_word_does(door: Door) -> None:
    """PROXY protocol: nginx ends it, and tells the application the address it brought."""
    port = services.free_port()
    _url, nginx = start_nginx(
        door.node.bind, port=port, listen=f"127.0.0.1:{port} proxy_protocol",
        real_ip="set_real_ip_from 127.0.0.2; real_ip_header proxy_protocol;",
    )  # fmt: skip
    asked = request(
        "/api/v1/me", f"Authorization: Bearer {door.token()}", "Connection: close",
        f"X-Forwarded-For: {OFFICE}", host=door.front,
    )  # fmt: skip
    front = f"127.0.0.1:{port}"
    try:
        for brought, expected in ((OFFICE, [200]), (STREET, [403])):
            line = f"PROXY TCP4 {brought} 127.0.0.1 4000 80\r\n".encode()
            assert statuses(exchange(front, line + asked, source=BALANCER)) == expected
            assert statuses(exchange(front, line + asked, source=STREET)) == [403]
        assert 200 not in statuses(exchange(front, asked, source=BALANCER))
        assert 200 not in statuses(exchange(front, b"PROXY TCP4 nonsense\r\n" + asked, source=BALANCER))
        assert statuses(exchange(front, b"PROXY UNKNOWN\r\n" + asked, source=BALANCER)) == [403]
    finally:
        nginx.terminate()
        nginx.wait(10)


# --- what can't be read -----------------------------------------------------------------

POST = "POST /sign-in HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
CHUNKED = "Transfer-Encoding: chunked"
ASKED = "GET /api/v1/me HTTP/1.1\r\nHost: "

MALFORMED = {
    "a length and chunks": POST + f"Content-Length: 4\r\n{CHUNKED}\r\n\r\n0\r\n\r\n{{smuggled}}",
    "chunks and a length": POST + f"{CHUNKED}\r\nContent-Length: 600\r\n\r\n0\r\n\r\n{{smuggled}}",
    "two lengths": POST + "Content-Length: 0\r\nContent-Length: 44\r\n\r\n{smuggled}",
    "a signed length": POST + "Content-Length: +0\r\n\r\n{smuggled}",
    "a length with an underline": POST + "Content-Length: 0_0\r\n\r\n{smuggled}",
    "a negative length": POST + "Content-Length: -1\r\n\r\n{smuggled}",
    "an unknown coding": POST + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{smuggled}",
    "chunks in a folded line": POST + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n{smuggled}",
    "chunked before identity": POST + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{smuggled}",
    "chunked twice": POST + f"{CHUNKED}\r\n{CHUNKED}\r\n\r\n0\r\n\r\n{{smuggled}}",
    "no number for a chunk": POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{smuggled}\r\n0\r\n\r\n",
    "a chunk longer than said": POST + "Transfer-Encoding: chunked\r\n\r\n1\r\n{smuggled}\r\n0\r\n\r\n",
    "a negative chunk": POST + "Transfer-Encoding: chunked\r\n\r\n-1\r\n{smuggled}\r\n0\r\n\r\n",
    "a zero byte in a header": "GET / HTTP/1.1\r\nHost: {host}\r\nX-A: a\0b\r\n\r\n",
    "a bare line end in a header": "GET / HTTP/1.1\r\nHost: {host}\r\nX-A: a\rX-B: b\r\n\r\n",
    "a space in a header's name": "GET / HTTP/1.1\r\nHost: {host}\r\nX-A : a\r\n\r\n",
    "a header without a name": "GET / HTTP/1.1\r\nHost: {host}\r\n: a\r\n\r\n",
    "an over-long header": "GET / HTTP/1.1\r\nHost: {host}\r\nX-A: " + "a" * 70_000 + "\r\n\r\n",
    "an over-long address": "GET /" + "a" * 70_000 + " HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a thousand headers": "GET / HTTP/1.1\r\nHost: {host}\r\n" + "X-A: a\r\n" * 1_000 + "\r\n",
    "another protocol": "GET / HTTP/9.9\r\nHost: {host}\r\n\r\n",
    "no protocol": "GET /\r\n\r\n",
    "no words": "\0\0\0\0\r\n\r\n",
    "a greeting in TLS": "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n",
    "an odd method": "G\0T / HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "another host": ASKED + "evil.example\r\nAuthorization: Bearer {token}\r\n\r\n",
    "two hosts": ASKED + "{host}\r\nHost: evil.example\r\nAuthorization: Bearer {token}\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("through", ["directly", "through nginx"])
@pytest.mark.parametrize("what", MALFORMED)
def test_what_cannot_be_read_is_refused_and_hides_no_second_request(
    door: Door, what: str, through: str
) -> None:
    bind = door.front if through == "through nginx" else door.node.bind
    smuggled = SMUGGLED.format(host=door.front, token=door.token())
    sent = MALFORMED[what].replace("{smuggled}", smuggled).replace("{host}", door.front)
    answer = exchange(
        bind, sent.replace("{token}", door.token()).encode("latin-1"), source=OFFICE, patience=2
    )
    assert b'"login"' not in answer, answer[-400:]
    assert 200 not in statuses(answer)
    assert not [status for status in statuses(answer) if status >= 500 and status not in (501, 505)]
    assert b"Traceback" not in answer
    assert door.is_well()


# --- what comes slowly, or is too much --------------------------------------------------


@pytest.mark.parametrize("through", ["directly", "through nginx"])
def test_who_speaks_slowly_keeps_nobody_waiting(door: Door, through: str) -> None:
    bind = door.front if through == "through nginx" else door.node.bind
    head = request("/api/v1/me", host=door.front)[:-2]
    body = request("/sign-in", "Content-Length: 5000", method="POST", host=door.front) + b"login="
    with ExitStack() as lines:
        held = [lines.enter_context(open_line(bind, source=OFFICE)) for _n in range(150)]
        for number, line in enumerate(held):
            line.sendall(head if number % 2 else body)
        for _n in range(3):
            for line in held:
                line.sendall(b"X-A: b\r\n")
            assert door.caller()("GET", "/api/v1/me").status_code == 200
    assert door.is_well()


@pytest.mark.parametrize("through", ["directly", "through nginx"])
@pytest.mark.parametrize("how", ["said", "streamed"])
def test_a_huge_upload_is_refused_and_leaves_nothing(door: Door, how: str, through: str) -> None:
    bind, before = (door.front if through == "through nginx" else door.node.bind), door.files()
    lines = [
        "Content-Type: multipart/form-data; boundary=x",
        f"Authorization: Bearer {door.token()}",
        "Connection: close",
    ]
    start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    if how == "said":
        sent = request(
            "/api/v1/files", "Content-Length: 10000000000", *lines, method="POST", host=door.front, body=start
        )
        with open_line(bind, source=OFFICE) as line:
            line.sendall(sent)
            answer = said(line)
    else:
        chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
        head = request("/api/v1/files", "Transfer-Encoding: chunked", *lines, method="POST", host=door.front)
        answer = exchange(
            bind, head + b"%x\r\n" % len(start) + start + b"\r\n" + chunk * 1100 + b"0\r\n\r\n", source=OFFICE
        )
    assert statuses(answer) in ([413], []), answer[:300]
    assert door.is_well()
    assert door.files() == before


NESTED = {
    "quotations": "> " * 4_000 + "a",
    "brackets": "[" * 9_000,
    "lists": "\n".join("  " * depth + "- a" for depth in range(130)),
    "stars": "*a" * 4_900,
    "links": "[a](" * 2_400,
    "tables": "|" * 9_000 + "\n" + "|-" * 400,
    "marks": "\u0301" * 9_000,
    "tags": " ".join(f"#t{number}" for number in range(1_600)),
    "names": " ".join(f"@n{number}" for number in range(1_600)),
}


@pytest.mark.parametrize("what", NESTED)
def test_deep_texts_are_taken_or_refused_in_a_sentence(door: Door, what: str) -> None:
    path = f"/api/v1/spaces/{door.told['spaces']['open']}/posts"
    answer = door.caller()("POST", path, {"body": NESTED[what]}, Accept_Language="fr")
    assert answer.status_code in (201, 422), answer.text[:300]
    if answer.status_code == 201:
        assert door.caller()("GET", f"/api/v1/posts/{answer.json()['id']}").status_code == 200
    else:
        assert answer.json()["title"].endswith((".", "!", "?"))
    assert door.is_well()


def _bomb() -> bytes:
    """A document that is a thousand times larger inside."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"<w:t>" + b" " * 300_000_000)
    return packed.getvalue()


@pytest.mark.parametrize("what", ["picture", "document"])
def test_what_unpacks_to_far_more_is_refused_in_a_sentence_and_leaves_nothing(door: Door, what: str) -> None:
    before = door.files()
    name, content = ("a.png", png_that_claims(50_000, 50_000)) if what == "picture" else ("a.docx", _bomb())
    caller = door.caller()
    caller.http.headers["Accept-Language"] = "fr"
    answer = caller.http.post(f"{door.url}/api/v1/files", files={"file": (name, content)}, timeout=60)
    assert answer.status_code in (413, 415, 422), answer.text
    told = answer.json()
    assert " " in told["title"]
    assert door.files() == before
    assert door.is_well()


# --- a form that was open too long ------------------------------------------------------


def test_a_form_whose_session_ended_meanwhile_gives_its_text_back(door: Door) -> None:
    browser = Caller(door.url)
    browser.http.headers["Cookie"] = f"parvis={door.told['sessions']['gone']}"
    own = {"Origin": door.url, "Sec-Fetch-Site": "same-origin"}
    assert browser("POST", "/sign-out", **own).status_code == 303
    form = {"space_id": str(door.told["spaces"]["open"]), "body": "Écrit pendant que la session finissait"}
    answer = browser.http.post(f"{door.url}/posts", data=form, headers=own, timeout=30)
    assert (answer.status_code, form["body"] in answer.text) == (401, True)
    found = door.caller()("GET", f"/api/v1/spaces/{door.told['spaces']['open']}/posts?limit=100").json()[
        "items"
    ]
    assert form["body"] not in [post["body"] for post in found]


def test_the_refusal_is_the_same_whatever_is_asked_from_the_street(door: Door) -> None:
    for path in ("/", "/sign-in", "/static/css/app.css", "/socket.io/", "/files/1/thumb", "/sw.js"):
        answer = requests.Session()
        there = Caller(door.url, source=STREET)("GET", path)
        assert (there.status_code, there.text) == (403, REFUSAL)
        answer.close()
