"""flask doctor: the installation, in plain words."""

from __future__ import annotations

import secrets
import stat
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from zoneinfo import available_timezones

import click
import redis
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.admin.monitoring import newest
from app.admin.queries import is_late, jobs_state
from app.console.seen import BAD, GOOD, NOTE, Line, explain, lately
from app.files import storage
from app.gate.address import parse_networks
from app.gate.queries import present
from app.kernel import clock
from app.kernel import settings as chosen
from app.kernel.db import db, is_sqlite
from app.people.queries import active_admins
from config import Settings

Look = Callable[[Settings], Iterator[Line]]
_WIDE = 1 << 24
_OLD_BACKUP_DAYS = 7


@click.command("doctor")
@click.option("--peer", default="", help="Explain this caller instead: the address that connects to Parvis.")
@click.option("--forwarded", default=None, help="With --peer: the forwarding header it sends.")
def doctor(peer: str, forwarded: str | None) -> None:
    """Check the installation and say what to do; ends with 1 when something is wrong.

    With --peer it says which address Parvis sees for such a caller, which header and which hops were
    believed, and whether it may enter.
    """
    lines = list(_explained(peer, forwarded) if peer else _lines())
    for tone, sentence in lines:
        click.echo(f"{tone:<5} {sentence}")
    if any(tone == BAD for tone, _sentence in lines):
        raise SystemExit(1)


def _explained(peer: str, forwarded: str | None) -> Iterator[Line]:
    header = current_app.config["SETTINGS"].forwarded_header
    return explain(current_app.extensions["wall"].resolver, header, peer, forwarded)


def _seen(_settings: Settings) -> Iterator[Line]:
    return lately()


def _lines() -> Iterator[Line]:
    settings: Settings = current_app.config["SETTINGS"]
    for look in _BEFORE:
        yield from look(settings)
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as problem:
        yield BAD, f"The database doesn't answer: {_first_line(problem)}"
        return
    yield GOOD, f"The database answers ({'embedded SQLite' if is_sqlite() else 'PostgreSQL'})."
    if not _is_newest():
        yield BAD, "The database isn't at the newest migration: run `flask db upgrade`."
        return
    yield GOOD, "The database is at the newest migration."
    for look in _WITH_DATABASE:
        yield from look(settings)


def _secret(settings: Settings) -> Iterator[Line]:
    yield GOOD, f"The secret key has {len(settings.secret_key)} characters."
    file = Path(settings.data_dir) / "secret_key"
    if file.exists() and file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield BAD, f"{file} can be read by others: `chmod 600 {file}`."


def _address(settings: Settings) -> Iterator[Line]:
    host = settings.bind.rpartition(":")[0]
    if settings.is_secure:
        yield GOOD, f"People reach Parvis at {settings.origin}, over TLS."
    elif settings.public_url:
        yield BAD, f"People reach Parvis at {settings.origin}, without TLS: passwords travel in the clear."
    elif host in ("127.0.0.1", "[::1]", "localhost") or settings.bind.startswith("unix:"):
        yield NOTE, "PARVIS_PUBLIC_URL isn't set: fine on this machine, needed for everybody else."
    else:
        yield BAD, f"Parvis listens on {settings.bind} without PARVIS_PUBLIC_URL: set it to what people type."


def _proxies(settings: Settings) -> Iterator[Line]:
    for entry in settings.trusted_proxies:
        if entry != "unix" and ip_network(entry, strict=False).num_addresses >= _WIDE:
            yield BAD, f"PARVIS_TRUSTED_PROXIES holds {entry}: whoever is in it may say they are anybody."
    if settings.trusted_proxies:
        header = settings.forwarded_header
        yield GOOD, f"{header} counts from {', '.join(settings.trusted_proxies)} only."
    elif settings.is_secure:
        yield (
            BAD,
            "TLS ends at a proxy, but PARVIS_TRUSTED_PROXIES is empty: everybody seems to be the proxy.",
        )
    else:
        yield GOOD, "No proxy is trusted; forwarding headers change nothing."


def _files(settings: Settings) -> Iterator[Line]:
    probe = settings.files_dir / f".probe-{secrets.token_hex(4)}"
    try:
        settings.files_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
        free = storage.free_bytes()
    except OSError as problem:
        yield BAD, f"Files can't be written in {settings.files_dir}: {problem.strerror}."
        return
    tone = BAD if free < storage.LEAST_FREE else GOOD
    yield tone, f"Files are kept in {settings.files_dir}; {free / 2**30:.1f} GB are free."


def _redis(settings: Settings) -> Iterator[Line]:
    if not settings.redis_url:
        yield GOOD, "Redis isn't configured, and one process doesn't need it."
        return
    try:
        with redis.Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
        yield GOOD, "Redis answers."
    except (redis.RedisError, ValueError) as problem:
        yield BAD, f"Redis doesn't answer: {problem}. News reach other processes a second later."


def _time_zone(settings: Settings) -> Iterator[Line]:
    if settings.time_zone not in available_timezones():
        yield BAD, f"PARVIS_TIME_ZONE: {settings.time_zone} isn't a time zone such as Europe/Paris."


def _networks(_settings: Settings) -> Iterator[Line]:
    now = present()
    networks, who = now.networks(), "admins" if now.stated_by == "admin" else "the configuration"
    if not len(networks):
        yield BAD, f"Nobody may enter: {who} let no network in. `flask gate allow 10.0.0.0/8` lets one in."
        return
    for network in networks:
        if network.num_addresses >= 1 << (32 if network.version == 4 else 125):
            yield BAD, f"{network} may enter: that is everybody."
    yield GOOD, f"By {who}, these may enter: {networks}."
    if networks == parse_networks(Settings.networks):
        yield NOTE, "That is this machine only: widen it with PARVIS_NETWORKS or `flask gate allow`."


def _admins(_settings: Settings) -> Iterator[Line]:
    if active_admins():
        yield GOOD, "Somebody can administer Parvis."
    else:
        yield BAD, 'Nobody can administer Parvis: `flask people add LOGIN --name "…" --admin`.'


def _jobs(settings: Settings) -> Iterator[Line]:
    state = jobs_state()
    if is_late(state):
        how = "start `flask jobs work`" if settings.job_worker == "outside" else "is Parvis running?"
        yield NOTE, f"{state.waiting} jobs wait, the oldest for {state.lag.seconds // 60} minutes: {how}"
    if state.troubled:
        yield NOTE, f"{state.troubled} jobs failed: `flask jobs list` says why."


def _care(_settings: Settings) -> Iterator[Line]:
    backup, checked = chosen.get("backup_at"), chosen.get("audit_checked")
    if backup is None:
        yield NOTE, "There is no backup yet: `flask backup create`."
    elif (days := (clock.now() - clock.instant(backup)).days) > _OLD_BACKUP_DAYS:
        yield NOTE, f"The last backup is {days} days old."
    if checked and not checked["is_whole"]:
        yield BAD, f"The audit log was altered at entry {checked['seq']}: `flask audit verify`."


def _directory(settings: Settings) -> Iterator[Line]:
    company = current_app.config["DIRECTORY"]
    if company is None:
        return
    if not settings.ldap_verify:
        yield (
            BAD,
            "PARVIS_LDAP_VERIFY is 0: whoever stands between hears the passwords. Set PARVIS_LDAP_CA_FILE.",
        )
    for url, trouble in company.check():
        yield (BAD, f"The directory doesn't answer: {trouble}.") if trouble else (GOOD, f"{url} answers.")


_BEFORE: tuple[Look, ...] = (_secret, _address, _proxies, _files, _redis, _directory, _time_zone)
_WITH_DATABASE: tuple[Look, ...] = (_networks, _seen, _admins, _jobs, _care)


def _is_newest() -> bool:
    try:
        return set(db.session.scalars(text("SELECT version_num FROM alembic_version"))) == newest()
    except SQLAlchemyError:
        db.session.rollback()
        return False


def _first_line(problem: Exception) -> str:
    return str(problem).splitlines()[0]
