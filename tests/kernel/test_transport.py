import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import gevent
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto.connection import Connection as Protocol
from wsproto.connection import ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage
from wsproto.utilities import LocalProtocolError

from app.kernel import client as engine
from app.kernel import transport, websocket
from app.kernel.websocket import BadHandshake, WebSocket, frame, switching_protocols

pytestmark = pytest.mark.one_database

ORIGIN = "http://parvis.example"


# --- one connection, both ends in this process ------------------------------------------------------------


class Talk:
    """A served WebSocket and a client that follows the protocol to the letter, or breaks it on purpose."""

    def __init__(self):
        server_side, self.client = socket.socketpair()
        server_side.setblocking(False)
        server_side.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.client.setblocking(False)
        self.heard, self.ends, self.waiting = [], [], []
        self.served = WebSocket(
            server_side,
            hear=self.heard.append,
            gone=lambda: self.ends.append("gone"),
            later=lambda delay, call: self.waiting.append((delay, call)),
        )
        self.served.listen()
        self.protocol = Protocol(ConnectionType.CLIENT)
        self.ended = False

    def say(self, *events):
        self.raw(b"".join(self.protocol.send(event) for event in events))

    def raw(self, data):
        self.client.sendall(data)
        gevent.sleep(0.005)

    def read(self, size=1 << 20):
        """All that comes until the line is quiet for a while, or ended."""
        data, quiet = b"", 0
        while quiet < 20:
            gevent.sleep(0.002)
            try:
                chunk = self.client.recv(size)
            except BlockingIOError:
                quiet += 1
                continue
            except ConnectionResetError:
                break
            if not chunk:
                self.ended = True
                break
            data, quiet = data + chunk, 0
        return data

    def events(self):
        data = self.read()
        self.protocol.receive_data(data)
        return list(self.protocol.events())

    def wait(self, delay):
        """Let everything happen that was put off by this delay."""
        calls = [call for due, call in self.waiting if due == delay]
        self.waiting = [entry for entry in self.waiting if entry[0] != delay]
        for call in calls:
            call()

    def close_code(self):
        return next(event.code for event in self.events() if isinstance(event, CloseConnection))

    def end(self):
        self.served._drop()
        self.client.close()


@pytest.fixture
def talk():
    talk = Talk()
    yield talk
    talk.end()


def masked(first, payload, key=b"\1\2\3\4"):
    body = bytes(byte ^ key[place % 4] for place, byte in enumerate(payload))
    return bytes((first, 0x80 | len(payload))) + key + body


def test_messages_go_both_ways(talk):
    talk.say(TextMessage(data="bonjour"), TextMessage(data="😀" * 5000))
    talk.served.send(frame("salut"))
    assert talk.heard == ["bonjour", "😀" * 5000]
    assert [event.data for event in talk.events()] == ["salut"]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 300_000])
def test_frames_of_every_length_are_understood(size):
    client = Protocol(ConnectionType.CLIENT)
    client.receive_data(frame("x" * size))
    assert "".join(event.data for event in client.events()) == "x" * size
    client.receive_data(frame(b"x" * size))
    assert b"".join(event.data for event in client.events()) == b"x" * size


def test_fragments_make_one_message_and_control_frames_may_stand_between(talk):
    talk.say(TextMessage(data="one ", message_finished=False))
    talk.say(Ping(payload=b"are you there"))
    talk.say(TextMessage(data="", message_finished=False), TextMessage(data="two"))
    assert talk.heard == ["one two"]
    assert talk.events() == [Pong(payload=b"are you there")]


def test_a_message_may_arrive_byte_by_byte(talk):
    for byte in talk.protocol.send(TextMessage(data="café")):
        talk.raw(bytes((byte,)))
    assert talk.heard == ["café"]


def test_a_character_may_be_split_between_fragments(talk):
    talk.raw(masked(0x01, "é".encode()[:1]) + masked(0x80, "é".encode()[1:]))
    assert talk.heard == ["é"]


def test_a_pong_nobody_asked_for_is_ignored(talk):
    talk.say(Pong(payload=b"x"), TextMessage(data="still here"))
    assert talk.heard == ["still here"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x81\x05hello", 1002),  # not masked
        (masked(0x83, b"x"), 1002),  # reserved opcode
        (masked(0x8B, b"x"), 1002),  # reserved control opcode
        (masked(0xC1, b"x"), 1002),  # compressed, which was never agreed on
        (masked(0x09, b"x"), 1002),  # control frame in fragments
        (masked(0x80, b"x"), 1002),  # continuation of nothing
        (masked(0x01, b"x") + masked(0x81, b"y"), 1002),  # new message inside a message
        (b"\x89\xfe\x00\x7e" + bytes(130), 1002),  # control frame too long
        (b"\x81\xfe\x00\x05" + bytes(9), 1002),  # length in more bytes than needed
        (b"\x81\xff\x80" + bytes(11), 1002),  # length with its highest bit set
        (masked(0x88, b"\x03"), 1002),  # close with half a code
        (masked(0x88, b"\x03\xed"), 1002),  # close with a code that is never sent
        (masked(0x88, b"\x03\xe8\xff"), 1007),  # close with a reason that isn't text
        (masked(0x81, b"\xff\xfe"), 1007),  # text that isn't text
        (masked(0x81, b"\xed\xa0\x80"), 1007),  # half a surrogate pair
        (masked(0x82, b"binary"), 1003),
    ],
)
def test_breaking_the_protocol_ends_the_connection_with_the_right_code(talk, data, code):
    talk.raw(data)
    assert talk.close_code() == code
    assert (talk.heard, talk.ends) == ([], ["gone"])


def test_a_message_may_have_64_kib_and_not_a_byte_more(talk):
    talk.say(TextMessage(data="x" * websocket.LONGEST_MESSAGE))
    gevent.sleep(0.05)
    assert [len(message) for message in talk.heard] == [websocket.LONGEST_MESSAGE]
    with contextlib.suppress(BlockingIOError):
        talk.say(TextMessage(data="é" * (websocket.LONGEST_MESSAGE // 2 + 1)))
    gevent.sleep(0.05)
    assert talk.close_code() == 1009
    assert len(talk.heard) == 1


def test_endless_fragments_are_too_big_as_well(talk):
    with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError, LocalProtocolError):
        for _ in range(100):
            talk.say(TextMessage(data="x" * 1000, message_finished=False))
    assert talk.close_code() == 1009


def test_a_goodbye_is_answered_and_the_line_is_cut(talk):
    talk.say(CloseConnection(code=1001))
    assert talk.close_code() == 1001
    assert talk.ended
    assert talk.ends == ["gone"]


def test_our_goodbye_is_final_once_it_is_answered(talk):
    talk.served.close()
    talk.served.send(frame("too late"))
    goodbye = talk.events()
    assert [(type(event), event.code) for event in goodbye] == [(CloseConnection, 1000)]
    talk.say(goodbye[0].response())
    talk.read()
    assert talk.ended


def test_our_goodbye_is_final_also_without_an_answer(talk):
    talk.served.close()
    talk.say(TextMessage(data="I am not listening"))
    talk.wait(websocket.LINGER)
    talk.read()
    assert (talk.ended, talk.heard, talk.ends) == (True, [], ["gone"])


def test_a_client_that_vanishes_is_noticed(talk):
    talk.client.close()
    gevent.sleep(0.01)
    talk.served.send(frame("anybody there"))
    assert talk.ends == ["gone"]


def test_a_slow_reader_gets_everything_whole_and_in_order(talk):
    sent = [f"{number} " + "x" * 1500 for number in range(150)]
    for text in sent:
        talk.served.send(frame(text))
    texts, received = "", []
    for event in talk.events():
        texts += event.data
        if event.message_finished:
            received.append(texts)
            texts = ""
    assert received == sent
    talk.wait(websocket.BEHIND_FOR)
    talk.served.send(frame("still friends"))
    assert [event.data for event in talk.events()] == ["still friends"]


def test_a_reader_for_whom_too_much_piles_up_is_dropped(talk):
    for _ in range(600):
        talk.served.send(frame("x" * 1500))
    assert talk.ends == ["gone"]
    assert len(talk.read()) < 100_000


def test_a_reader_who_stays_behind_is_dropped(talk):
    for _ in range(100):
        talk.served.send(frame("x" * 1500))
    talk.wait(websocket.BEHIND_FOR)
    assert talk.ends == ["gone"]


def test_one_spell_of_being_slow_is_not_held_against_the_next(talk):
    for _ in range(100):
        talk.served.send(frame("x" * 1500))
    talk.read()
    for _ in range(100):
        talk.served.send(frame("x" * 1500))
    first = talk.waiting[0][1]
    first()
    assert talk.ends == []


def test_cutting_off_a_slow_reader_delivers_nothing_more(talk):
    for _ in range(100):
        talk.served.send(frame("secret" * 200))
    talk.served.close()
    gevent.sleep(0.01)
    assert talk.ends == ["gone"]
    assert talk.served._backlog is None


def test_a_paused_connection_reads_nothing_until_it_listens_again(talk):
    talk.served.pause()
    talk.say(TextMessage(data="wait"))
    assert talk.heard == []
    talk.served.listen()
    gevent.sleep(0.01)
    assert talk.heard == ["wait"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=12))
def test_no_bytes_break_a_connection_otherwise_than_by_closing_it(chunks):
    talk = Talk()
    try:
        for chunk in chunks:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                talk.raw(chunk)
        assert talk.ends in ([], ["gone"])
        assert all(isinstance(message, str) for message in talk.heard)
    finally:
        talk.end()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=300), min_size=1, max_size=8), st.integers(1, 50))
def test_every_text_arrives_however_it_is_cut(texts, step):
    talk = Talk()
    try:
        data = b"".join(talk.protocol.send(TextMessage(data=text)) for text in texts)
        for start in range(0, len(data), step * 10):
            talk.client.sendall(data[start : start + step * 10])
            gevent.sleep(0)
        gevent.sleep(0.005)
        assert talk.heard == texts
    finally:
        talk.end()


HANDSHAKE = {
    "REQUEST_METHOD": "GET", "HTTP_UPGRADE": "WebSocket", "HTTP_CONNECTION": "keep-alive, Upgrade",
    "HTTP_SEC_WEBSOCKET_VERSION": "13", "HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip


def test_the_handshake_is_answered_as_the_standard_says():
    head = switching_protocols(HANDSHAKE | {"HTTP_SEC_WEBSOCKET_EXTENSIONS": "permessage-deflate"})
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in head
    assert b"Extensions" not in head


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"REQUEST_METHOD": "POST"}, "400"),
        ({"HTTP_UPGRADE": "h2c"}, "400"),
        ({"HTTP_CONNECTION": "keep-alive"}, "400"),
        ({"HTTP_SEC_WEBSOCKET_VERSION": "8"}, "426"),
        ({"HTTP_SEC_WEBSOCKET_KEY": "short"}, "400"),
        ({"HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==\r\nX: y"}, "400"),
    ],
)
def test_what_is_not_a_handshake_is_refused(change, status):
    with pytest.raises(BadHandshake) as refusal:
        switching_protocols(HANDSHAKE | change)
    assert refusal.value.status.startswith(status)


@pytest.mark.parametrize("origins", [[], ["*"], "*", None, [""], ["parvis.example"]])
def test_sockets_are_never_open_to_any_origin(origins):
    with pytest.raises(ValueError, match="origins"):
        transport.socketio_options(origins)


# --- the whole way: gunicorn, the wall, Flask-SocketIO ----------------------------------------------------


def served_app():
    """What the tests below talk to; made inside the server's process."""
    from flask import Flask, request
    from flask_socketio import SocketIO, join_room

    from app.gate.address import Resolver, parse_networks
    from app.gate.wall import Decision, Wall

    engine.PING_INTERVAL, engine.PING_TIMEOUT, engine.JOIN_WITHIN, engine.TICK = 2, 1, 1.0, 0.1
    transport.REFUSED_FOR, websocket.LINGER = 0.5, 1.0
    app = Flask(__name__)
    io = SocketIO(app, **transport.socketio_options([ORIGIN]))
    transport.install(io)
    resolver, inside = Resolver(parse_networks("127.0.0.2")), parse_networks("127.0.0.1")
    app.wsgi_app = Wall(
        app.wsgi_app,
        lambda address, environ: Decision(address in inside, "office"),
        resolver,
        monitoring=inside,
    )
    sids, ends = {}, []

    @io.on("connect")
    def connect(auth=None):
        if (auth or {}).get("token") == "wrong":
            return False
        if (auth or {}).get("token") == "breaks":
            raise RuntimeError("a mistake of ours")
        join_room("all")
        sids[(auth or {}).get("name")] = request.sid
        return None

    @io.on("disconnect")
    def disconnect(reason=None):
        ends.append(request.sid)

    @io.on("echo")
    def echo(*args):
        return {"said": args, "from": str(request.environ["parvis.address"])}

    @io.on("fail")
    def fail():
        raise RuntimeError("a mistake of ours")

    @app.get("/emit/<int:times>/<int:size>")
    def emit(times, size):
        for number in range(times):
            io.emit("news", {"number": number, "text": "x" * size}, to="all")
        return "sent"

    @app.get("/cut/<name>")
    def cut(name):
        transport.hang_up(io, sids[name])
        return "cut"

    @app.get("/put-out/<name>")
    def put_out(name):
        io.server.disconnect(sids[name])
        return "put out"

    @app.get("/state")
    def state():
        joined = len(io.server.manager.rooms.get("/", {}).get(None, {}))
        return {
            "open": len(io.server.eio.sockets),
            "joined": joined,
            "known": len(io.server.environ),
            "ends": ends,
        }

    return app


@pytest.fixture(scope="module")
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-k",
        "gevent",
        "--no-control-socket",
        "--forwarded-allow-ips",
        "",
    ]
    command += [
        "-b",
        f"127.0.0.1:{number}",
        "--log-level",
        "error",
        "tests.kernel.test_transport:served_app()",
    ]
    command[command.index("-b") + 1] = f"0.0.0.0:{number}"
    server = subprocess.Popen(
        command, env=os.environ | {"PYTHONWARNINGS": "ignore"}, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: fetch(number, "/state"), 15)
        yield number
    finally:
        server.send_signal(signal.SIGTERM)
        began = time.monotonic()
        server.wait(10)
        assert time.monotonic() - began < 5, "open sockets must not delay the end of the server"


def fetch(port, path, **headers):
    try:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def state(port):
    return json.loads(fetch(port, "/state"))


def wait_until(true, seconds=5.0):
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.02)
    return found


class Client:
    """A Socket.IO client that shows every packet, and answers pings only while it reads."""

    def __init__(self, port, name=None, token=None, join=True, source="127.0.0.1", query="", **headers):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(source, 0))
        self.protocol = Protocol(ConnectionType.CLIENT)
        self.packets, self.text = [], ""
        self.closed = None
        headers = {
            "Host": "parvis.example", "Upgrade": "websocket", "Connection": "Upgrade", "Origin": ORIGIN,
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
        } | {key.replace("_", "-"): value for key, value in headers.items()}  # fmt: skip
        lines = [f"{key}: {value}\r\n" for key, value in headers.items() if value]
        path = f"/socket.io/?{query or 'EIO=4&transport=websocket'}"
        self.sock.sendall(f"GET {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode())
        self.head, _, rest = self._read_head()
        self.status = int(self.head.split()[1])
        if self.status == 101:
            self.protocol.receive_data(rest)
            self._take_in()
            if join:
                self.say("40" + json.dumps({"name": name, "token": token}))

    def _read_head(self):
        data = b""
        while b"\r\n\r\n" not in data and (chunk := self.sock.recv(65536)):
            data += chunk
        return data.partition(b"\r\n\r\n")

    def say(self, text):
        self.sock.sendall(self.protocol.send(TextMessage(data=text)))

    def _take_in(self):
        for event in self.protocol.events():
            if isinstance(event, CloseConnection):
                self.closed = event.code
            elif isinstance(event, BytesMessage | Ping):
                raise AssertionError(event)
            else:
                self.text += event.data
                if event.message_finished:
                    self._take_packet(self.text)
                    self.text = ""

    def _take_packet(self, text):
        if text == "2":
            self.say("3")
        self.packets.append(text)

    def read(self, until, seconds=5.0):
        """All packets up to one that begins like this."""
        end = time.monotonic() + seconds
        while True:
            for place, packet in enumerate(self.packets):
                if packet.startswith(until):
                    taken, self.packets = self.packets[: place + 1], self.packets[place + 1 :]
                    return taken
            self.sock.settimeout(max(end - time.monotonic(), 0.01))
            data = self.sock.recv(65536)
            assert data, f"the server hung up ({self.closed}) before {until}: {self.packets}"
            self.protocol.receive_data(data)
            self._take_in()

    def read_to_the_end(self, seconds=5.0):
        """What still comes before the server hangs up."""
        end = time.monotonic() + seconds
        with contextlib.suppress(ConnectionResetError, LocalProtocolError):
            while True:
                self.sock.settimeout(max(end - time.monotonic(), 0.01))
                if not (data := self.sock.recv(65536)):
                    break
                self.protocol.receive_data(data)
                self._take_in()
        return self.packets


@pytest.fixture
def connect(port):
    clients = []

    def connect(*args, **options):
        clients.append(Client(port, *args, **options))
        return clients[-1]

    yield connect
    for client in clients:
        client.sock.close()
    wait_until(lambda: state(port)["known"] == 0)
    left = state(port)
    assert (left["open"], left["joined"]) == (0, 0)


def test_a_client_is_introduced_joins_and_is_answered(connect):
    ana = connect("ana")
    hello = json.loads(ana.read("0")[-1][1:])
    assert (hello["upgrades"], hello["maxPayload"]) == ([], 65536)
    ana.read("40")
    ana.say('421["echo","é",{"a":1}]')
    assert json.loads(ana.read("43")[-1][3:]) == [{"said": ["é", {"a": 1}], "from": "127.0.0.1"}]


def test_compression_is_never_agreed_on(connect):
    assert b"extension" not in connect().head.lower()


def test_everybody_gets_a_broadcast(connect, port):
    clients = [connect(f"c{number}") for number in range(5)]
    for client in clients:
        client.read("40")
    fetch(port, "/emit/3/1200")
    for client in clients:
        got = [client.read("42")[-1] for _ in range(3)]
        assert [json.loads(packet[2:])[1]["number"] for packet in got] == [0, 1, 2]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"query": "EIO=4&transport=polling"}, 400),
        ({"query": "EIO=3&transport=websocket"}, 400),
        ({"query": "EIO=4&transport=websocket&sid=abc"}, 400),
        ({"query": "transport=websocket"}, 400),
        ({"Upgrade": None}, 400),
        ({"Sec_WebSocket_Version": "8"}, 426),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": None, "Cookie": "parvis=1"}, 403),
        ({"Origin": "http://evil.example", "X_Forwarded_Host": "evil.example"}, 403),
        ({"Origin": None}, 101),
        ({}, 101),
    ],
)
def test_only_a_websocket_from_our_own_pages_comes_in(connect, options, status):
    assert connect(**options).status == status


def test_polling_is_refused_with_every_method(port):
    for method in ("GET", "POST", "OPTIONS", "PUT"):
        url = f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=polling"
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=5)
        assert refusal.value.code == 400
        assert "Access-Control-Allow-Origin" not in refusal.value.headers
        refusal.value.close()


def test_the_wall_stands_before_sockets(connect):
    inside = connect(source="127.0.0.2", X_Forwarded_For="203.0.113.9, 127.0.0.1")
    outside = connect(source="127.0.0.2", X_Forwarded_For="127.0.0.1, 203.0.113.9")
    unknown = connect(source="127.0.0.2")
    stranger = connect(source="127.0.0.3", X_Forwarded_For="127.0.0.1")
    assert [client.status for client in (inside, outside, unknown, stranger)] == [101, 403, 403, 403]
    assert b"Content-Length: 62" in outside.head
    assert b"Upgrade" not in outside.head


def test_a_slow_reader_gets_everything_and_delays_nobody(connect, port):
    slow, quick = connect("slow"), connect("quick")
    slow.read("40")
    quick.read("40")
    began = time.monotonic()
    fetch(port, "/emit/400/1200")
    quick.read('42["news",{"number":399')
    assert time.monotonic() - began < 1.5
    got = [json.loads(packet[2:])[1] for packet in slow.read('42["news",{"number":399') if packet[:2] == "42"]
    assert [(news["number"], len(news["text"])) for news in got] == [(number, 1200) for number in range(400)]


def test_a_reader_who_never_reads_is_dropped_and_others_are_not(connect, port):
    stuck, quick = connect("stuck"), connect("quick")
    stuck.read("40")
    quick.read("40")
    for _ in range(20):
        fetch(port, "/emit/200/1200")
        quick.read('42["news",{"number":199')
    wait_until(lambda: state(port)["joined"] == 1)


def test_who_is_cut_off_hears_goodbye_and_nothing_after(connect, port):
    ana = connect("ana")
    ana.read("40")
    fetch(port, "/cut/ana")
    fetch(port, "/emit/1/10")
    began = time.monotonic()
    assert ana.read_to_the_end() == ["41"]
    assert ana.closed == 1000
    assert time.monotonic() - began < 2
    with contextlib.suppress(OSError):
        for _ in range(3):
            ana.sock.sendall(masked(0x81, b'42["echo"]'))
            time.sleep(0.05)
        pytest.fail("the line is still open")


def test_who_was_put_out_of_the_room_is_off_the_line_soon_after(connect, port):
    ana = connect("ana")
    ana.read("40")
    fetch(port, "/put-out/ana")
    assert ana.read_to_the_end() == ["41"]


def test_who_does_not_join_or_is_refused_is_hung_up_on(connect, port):
    silent, refused = connect(join=False), connect("eve", token="wrong")
    assert refused.read("44")[-1].startswith("44")
    refused.read_to_the_end(3)
    silent.read_to_the_end(3)
    assert (silent.closed, refused.closed) == (1008, 1008)


def test_who_answers_pings_stays_and_who_does_not_goes(connect, port):
    there, away = connect("there"), connect("away")
    there.read("40")
    there.read("2", 4)
    there.read("2", 4)
    wait_until(lambda: state(port)["joined"] == 1)
    there.say('421["echo"]')
    there.read("43")
    assert away.sock.fileno() > 0


@pytest.mark.parametrize(
    "rubbish",
    [
        "", "x", "9", "2probe", "5", "6", "4", "4x", "47", "42", "42x", "42{", '42{"a":1}', "42[]", "42[1]",
        "42null", '451-["echo",{"_placeholder":true,"num":0}]', "bAAAA", '42["echo"' + "[" * 60_000,
        '43["x"]', "4" + "2" * 200 + "[]", "43", "431[]", "44{}", "40x", "40[", '40/else,{"a":1}',
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_rubbish_harms_nobody_but_its_sender(connect, rubbish):
    eve, ana = connect("eve"), connect("ana")
    for client in (eve, ana):
        client.read("40")
    eve.say(rubbish)
    ana.say('421["echo","still here"]')
    assert "still here" in ana.read("43")[-1]


def test_a_mistake_in_a_handler_harms_nobody_else(connect):
    eve, ana = connect("eve"), connect("ana")
    eve.read("40")
    ana.read("40")
    eve.say('42["fail"]')
    ana.say('421["echo"]')
    ana.read("43")
    eve.read_to_the_end()
    assert eve.closed == 1008


def test_a_mistake_while_joining_leaves_nobody_behind(connect, port):
    eve = connect("eve", token="breaks")
    eve.read_to_the_end()
    wait_until(lambda: state(port)["joined"] == 0)


def test_a_flood_of_messages_is_slowed_down_and_leaves_others_alone(connect):
    eve, ana = connect("eve"), connect("ana")
    eve.read("40")
    ana.read("40")
    for number in range(150):
        eve.say(f'42{number}["echo"]')
    began = time.monotonic()
    ana.say('421["echo"]')
    ana.read("431")
    assert time.monotonic() - began < 0.5
    answers = [re.match(r"43(\d+)", packet)[1] for packet in eve.read("43149") if packet.startswith("43")]
    assert answers == [str(number) for number in range(150)]
    assert time.monotonic() - began > 0.5
