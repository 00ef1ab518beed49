"""What an entry of the directory says of a person, as clean values."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.auth.directory.wire import Found
from app.kernel.inputs import clean

OPENLDAP, AD = "openldap", "ad"
ATTRIBUTES: dict[str, dict[str, str]] = {
    OPENLDAP: {
        "id": "entryUUID", "login": "uid", "name": "cn", "email": "mail", "title": "title",
        "locale": "preferredLanguage", "team": "departmentNumber", "manager": "manager",
        "photo": "jpegPhoto", "groups": "memberOf", "stamp": "modifyTimestamp",
    },
    AD: {
        "id": "objectGUID", "login": "sAMAccountName", "name": "displayName", "email": "mail",
        "title": "title", "locale": "preferredLanguage", "team": "department", "manager": "manager",
        "photo": "thumbnailPhoto", "groups": "memberOf", "stamp": "whenChanged",
    },
}  # fmt: skip
STATES = ("userAccountControl", "pwdAccountLockedTime", "nsAccountLock")
_CLOSED = 2  # ACCOUNTDISABLE of userAccountControl
_FOR_GOOD = "000001010000Z"  # of pwdAccountLockedTime: until an administrator opens it
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ESCAPE = re.compile(r"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Described:
    """A person as the directory describes them; `subject` is its own unchanging number for them."""

    subject: str
    dn: str
    login: str
    name: str
    email: str | None = None
    title: str = ""
    locale: str | None = None
    team: str = ""
    manager_dn: str = ""
    stamp: str = ""
    is_closed: bool = False
    groups: frozenset[str] = field(default_factory=frozenset)

    @property
    def known_groups(self) -> frozenset[str]:
        """Groups by the first part of their name, as admins know them."""
        return frozenset(group for group in self.groups if "=" not in group)


def described(found: Found, names: Mapping[str, str], groups_base: str = "") -> Described | None:
    """What this entry says; None when it lacks what makes a person: a number, and a login or a name."""

    def value_of(what: str, longest: int) -> str:
        return _text(found, names[what])[:longest].strip()

    subject, login = _subject(found, names["id"]), value_of("login", 254)
    name, email = value_of("name", 120), value_of("email", 254).lower()
    if not subject or not (login or name):
        return None
    return Described(
        subject=subject,
        dn=found.dn,
        login=login or name,
        name=name or login,
        email=email if _EMAIL.fullmatch(email) else None,
        title=value_of("title", 120),
        locale=_locale(value_of("locale", 120)),
        team=value_of("team", 120),
        manager_dn=same_name(value_of("manager", 2_000)),
        stamp=value_of("stamp", 40),
        is_closed=_is_closed(found),
        groups=groups_of(_values(found, names["groups"]), groups_base),
    )


def groups_of(names: list[bytes], base: str = "") -> frozenset[str]:
    """Groups by their whole name and by its first part, in small letters; those below `base` only."""
    below = same_name(base)
    whole = [same_name(name.decode("utf-8", "replace")) for name in names]
    kept = [name for name in whole if not below or name.endswith(f",{below}")]
    return frozenset({*kept, *(_parts(name)[0].partition("=")[2] for name in kept)})


def same_name(dn: str) -> str:
    """A distinguished name in one spelling, to be compared: small letters, no spaces around its parts."""
    parts = (part.partition("=") for part in _parts(dn))
    return ",".join(f"{kind.strip().lower()}={_plain(value)}" for kind, _is, value in parts if kind.strip())


def photo_of(found: Found, names: Mapping[str, str]) -> bytes:
    """The picture, as it is there."""
    return next(iter(_values(found, names["photo"])), b"")


def _parts(dn: str) -> list[str]:
    return re.findall(r"((?:\\.|[^\\,])+)(?:,|$)", dn, re.DOTALL) or [""]


def _plain(value: str) -> str:
    """Two spellings of a name differ in what they escape, and how; a comma within stays apart."""
    read = _ESCAPE.sub(lambda found: _unescaped(found[1]), value.strip().lower())
    return read.replace("\\", "\\5c").replace(",", "\\2c")


def _unescaped(code: str) -> str:
    return chr(int(code, 16)) if len(code) == 2 else code


def _values(found: Found, name: str) -> list[bytes]:
    return found.attributes.get(name.lower(), [])


def _text(found: Found, name: str) -> str:
    return clean(next(iter(_values(found, name)), b"").decode("utf-8", "replace"), lines=False)


def _subject(found: Found, name: str) -> str:
    raw = next(iter(_values(found, name)), b"")
    if name.lower() == "objectguid":
        return str(uuid.UUID(bytes_le=raw)) if len(raw) == 16 else ""
    return _text(found, name)[:255].lower()


def _locale(said: str) -> str | None:
    wanted = said[:2].lower()
    return wanted if wanted in {"fr", "en"} else None


def _is_closed(found: Found) -> bool:
    control, locked, lock = (_text(found, name) for name in STATES)
    return bool(control.lstrip("-").isdigit() and int(control) & _CLOSED) or (
        locked == _FOR_GOOD or lock.lower() == "true"
    )
