"""The start of `make run`: secret, database, demo company the first time, then the production server.

A second start only reads: no console process is spawned when the database is at its newest migration.
"""

import json
import os
import re
import secrets
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from config import ConfigError, Settings, load

ROOT = Path(__file__).resolve().parent.parent
FLASK = [str(ROOT / ".venv/bin/flask"), "--app", "app"]
SERVER = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy/gunicorn.conf.py"), "wsgi:app"]


class StartError(Exception):
    """A sentence for whoever is at the keyboard."""


def main() -> None:
    os.chdir(ROOT)
    # Starts cost a third when Python may keep what it compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        announce(prepare())
    except (StartError, ConfigError) as error:
        sys.exit(f"Parvis did not start: {error}")
    except KeyboardInterrupt:
        sys.exit("Stopped before it served.")
    sys.stdout.flush()
    os.execv(SERVER[0], SERVER)  # noqa: S606  no shell is wanted here


def prepare() -> Settings:
    keep_secret()
    settings = load()
    require_free(settings.bind)
    found = applied(settings.database)
    wants_demo = os.environ.get("DEMO", "1") != "0"
    if not wants_demo:
        demo_wanted(settings).unlink(missing_ok=True)
    if not found:
        (demo_wanted if wants_demo else starter_wanted)(settings).touch()
    if not found or found != heads():
        console("db", "upgrade", failure="the database could not be brought up to date (see above)")
    if demo_wanted(settings).exists():
        load_demo(settings)
    if starter_wanted(settings).exists():
        load_starter(settings)
    return settings


# --- secret and address -----------------------------------------------------------------


def keep_secret() -> None:
    """Sessions survive a restart: a key is made once and kept beside the data, readable by its owner only."""
    if os.environ.get("PARVIS_SECRET_KEY") or os.environ.get("PARVIS_SECRET_KEY_FILE"):
        return
    file = data_dir() / "secret_key"
    if not file.exists():
        write_private(file, secrets.token_urlsafe(48) + "\n")
    os.environ["PARVIS_SECRET_KEY_FILE"] = str(file)


def data_dir() -> Path:
    folder = Path(os.environ.get("PARVIS_DATA_DIR") or ROOT / "var")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_private(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)


def require_free(bind: str) -> None:
    if bind.startswith("unix:"):
        return
    host, _, port = bind.rpartition(":")
    address = (host.strip("[]"), int(port))
    with socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as problem:
            raise StartError(
                f"it cannot listen on {bind} ({problem.strerror}). Stop what is there, or choose another "
                "place with PARVIS_BIND=127.0.0.1:8001."
            ) from problem


# --- database ---------------------------------------------------------------------------


def applied(url: str) -> set[str]:
    """The migrations at which the database stands; empty for a new one."""
    return (
        applied_embedded(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else applied_server(url)
    )


def applied_embedded(path: str) -> set[str]:
    if not Path(path).exists():
        return set()
    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        rows = connection.execute("SELECT version_num FROM alembic_version").fetchall() if tables else []
    connection.close()
    return {row[0] for row in rows}


def applied_server(url: str) -> set[str]:
    import psycopg  # noqa: PLC0415  the embedded database does not pay for it

    try:
        with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
            return {row[0] for row in connection.execute("SELECT version_num FROM alembic_version")}
    except psycopg.errors.UndefinedTable:
        return set()
    except psycopg.OperationalError as problem:
        raise StartError(f"the database does not answer: {problem}") from problem


def heads() -> set[str]:
    """The newest migrations on disk, read without importing them."""
    revisions, parents = set(), set()
    for file in (ROOT / "migrations/versions").glob("*.py"):
        text = file.read_text()
        revisions |= set(re.findall(r"^revision\b[^=\n]*= *[\"']([^\"']+)", text, re.M))
        for line in re.findall(r"^down_revision\b[^=\n]*=(.*)$", text, re.M):
            parents |= set(re.findall(r"[\"']([^\"']+)[\"']", line))
    return revisions - parents


def console(*command: str, failure: str) -> str:
    """One console command; what it said."""
    done = subprocess.run([*FLASK, *command], cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        raise StartError(f"{failure}.")
    return done.stdout


# --- demo company -----------------------------------------------------------------------


def demo_wanted(settings: Settings) -> Path:
    """Exists from the first start until the demo company is completely there."""
    return Path(settings.data_dir) / "demo-wanted"


def starter_wanted(settings: Settings) -> Path:
    """Exists from the first start without demo until a first charter is there."""
    return Path(settings.data_dir) / "starter-wanted"


def sign_ins(settings: Settings) -> Path:
    return Path(settings.data_dir) / "demo-sign-in.txt"


def load_demo(settings: Settings) -> None:
    print("· Loading the demo company", flush=True)
    said = console(
        "demo", "load",
        failure="the demo company could not be loaded (see above); remove the data folder and start again, "
        "or start with DEMO=0",
    )  # fmt: skip
    write_private(sign_ins(settings), said)
    demo_wanted(settings).unlink()


def load_starter(settings: Settings) -> None:
    console("demo", "starter", failure="the first charter could not be loaded (see above)")
    starter_wanted(settings).unlink()


def announce(settings: Settings) -> None:
    if sign_ins(settings).exists():
        print(sign_ins(settings).read_text().rstrip() + "\n")
    else:
        print("Who can sign in: those added with `.venv/bin/flask people add` (see its --help).\n")
    print(f"Parvis serves on {settings.origin} (Ctrl-C stops it).")
    print(who_enters(settings))


def who_enters(settings: Settings) -> str:
    """One line: which networks are let in, and how to widen it."""
    made = rules(settings.database)
    if made:
        return f"Only these networks are let in: {', '.join(made)}. Change them under Administration > Gate."
    usual = tuple(settings.networks) == Settings.networks
    only = "this machine only (127.0.0.0/8 and ::1)" if usual else ", ".join(settings.networks) or "nobody"
    return (
        f"Let in: {only}; everybody else is refused. To widen it: Administration > Gate, "
        "`.venv/bin/flask gate allow 10.0.0.0/8`, or PARVIS_NETWORKS."
    )


def rules(url: str) -> list[str]:
    """The networks that an admin defined, in order."""
    asked = "SELECT document FROM gate_books ORDER BY number DESC LIMIT 1"
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            found = connection.execute(asked).fetchone()
            return networks(json.loads(found[0])) if found else []
    import psycopg  # noqa: PLC0415  the embedded database does not pay for it

    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        row = connection.execute(asked).fetchone()
        return networks(row[0]) if row else []


def networks(document: dict[str, Any]) -> list[str]:
    """Those that a rule which doesn't refuse speaks of, by name or as such."""
    places = {place["name"]: place["networks"] for place in document.get("places") or ()}
    found: list[str] = []
    for rule in document.get("rules") or ():
        if rule.get("effect") != "refuse":
            found += [rule["network"]] if rule.get("network") else []
            found += [network for name in rule.get("places") or () for network in places.get(name, ())]
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    main()
