"""One real server on a small company, and browsers in which its people are signed in."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect

from tests import services
from tests.make import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-secret-that-only-journeys-use-0123456789"
OUTSIDE = "127.0.0.2"
PATIENCE = 8_000
FRESH_SECONDS = 240
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker("browser")
            item.add_marker("outside")


@dataclass(frozen=True)
class House:
    """A running Parvis: where it is, whom and what it holds."""

    url: str
    port: int
    ids: dict[str, int]
    rules: list[tuple[list[str], str, str]]
    environ: dict[str, str]


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """The server as deployed, on SQLite, with the company in it."""
    with serving("tests.journeys.company") as served:
        yield served


@contextmanager
def serving(company: str) -> Iterator[House]:
    """A server of its own, on what a module of this folder fills in."""
    port, folder = services.free_port(), services.new_folder("parvis-journeys-")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")} | {
        "PARVIS_SECRET_KEY": SECRET,
        "PARVIS_DATA_DIR": str(folder),
        "PARVIS_BIND": f"127.0.0.1:{port}",
        "PARVIS_NETWORKS": "127.0.0.1/32",
        "PARVIS_MONITORING_NETWORKS": "127.0.0.1/32",
        "PARVIS_WRITES_PER_MINUTE": "100000",
        "PYTHONPATH": str(ROOT),
    }
    made = subprocess.run(
        [sys.executable, "-m", company],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout.splitlines()[-1])
    command = [
        "-m",
        "gunicorn",
        "--chdir",
        str(ROOT),
        "--config",
        str(ROOT / "deploy/gunicorn.conf.py"),
        "wsgi:app",
    ]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([sys.executable, *command], env=environ, cwd=ROOT, stdout=log, stderr=log)
    try:
        services.wait_until(lambda: services.listens(port), "Parvis", folder / "log")
        rules = [tuple(rule) for rule in told["rules"]]
        yield House(f"http://127.0.0.1:{port}", port, told["ids"], rules, environ)
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
        server.kill()
    said = (folder / "log").read_text(errors="replace")
    assert "Traceback" not in said, said[-4000:]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The machine's own Chromium."""
    return services.chromium_options()


@dataclass
class Visitor:
    """A browser window of somebody, and everything that went wrong in it."""

    page: Page
    context: BrowserContext
    house: House
    expected: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> Visitor:
        self.page.goto(self.house.url + path)
        return self

    def see(self, selector: str, **more: Any) -> Any:
        return self.page.locator(selector, **more)

    def expect_fault(self, *parts: str) -> Visitor:
        """Faults whose text holds one of these are part of the story."""
        self.expected += parts
        return self

    def wait_live(self) -> Visitor:
        """Until the socket stands; before, news only comes by catching up."""
        self.page.wait_for_selector("html[data-live=on]", state="attached")
        return self

    def unexpected(self) -> list[str]:
        return [fault for fault in self.faults if not any(part in fault for part in self.expected)]

    def listen(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("response", self._answered)
        self.page.on("requestfailed", self._failed)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status} {response.request.method} {response.url}")

    def _failed(self, request: Any) -> None:
        if request.failure and "ERR_ABORTED" not in request.failure:
            self.faults.append(f"failed: {request.method} {request.url} {request.failure}")


@pytest.fixture(scope="session")
def cookies(browser: Browser, house: House) -> Callable[[str], list[Any]]:
    """The cookies of somebody signed in; each person signs in once in a while."""
    return cookie_jar(browser, house)


def cookie_jar(browser: Browser, house: House) -> Callable[[str], list[Any]]:
    """Signs people in at a house, each often enough that nothing asks again who they are."""
    known: dict[str, list[Any]] = {}
    since: dict[str, float] = {}

    def of(login: str) -> list[Any]:
        if login not in known or time.monotonic() - since[login] > FRESH_SECONDS:
            context = browser.new_context()
            answer = context.request.post(
                f"{house.url}/sign-in",
                form={"login": login, "password": PASSWORD},
                headers={"Origin": house.url},
                max_redirects=0,
            )
            assert answer.status == 303, answer.text()
            known[login], since[login] = context.cookies(), time.monotonic()
            context.close()
        return known[login]

    return of


@pytest.fixture
def visit(browser: Browser, house: House, cookies: Any) -> Iterator[Callable[..., Visitor]]:
    """A window of a browser of its own, signed in as `login` (nobody when empty), at `path`."""
    opened: list[Visitor] = []

    def open_window(
        login: str = "", path: str = "/", *, width: int = 1280, js: bool = True, **more: Any
    ) -> Visitor:
        more.setdefault("locale", "fr-FR")
        height = 844 if width < 600 else 900
        context = browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=js,
                                      reduced_motion="reduce", **more)  # fmt: skip
        context.set_default_timeout(PATIENCE)
        if login:
            context.add_cookies(cookies(login))
        visitor = Visitor(context.new_page(), context, house)
        visitor.listen()
        opened.append(visitor)
        if path:
            visitor.go(path)
        return visitor

    yield open_window
    for visitor in opened:
        visitor.context.close()
    faults = {fault for visitor in opened for fault in visitor.unexpected()}
    assert not faults, "\n".join(sorted(faults))


class Detour:
    """Hands on bytes from a port of ours to the server, as coming from another address."""

    def __init__(self, port: int, source: str) -> None:
        self._to, self._source = port, source
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Ends what is underway; the serving thread notices at its next call."""
        for one in (*self._open, self._listening):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._to), source_address=(self._source, 0))
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    @staticmethod
    def _pump(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def outside(house: House) -> Iterator[str]:
    """The same server's address, for a browser that comes from outside its networks."""
    detour = Detour(house.port, OUTSIDE)
    yield f"http://127.0.0.1:{detour.port}"
    detour.close()
