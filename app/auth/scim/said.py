"""What a directory says of a person or of a group, as values."""

from __future__ import annotations

from dataclasses import dataclass, field

LANGUAGES = ("fr", "en")


@dataclass(frozen=True)
class Email:
    """One of a person's addresses."""

    value: str | None
    kind: str | None = None
    is_primary: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Said:
    """A person, as the directory knows them."""

    user_name: str = ""
    external_id: str | None = None
    active: bool | None = None  # nothing said: as it is, and at first open
    display_name: str | None = None
    formatted: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    title: str | None = None
    language: str | None = None
    locale: str | None = None
    timezone: str | None = None
    employee_number: str | None = None
    department: str | None = None
    manager: str | None = None
    emails: tuple[Email, ...] = ()

    @property
    def key(self) -> str:
        """The user name as it is compared."""
        return self.user_name.lower()

    @property
    def name(self) -> str:
        """What to call them."""
        parts = " ".join(part for part in (self.given_name, self.family_name) if part)
        return (self.display_name or self.formatted or parts or self.user_name)[:120]

    @property
    def email(self) -> str | None:
        """The address to use: the primary one, else the one at work, else the first, else the user name."""
        given = [one for one in self.emails if one.value and "@" in one.value]
        given.sort(key=lambda one: (not one.is_primary, one.kind != "work"))
        chosen = given[0].value if given else self.user_name if "@" in self.user_name else None
        return chosen.lower() if chosen else None

    @property
    def speaks(self) -> str | None:
        """The language of ours that they prefer."""
        wanted = (self.language or self.locale or "").lower()[:2]
        return wanted if wanted in LANGUAGES else None


@dataclass(frozen=True, kw_only=True)
class SaidGroup:
    """A group, as the directory knows it."""

    name: str
    external_id: str | None = None
    members: frozenset[int] = field(default_factory=frozenset)
