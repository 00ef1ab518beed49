"""Servers under measurement, and the CPU time they take: everything of theirs, nothing of ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.processes import free_port, listens, start, wait_until

ROOT = Path(__file__).resolve().parent.parent
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """A gunicorn on a port of its own, with whatever works for it (a database's processes)."""

    process: subprocess.Popen[bytes]
    port: int
    helpers: tuple[int, ...] = ()

    @classmethod
    def start(
        cls, config: str, app: str, environment: Mapping[str, str], log: Path, helpers: tuple[int, ...]
    ) -> Self:
        """Serve an application and wait for its first answer."""
        port = free_port()
        binding = {**environment, "PARVIS_BIND": f"127.0.0.1:{port}"}
        command = [
            "/usr/bin/env", "-C", str(ROOT), *(f"{name}={value}" for name, value in binding.items()),
            sys.executable, "-m", "gunicorn", "--config", config, app,
        ]  # fmt: skip
        process = start(command, log=log)
        wait_until(lambda: listens(port), app, log)
        return cls(process, port, helpers)

    @property
    def roots(self) -> tuple[int, ...]:
        return (self.process.pid, *self.helpers)

    def stop(self) -> None:
        """End it and wait; its workers end with it."""
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(15)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def children_now() -> set[int]:
    """Processes that we started and that still run."""
    return {pid for pid, (parent, _spent) in _processes().items() if parent == os.getpid()}


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time spent so far by these processes and all that descend from them, the ended included."""
    known, wanted = _processes(), set(roots)
    while more := {pid for pid, (parent, _) in known.items() if parent in wanted and pid not in wanted}:
        wanted |= more
    return sum(known[pid][1] for pid in wanted if pid in known)


def settle(roots: tuple[int, ...]) -> None:
    """Wait until what was set going before has calmed down, two seconds at most."""
    end = time.monotonic() + 2
    while time.monotonic() < end:
        before = cpu_seconds(roots)
        time.sleep(0.1)
        if cpu_seconds(roots) - before < 2 / _TICK:
            return


def _processes() -> dict[int, tuple[int, float]]:
    """By process: its parent, and its time with that of children it has waited for."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, IndexError):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                found[int(folder.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / _TICK)
    return found
