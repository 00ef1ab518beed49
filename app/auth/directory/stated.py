"""The company's directory as the operator's settings describe it."""

from __future__ import annotations

from app.auth.directory.company import Company, Directory
from app.auth.directory.entries import ATTRIBUTES, same_name
from app.auth.directory.wire import Server
from app.people.models import ROLES
from config import ConfigError, Settings


def company_of(settings: Settings) -> Company:
    """ConfigError, naming the setting, for a filter that isn't one, or what is named and unknown."""
    _refuse_unknown("PARVIS_LDAP_ATTRIBUTES", [what for what, _a in settings.ldap_attributes],
                    list(ATTRIBUTES[settings.ldap_kind]))  # fmt: skip
    _refuse_unknown("PARVIS_LDAP_ROLES", [role for _group, role in settings.ldap_roles], list(ROLES))
    try:
        return Company(_stated(settings))
    except ValueError as problem:
        raise ConfigError(f"PARVIS_LDAP_…_FILTER: {problem}.") from problem


def _stated(settings: Settings) -> Directory:
    servers = tuple(
        Server(
            url=url,
            ca_file=settings.ldap_ca_file,
            verifies=settings.ldap_verify,
            starts_tls=settings.ldap_starttls,
            patience=float(settings.ldap_timeout),
        )
        for url in settings.ldap_url
    )
    return Directory(
        servers=servers,
        base=settings.ldap_base,
        kind=settings.ldap_kind,
        bind_dn=settings.ldap_bind_dn,
        bind_password=settings.ldap_bind_password,
        login_filter=settings.ldap_login_filter,
        people_filter=settings.ldap_people_filter,
        groups_base=settings.ldap_groups_base,
        groups_filter=settings.ldap_groups_filter,
        attributes=dict(settings.ldap_attributes),
        roles={same_name(group) if "=" in group else group: role for group, role in settings.ldap_roles},
        creates=settings.ldap_create,
        links=frozenset(settings.ldap_link),
        every_minutes=settings.ldap_sync_minutes,
        most_gone=settings.ldap_most_gone,
    )


def _refuse_unknown(setting: str, named: list[str], known: list[str]) -> None:
    for name in named:
        if name not in known:
            raise ConfigError(f"{setting}: {name} isn't known; known are {', '.join(known)}.")
