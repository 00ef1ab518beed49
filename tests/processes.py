"""Server processes of the tests: started for one run, ended with it, however it ends."""

import atexit
import ctypes
import functools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PATIENCE = 30


class Unavailable(RuntimeError):
    """What could not be had, and what would help."""


def free_port() -> int:
    """A loopback port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Somebody accepts connections on this loopback port."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def server_user() -> str | None:
    """PostgreSQL refuses to run as root: whom to run it as, or None for ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


def new_folder(prefix: str) -> Path:
    """A temporary folder, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def own(folder: Path, user: str | None) -> None:
    if user:
        shutil.chown(folder, user)


def start(
    command: list[str], *, log: Path, user: str | None = None, stop: signal.Signals = signal.SIGTERM
) -> "subprocess.Popen[bytes]":
    """A server process in its own session, stopped at the end; what it says goes to the log."""
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, user=user, cwd="/", stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True, preexec_fn=functools.partial(_end_with_parent, stop),  # noqa: PLW1509
        )  # fmt: skip
    atexit.register(_stop, server, stop)
    return server


def _end_with_parent(stop: signal.Signals) -> None:
    """On Linux the kernel stops the server even when our process is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(stop))


def _stop(server: "subprocess.Popen[bytes]", stop: signal.Signals) -> None:
    if server.poll() is None:
        server.send_signal(stop)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_until(ready: Callable[[], bool], name: str, log: Path) -> None:
    """Waits for a server to answer, or raises `Unavailable` with the end of its log."""
    end = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > end:
            raise Unavailable(f"{name} did not start: {log.read_text(errors='replace')[-500:]}")
        time.sleep(0.05)
