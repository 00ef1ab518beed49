"""Operator settings: read once from the environment, typed, checked, explained.

Every setting is `PARVIS_<KEY>`; a secret may instead come from a file named by `PARVIS_<KEY>_FILE`.
`load` raises `ConfigError` with a sentence for an unknown key, a bad value or a contradictory pair.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "PARVIS_"
ROOT = Path(__file__).resolve().parent
WEAK_SECRETS = frozenset({"changeme", "secret", "dev", "development", "password", "parvis", "test"})
SHORTEST_SECRET = 32
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ConfigError(Exception):
    """The start is refused; the message says which setting and what to do."""


def _text(raw: str) -> str:
    return raw.strip()


def _whole(smallest: int, largest: int) -> Callable[[str], int]:
    def read(raw: str) -> int:
        value = int(raw)
        if not smallest <= value <= largest:
            raise ValueError(f"give a number from {smallest} to {largest}")
        return value

    return read


def _cidrs(raw: str) -> tuple[str, ...]:
    entries = tuple(part for part in raw.replace(",", " ").split() if part)
    for entry in entries:
        if entry != "unix":
            ipaddress.ip_network(entry, strict=False)
    return entries


def _origin(raw: str) -> str:
    parts = urlsplit(raw.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
        raise ValueError("give a scheme and a host, such as https://parvis.company.example")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _bind(raw: str) -> str:
    host, _, port = raw.strip().rpartition(":")
    if not raw.startswith("unix:") and (not host or not port.isdigit()):
        raise ValueError("give host:port, such as 127.0.0.1:8000")
    return raw.strip()


def _choice(*allowed: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if raw.strip() not in allowed:
            raise ValueError(f"give one of {', '.join(allowed)}")
        return raw.strip()

    return read


def _switch(raw: str) -> bool:
    if raw.strip().lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.strip().lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("give 1 or 0")


def _pairs(raw: str) -> tuple[tuple[str, str], ...]:
    pairs = [part.rpartition("=") for part in raw.replace(",", " ").split() if part]
    if any(not group or not role for group, _is, role in pairs):
        raise ValueError("give pairs such as parvis-admins=admin")
    return tuple((group, role) for group, _is, role in pairs)


def _some_of(*allowed: str) -> Callable[[str], tuple[str, ...]]:
    def read(raw: str) -> tuple[str, ...]:
        chosen = tuple(part for part in raw.replace(",", " ").split() if part)
        if not set(chosen) <= set(allowed):
            raise ValueError(f"give some of {', '.join(allowed)}")
        return chosen

    return read


def _file(raw: str) -> str:
    if raw.strip() and not Path(raw.strip()).is_file():
        raise ValueError(f"there is no file {raw.strip()}")
    return raw.strip()


def _groups(raw: str) -> tuple[tuple[str, str], ...]:
    """Names of groups may hold spaces and commas: semicolons lie between the pairs."""
    pairs = [part.strip().rpartition("=") for part in raw.split(";") if part.strip()]
    if any(not group or not role for group, _is, role in pairs):
        raise ValueError("give pairs such as Parvis Admins=admin; Moderators=moderator")
    return tuple((group.strip().lower(), role.strip()) for group, _is, role in pairs)


def _servers(raw: str) -> tuple[str, ...]:
    urls = tuple(part for part in raw.replace(",", " ").split() if part)
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in {"ldap", "ldaps"} or not parts.hostname or parts.path not in {"", "/"}:
            raise ValueError("give addresses such as ldaps://ldap.company.example")
        parts.port  # noqa: B018 - raises when it isn't one
    return urls


def _setting(read: Callable[[str], Any], default: Any, about: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"read": read, "about": about, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the operator decides. Everything else is decided on a screen, by an admin."""

    secret_key: str = _setting(
        _text, "", "Signs sessions and tokens; 32 random characters or more.", secret=True
    )
    database_url: str = _setting(
        _text, "", "SQLAlchemy address; empty means SQLite in DATA_DIR.", secret=True
    )
    redis_url: str = _setting(_text, "", "Needed only for more than one process.", secret=True)
    data_dir: str = _setting(_text, str(ROOT / "var"), "Where the embedded database and uploads live.")
    public_url: str = _setting(_origin, "", "The address people type; cookies and origin checks follow it.")
    bind: str = _setting(_bind, "127.0.0.1:8000", "Where the web server listens.")
    workers: int = _setting(_whole(1, 64), 1, "Web processes; more than one needs PostgreSQL and Redis.")
    trusted_proxies: tuple[str, ...] = _setting(
        _cidrs, (), "CIDRs of proxies whose forwarding header counts."
    )
    networks: tuple[str, ...] = _setting(
        _cidrs, ("127.0.0.0/8", "::1/128"), "CIDRs let in until an admin defines others."
    )
    monitoring_networks: tuple[str, ...] = _setting(
        _cidrs, ("127.0.0.0/8", "::1/128"), "CIDRs that may read health and metrics."
    )
    forwarded_header: str = _setting(
        _choice("X-Forwarded-For", "Forwarded"), "X-Forwarded-For", "The one header trusted proxies set."
    )
    files_url: str = _setting(_text, "", "Folder for uploads; empty means DATA_DIR/files.")
    smtp_url: str = _setting(_text, "", "Outgoing mail; empty means none is sent.", secret=True)
    passwords: bool = _setting(_switch, True, "0: people sign in at the identity provider only.")
    oidc_issuer: str = _setting(_text, "", "Identity provider (OpenID Connect): its issuer address.")
    oidc_client_id: str = _setting(_text, "", "The name under which the provider knows Parvis.")
    oidc_client_secret: str = _setting(_text, "", "The secret that goes with it.", secret=True)
    oidc_label: str = _setting(_text, "SSO", "What the button on the sign-in page says.")
    oidc_scopes: str = _setting(_text, "openid profile email", "What the provider is asked to tell.")
    oidc_groups_claim: str = _setting(_text, "groups", "Where it lists a person's groups.")
    oidc_roles: tuple[tuple[str, str], ...] = _setting(
        _pairs, (), "`group=role` pairs; these roles follow the groups."
    )
    oidc_create: bool = _setting(
        _switch, False, "1: an account is made for whoever the provider vouches for."
    )
    ldap_url: tuple[str, ...] = _setting(_servers, (), "Directory servers, tried in order.")
    ldap_kind: str = _setting(_choice("openldap", "ad"), "openldap", "Whose names and filters are usual.")
    ldap_starttls: bool = _setting(_switch, True, "ldap:// goes over to TLS before anything is said.")
    ldap_ca_file: str = _setting(_file, "", "Who signed the servers' certificates; empty: the system's.")
    ldap_verify: bool = _setting(_switch, True, "0: certificates aren't checked.")
    ldap_bind_dn: str = _setting(_text, "", "The account that looks people up; empty: nobody in particular.")
    ldap_bind_password: str = _setting(_text, "", "Its password.", secret=True)
    ldap_base: str = _setting(_text, "", "Below which entry people are.")
    ldap_login_filter: str = _setting(_text, "", "How a {login} finds exactly one person.")
    ldap_people_filter: str = _setting(_text, "", "Whom synchronisation finds.")
    ldap_groups_base: str = _setting(_text, "", "Below which entry groups are; only those count then.")
    ldap_groups_filter: str = _setting(_text, "", "How a person's {dn} or {login} finds their groups.")
    ldap_attributes: tuple[tuple[str, str], ...] = _setting(_pairs, (), "`what=attribute` pairs.")
    ldap_roles: tuple[tuple[str, str], ...] = _setting(_groups, (), "`group=role` pairs between semicolons.")
    ldap_create: bool = _setting(_switch, False, "1: an account is made for whoever is found there.")
    ldap_link: tuple[str, ...] = _setting(
        _some_of("email", "login"), ("email", "login"), "By what an account that exists is taken over, once."
    )
    ldap_sync_minutes: int = _setting(_whole(0, 10_080), 60, "How often; 0: only from the console.")
    ldap_most_gone: int = _setting(_whole(0, 100), 10, "Per cent of accounts that one run may close.")
    ldap_timeout: int = _setting(_whole(1, 60), 5, "Seconds that a server has for an answer.")
    log_format: str = _setting(_choice("text", "json"), "text", "Shape of log lines.")
    company: str = _setting(_text, "", "Company name shown until an admin sets one.")
    time_zone: str = _setting(_text, "Europe/Paris", "The company's time zone.")
    job_worker: str = _setting(_choice("inside", "outside"), "inside", "Jobs run in web processes or apart.")
    writes_per_minute: int = _setting(_whole(1, 100_000), 240, "How often one person may write in a minute.")
    testing: bool = _setting(_switch, False, "For the test suite only.")

    @property
    def database(self) -> str:
        """The database address, the embedded one when none is given; psycopg 3 for PostgreSQL."""
        url = self.database_url or f"sqlite:///{Path(self.data_dir).absolute() / 'parvis.sqlite3'}"
        return url.replace("postgres://", "postgresql://", 1).replace(
            "postgresql://", "postgresql+psycopg://", 1
        )

    @property
    def files_dir(self) -> Path:
        """The folder where uploads are kept."""
        return Path(self.files_url.removeprefix("file://") or Path(self.data_dir) / "files").absolute()

    @property
    def origin(self) -> str:
        """The only origin that browsers may act from."""
        if self.public_url:
            return self.public_url
        return f"http://{self.bind}" if not self.bind.startswith("unix:") else "http://localhost"

    @property
    def is_secure(self) -> bool:
        """True when people reach the product over TLS."""
        return self.origin.startswith("https://")


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment, or ConfigError with a sentence naming the variable and the remedy."""
    environ = os.environ if environ is None else environ
    known = {f.name: f for f in fields(Settings)}
    values: dict[str, Any] = {}
    for variable, raw in environ.items():
        if variable.startswith(PREFIX):
            key, text = _named(variable, raw, known)
            values[key] = _read(variable, known[key].metadata["read"], text)
    if not values.get("secret_key"):
        values["secret_key"] = _kept_secret(values.get("data_dir", Settings.data_dir))
    if not values["secret_key"] and environ.get("FLASK_RUN_FROM_CLI") == "true":
        values["secret_key"] = secrets.token_urlsafe(48)  # for this command only: nothing it signs is kept
    settings = Settings(**values)
    _refuse_contradictions(settings)
    return settings


def _kept_secret(data_dir: str) -> str:
    """The secret that the first start made beside the data; empty when there is none."""
    try:
        return (Path(data_dir) / "secret_key").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _named(variable: str, raw: str, known: Mapping[str, Any]) -> tuple[str, str]:
    key = variable.removeprefix(PREFIX).lower()
    if key in known:
        return key, raw
    from_file = key.removesuffix("_file")
    if key.endswith("_file") and from_file in known and known[from_file].metadata["secret"]:
        try:
            return from_file, Path(raw).read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise ConfigError(f"{variable}: {raw} can't be read ({problem.strerror}).") from problem
    raise ConfigError(f"{variable} is not a setting of Parvis; the README lists those that are.")


def _read(variable: str, read: Callable[[str], Any], raw: str) -> Any:
    try:
        return read(raw)
    except ValueError as problem:
        raise ConfigError(f"{variable}: {problem}.") from problem


def _refuse_contradictions(settings: Settings) -> None:
    secret = settings.secret_key
    if len(secret) < SHORTEST_SECRET or secret.lower() in WEAK_SECRETS or len(set(secret)) < 8:
        raise ConfigError(
            "PARVIS_SECRET_KEY is missing or weak: give at least 32 random characters, for example from "
            '`python3 -c "import secrets; print(secrets.token_urlsafe(48))"`.'
        )
    if bool(settings.oidc_issuer) != bool(settings.oidc_client_id and settings.oidc_client_secret):
        raise ConfigError(
            "PARVIS_OIDC_ISSUER, PARVIS_OIDC_CLIENT_ID and PARVIS_OIDC_CLIENT_SECRET belong together: "
            "set all or none."
        )
    if settings.oidc_issuer and not settings.public_url:
        raise ConfigError("PARVIS_OIDC_ISSUER needs PARVIS_PUBLIC_URL: the provider sends people back to it.")
    if not settings.passwords and not settings.oidc_issuer and not settings.ldap_url:
        raise ConfigError(
            "PARVIS_PASSWORDS is 0: nobody could sign in without PARVIS_OIDC_ISSUER or PARVIS_LDAP_URL."
        )
    _refuse_directory(settings)
    if settings.workers > 1 and settings.database.startswith("sqlite"):
        raise ConfigError("PARVIS_WORKERS is more than 1: set PARVIS_DATABASE_URL to a PostgreSQL database.")
    if settings.workers > 1 and not settings.redis_url:
        raise ConfigError("PARVIS_WORKERS is more than 1: set PARVIS_REDIS_URL so that they hear each other.")


def _refuse_directory(settings: Settings) -> None:
    stated = [f.name for f in fields(settings) if f.name.startswith("ldap_")]
    if not settings.ldap_url:
        for name in stated:
            if getattr(settings, name) != getattr(Settings, name):
                raise ConfigError(f"PARVIS_{name.upper()} means nothing without PARVIS_LDAP_URL.")
        return
    if not settings.ldap_base:
        raise ConfigError("PARVIS_LDAP_URL needs PARVIS_LDAP_BASE: below which entry people are.")
    if bool(settings.ldap_bind_dn) != bool(settings.ldap_bind_password):
        raise ConfigError("PARVIS_LDAP_BIND_DN and PARVIS_LDAP_BIND_PASSWORD belong together.")
    if settings.ldap_groups_filter and not settings.ldap_groups_base:
        raise ConfigError(
            "PARVIS_LDAP_GROUPS_FILTER needs PARVIS_LDAP_GROUPS_BASE: below which entry they are."
        )
    if settings.ldap_login_filter and "{login}" not in settings.ldap_login_filter:
        raise ConfigError("PARVIS_LDAP_LOGIN_FILTER has no {login}: it would find the same for everybody.")
    for url in settings.ldap_url:
        parts = urlsplit(url)
        if parts.scheme == "ldap" and not settings.ldap_starttls and parts.hostname not in LOOPBACK:
            raise ConfigError(
                f"PARVIS_LDAP_STARTTLS is 0: passwords would travel in the clear to {parts.hostname}. "
                "Use ldaps:// or leave it on."
            )
