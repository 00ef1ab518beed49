"""flask backup: everything in one file, and back again."""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from flask_migrate import upgrade
from sqlalchemy import inspect, make_url

from app.admin import actions
from app.kernel import clock
from app.kernel.db import db, is_sqlite
from config import Settings

backup_group = AppGroup("backup", help="Database and files in one archive: create, restore.")
FORMAT = 1
SQLITE, POSTGRES = "database.sqlite3", "database.dump"
_FILES = "files"


@backup_group.command("create")
@click.argument("target", required=False, type=click.Path(path_type=Path))
def create(target: Path | None) -> None:
    """Write a backup to TARGET (a file or a folder; DATA_DIR/backups by default) while Parvis runs.

    The secret key isn't in it: keep that one apart.
    """
    place = _target(target)
    with _aside(place.parent) as folder:
        name = SQLITE if is_sqlite() else POSTGRES
        _dump(folder / name)
        _pack(folder / name, place)
    actions.note_backup()
    click.echo(f"{place} ({place.stat().st_size / 2**20:.1f} MB)")


@backup_group.command("restore")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace what is there.")
def restore(source: Path, force: bool) -> None:
    """Bring a backup back. Stop Parvis first; a place that isn't empty is only replaced with --force."""
    if not force and not _is_empty():
        raise click.ClickException("There is data already. Restore elsewhere, or replace it with --force.")
    settings = _settings()
    with _aside(Path(settings.data_dir)) as folder:
        _unpack(source, folder)
        name = SQLITE if is_sqlite() else POSTGRES
        if not (folder / name).is_file():
            raise click.ClickException(f"This backup is of another kind of database: it has no {name}.")
        _load(folder / name)
        _put_files(folder / _FILES)
    upgrade()
    click.echo("Restored. Check it with `flask doctor` and `flask audit verify`, then start Parvis.")


def _target(target: Path | None) -> Path:
    stamp = f"parvis-{clock.now():%Y%m%d-%H%M%S}.tar"
    place = target or Path(_settings().data_dir) / "backups"
    if target is None or place.is_dir():
        place = place / stamp
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if place.exists():
        raise click.ClickException(f"{place} exists already.")
    return place.absolute()


@contextmanager
def _aside(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _dump(to: Path) -> None:
    if is_sqlite():
        with closing(sqlite3.connect(_sqlite_path())) as here, closing(sqlite3.connect(to)) as there:
            here.backup(there, pages=4_096)
        return
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}")


def _pack(dump: Path, place: Path) -> None:
    part = dump.with_name("all.tar")
    about = {"format": FORMAT, "database": dump.name, "at": clock.now().isoformat()}
    with tarfile.open(part, "x") as archive:
        os.chmod(part, 0o600)
        _add_text(archive, "backup.json", json.dumps(about))
        archive.add(dump, dump.name)
        files = _settings().files_dir
        if files.is_dir():
            archive.add(files, _FILES, filter=lambda entry: None if "/incoming" in entry.name else entry)
    part.replace(place)


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text.encode())
    archive.addfile(entry, io.BytesIO(text.encode()))


def _unpack(source: Path, folder: Path) -> None:
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        about = json.loads((folder / "backup.json").read_text())
    except (tarfile.TarError, OSError, ValueError) as problem:
        raise click.ClickException(f"{source} isn't a whole backup of Parvis: {problem}") from problem
    if about.get("format") != FORMAT:
        raise click.ClickException(
            f"This backup has format {about.get('format')}; this version reads {FORMAT}."
        )


def _load(dump: Path) -> None:
    db.session.remove()
    db.engine.dispose()
    if not is_sqlite():
        _run(
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            str(dump),
        )
        return
    with closing(sqlite3.connect(dump)) as candidate:
        verdict = candidate.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise click.ClickException(f"The database in this backup is damaged: {verdict}")
    place = _sqlite_path()
    for leftover in ("-wal", "-shm"):
        Path(f"{place}{leftover}").unlink(missing_ok=True)
    dump.replace(place)


def _put_files(folder: Path) -> None:
    place = _settings().files_dir
    folder.mkdir(exist_ok=True)
    before = place.with_name(f"{place.name}.before")
    if place.exists():
        place.replace(before)
    shutil.move(folder, place)
    shutil.rmtree(before, ignore_errors=True)


def _is_empty() -> bool:
    files = _settings().files_dir
    has_files = files.is_dir() and any(path.is_file() for path in files.rglob("*"))
    tables = set(inspect(db.engine).get_table_names())
    people = "people" in tables and db.session.execute(db.text("SELECT 1 FROM people LIMIT 1")).first()
    db.session.remove()
    return not has_files and not people


def _run(program: str, *arguments: str) -> None:
    if shutil.which(program) is None:
        raise click.ClickException(f"{program} isn't installed here; install PostgreSQL's client programs.")
    address = make_url(_settings().database)
    known: dict[str, Any] = {
        "PGHOST": address.host,
        "PGPORT": address.port,
        "PGUSER": address.username,
        "PGPASSWORD": address.password,
        "PGDATABASE": address.database,
    }
    for name in ("host", "port"):  # a socket's folder comes as ?host=
        known[f"PG{name.upper()}"] = address.query.get(name) or known[f"PG{name.upper()}"]
    environ = {**os.environ, **{name: str(value) for name, value in known.items() if value}}
    into = ["--dbname", str(address.database)] if program == "pg_restore" else []
    command = [program, *into, *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise click.ClickException(f"{program}: {done.stderr.strip()}")


def _sqlite_path() -> Path:
    return Path(_settings().database.removeprefix("sqlite:///"))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
