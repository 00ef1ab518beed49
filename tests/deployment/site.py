"""Parvis as it is deployed, in processes on this machine, and its users at other addresses of the loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import requests
import socketio
from requests.adapters import HTTPAdapter

from tests import services

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-secret-that-only-deployments-use-0123456789"
# nginx speaks from 127.0.0.1, people from elsewhere.
OFFICE, ANNEX, STREET = "127.0.0.10", "127.0.0.11", "127.0.0.66"
PATIENCE = 20.0


def environment(folder: Path, **settings: Any) -> dict[str, str]:
    """The environment of a process of the product, with nothing of ours but these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
    kept.pop("PROMETHEUS_MULTIPROC_DIR", None)
    common = {
        "secret_key": SECRET,
        "data_dir": folder,
        "writes_per_minute": 100_000,
        "networks": f"{OFFICE},{ANNEX}",
    }
    return kept | {f"PARVIS_{name.upper()}": str(value) for name, value in {**common, **settings}.items()} | {
        "PYTHONPATH": str(ROOT)
    }  # fmt: skip


class Node:
    """A web server of the product: a master and its workers."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.port = services.free_port()
        self.bind = f"127.0.0.1:{self.port}"
        self.log = folder / f"node-{self.port}.log"
        self.environment = environment(folder, bind=self.bind, **settings)
        self.workers = int(settings.get("workers", 1))
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            str(ROOT / "deploy/gunicorn.conf.py"),
            "wsgi:app",
        ]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command, env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def wait(self) -> Node:
        """Until every worker is there and one answers."""
        services.wait_until(self.is_up, "Parvis", self.log)
        return self

    def is_up(self) -> bool:
        """True when health is answered by a full house."""
        with suppress(requests.RequestException):
            answer = requests.get(f"http://{self.bind}/healthz", timeout=2)
            return answer.status_code == 200 and len(self.pids()) == self.workers
        return False

    def pids(self) -> list[int]:
        """Its workers."""
        with suppress(psutil.NoSuchProcess):
            return [child.pid for child in psutil.Process(self.process.pid).children()]
        return []

    def kill(self) -> None:
        """As a power cut: nobody is asked."""
        for pid in (self.process.pid, *self.pids()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(10)

    def start_again(self) -> None:
        self.process = self._start()
        self.wait()

    def stop(self) -> None:
        """Politely; what remains is killed."""
        pids = self.pids()
        if self.process.poll() is None:
            self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(12)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait(10)

    def said(self) -> str:
        return self.log.read_text(errors="replace")


class _From(HTTPAdapter):
    """Connects from one address."""

    def __init__(self, source: str) -> None:
        self._source = source
        super().__init__(pool_maxsize=40)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more, source_address=(self._source, 0))


class Caller:
    """Somebody's program at one address: JSON in, answers out."""

    def __init__(self, url: str, token: str = "", *, source: str = OFFICE) -> None:
        self.url = url
        self.http = requests.Session()
        self.http.mount("http://", _From(source))
        if token:
            self.http.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, json: Any = None, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(
            method, f"{self.url}{path}", json=json, headers=named, timeout=30, allow_redirects=False
        )

    def surely(self, method: str, path: str, json: Any = None) -> requests.Response:
        """Asks under one key until it is answered: whoever is cut off asks again."""
        key, end = uuid4().hex, time.monotonic() + 40
        while time.monotonic() < end:
            with suppress(requests.RequestException):
                answer = self(method, path, json, Idempotency_Key=key)
                if answer.status_code < 500:
                    return answer
            time.sleep(0.1)
        raise AssertionError(f"{path} was never answered")

    def caught_up(self, cursor: str) -> tuple[list[dict[str, Any]], str]:
        """All changes after a cursor, page by page, and the new cursor."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self("GET", f"/api/v1/changes?since={cursor}")
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page["items"]
            if page["next"] == cursor:
                return found, cursor
            cursor = page["next"]

    def now(self) -> str:
        """Where changes stand."""
        return self.caught_up(self("GET", "/api/v1/changes").json()["next"])[1]


class Listener:
    """An open socket, and what it heard and when. It comes back by itself while `returns`."""

    def __init__(
        self, url: str, token: str = "", *, cookie: str = "", host: str = "", source: str = OFFICE,
        headers: dict[str, str] | None = None, returns: bool = False,
    ) -> None:  # fmt: skip
        self._url, self._source, self._host = url, source, host
        self._auth = {"token": token} if token else None
        self._headers = dict(headers or {})
        if cookie:
            self._headers["Cookie"] = f"parvis={cookie}"  # the client adds the origin
        self.heard: list[tuple[str, dict[str, Any], float]] = []
        self.starts = 0
        self._returns = returns
        self._lost = threading.Event()
        self._closed = threading.Event()
        self.socket: socketio.Client | None = None
        self._open()
        if returns:
            self._thread = threading.Thread(target=self._come_back, daemon=True)
            self._thread.start()

    def _open(self) -> None:
        self._lost.set()
        port = int(self._url.rpartition(":")[2])
        line = socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(self._source, 0))
        client = socketio.Client(
            reconnection=False,
            websocket_extra_options={"socket": line, **({"host": self._host} if self._host else {})},
        )
        client.on("*", self._hear)
        client.on("disconnect", self._end)
        self._lost.clear()
        try:
            client.connect(
                self._url, transports=["websocket"], auth=self._auth, headers=self._headers, wait_timeout=10
            )
        except BaseException:
            line.close()
            self._lost.set()
            raise
        line.settimeout(None)
        self.socket = client
        self.starts += 1

    def _hear(self, name: str, data: Any = None) -> None:
        self.heard.append((name, data, time.monotonic()))

    def _end(self, _reason: Any = None) -> None:
        self._lost.set()

    def _come_back(self) -> None:
        while not self._closed.is_set():
            if not self._lost.wait(0.1):
                continue
            try:
                self._open()
            except (OSError, socketio.exceptions.ConnectionError):
                self._closed.wait(0.2)

    def is_open(self) -> bool:
        return not self._lost.is_set()

    def wait_end(self, seconds: float) -> bool:
        """True when it was cut within that time."""
        return self._lost.wait(seconds)

    def ask(self, name: str, data: Any) -> Any:
        assert self.socket is not None
        return self.socket.call(name, data, timeout=10)

    def posts(self) -> list[int]:
        """Posts that it heard of."""
        return [data["post_id"] for name, data, _at in list(self.heard) if name == "post.created"]

    def names(self) -> list[str]:
        return [name for name, _data, _at in list(self.heard)]

    def cursor(self) -> str:
        """Of the last message."""
        return str([data["cursor"] for _name, data, _at in list(self.heard) if "cursor" in (data or {})][-1])

    def close(self) -> None:
        self._closed.set()
        if self._returns:
            self._thread.join(5)
        if self.socket is not None:
            with suppress(Exception):
                self.socket.disconnect()
            with suppress(Exception):
                self.socket.shutdown()


@dataclass
class Site:
    """nginx before two nodes, their databases, and the company."""

    url: str
    nodes: list[Node]
    database: str
    redis_port: int
    redis: subprocess.Popen[bytes]
    told: dict[str, Any]
    opened: list[Listener] = field(default_factory=list)

    def space(self, name: str) -> int:
        return int(self.told["spaces"][name])

    def caller(self, login: str, *, node: Node | None = None, source: str = OFFICE) -> Caller:
        """Somebody's program, through nginx or straight at a node as nginx would."""
        if node is None:
            return Caller(self.url, self.told["tokens"][login], source=source)
        straight = Caller(f"http://{node.bind}", self.told["tokens"][login], source="127.0.0.1")
        straight.http.headers["X-Forwarded-For"] = source
        return straight

    def listen(
        self, login: str, *, node: Node | None = None, source: str = OFFICE, cookie: bool = False, **more: Any
    ) -> Listener:
        """Somebody's open socket, through nginx or straight at a node as nginx would."""
        who = {"cookie": self.told["sessions"][login]} if cookie else {"token": self.told["tokens"][login]}
        if node is None:
            listener = Listener(self.url, source=source, **who, **more)
        else:
            forwarded = {"X-Forwarded-For": source}
            listener = Listener(f"http://{node.bind}", source="127.0.0.1", headers=forwarded, **who, **more)
        self.opened.append(listener)
        return listener

    def post(self, login: str, body: str, *, space: str = "open", node: Node | None = None) -> int:
        """Published; its id."""
        answer = self.caller(login, node=node)(
            "POST", f"/api/v1/spaces/{self.space(space)}/posts", {"body": body}
        )
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def ready(self, node: Node) -> dict[str, Any]:
        return dict(requests.get(f"http://{node.bind}/readyz", timeout=10).json()["checks"])


def eventually(true: Callable[[], Any], seconds: float = PATIENCE) -> float:
    """Waits for something to become true; how long it took."""
    begin = time.monotonic()
    while not true():
        assert time.monotonic() - begin < seconds, f"not within {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - begin


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run these in threads that start together; what each gave."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int) -> None:
        gate.wait(30)
        results[place] = acts[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def make_company(environ: dict[str, str]) -> dict[str, Any]:
    """Migrate and fill the database of this environment."""
    import json

    made = subprocess.run(
        [sys.executable, "-m", "tests.deployment.company"],
        env=environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=90,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return dict(json.loads(made.stdout.splitlines()[-1]))


def console(environ: dict[str, str], *words: str) -> str:
    """One command of `flask`; what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        env=environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
