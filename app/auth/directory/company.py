"""The company's directory, as the rest of Parvis asks it: who is this, who is there, does it work."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from app.auth.directory import entries, filters
from app.auth.directory.entries import ATTRIBUTES, OPENLDAP, Described
from app.auth.directory.trouble import Trouble, Unreachable
from app.auth.directory.wire import Connection, Found, Server
from app.auth.models import DIRECTORY

LARGEST_PHOTO = 2 << 20
_LOGIN = {
    OPENLDAP: "(&(objectClass=inetOrgPerson)(|(uid={login})(mail={login})))",
    entries.AD: "(&(objectCategory=person)(objectClass=user)"
    "(|(sAMAccountName={login})(userPrincipalName={login})(mail={login})))",
}
_PEOPLE = {
    OPENLDAP: "(objectClass=inetOrgPerson)",
    entries.AD: "(&(objectCategory=person)(objectClass=user))",
}
_ONE = "(objectClass=*)"


@dataclass(frozen=True, kw_only=True)
class Directory:
    """What an operator says of the company's directory. It vouches for people like an identity provider."""

    servers: tuple[Server, ...]
    base: str
    kind: str = OPENLDAP
    bind_dn: str = ""
    bind_password: str = field(default="", repr=False)
    login_filter: str = ""
    people_filter: str = ""
    groups_base: str = ""
    groups_filter: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    creates: bool = False
    links: frozenset[str] = frozenset({"email", "login"})
    every_minutes: int = 60
    most_gone: int = 10
    least_seconds: float = 0.3

    issuer, source = DIRECTORY, "ldap"

    @property
    def names(self) -> dict[str, str]:
        """The attribute of each thing that is known of a person."""
        return {**ATTRIBUTES[self.kind], **self.attributes}


class Company:
    """The conversation with it. Nothing is kept between two questions; each has an end in time."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        said = directory
        self._login = filters.compiled(said.login_filter or _LOGIN[said.kind], "login")
        self._people = filters.compiled(said.people_filter or _PEOPLE[said.kind])
        self._groups = filters.compiled(said.groups_filter or "(member={dn})", "login", "dn")
        self._anything = filters.compiled(_ONE)({})

    def sign_in(self, login: str, password: str) -> Described | None:
        """Whose login and password these are: the only entry that this login finds, and its own password.

        None after the same work for nobody, for several, for a wrong password and a closed account; Trouble
        when the directory can't say. An empty password is never sent, nor one with a NUL: servers take the
        first for a visit, and the second for what stands before it.
        """
        if not login or not password or "\0" in password:
            return None
        with self._service() as conversation:
            found = self._by_login(conversation, login)
            is_right = conversation.bind(found.dn if found else self._nobody(), password)
            if found is None or not is_right:
                return None
            self._introduce(conversation)
            who = self._described(conversation, found)
        return None if who is None or who.is_closed else who

    def find(self, login: str) -> Described | None:
        """Whom this login finds, closed or not."""
        with self._service() as conversation:
            found = self._by_login(conversation, login)
            return self._described(conversation, found) if found else None

    def everyone(self) -> Iterator[Described]:
        """Everybody whom the people's filter finds, without pictures; Trouble rather than a part of them."""
        with self._service() as conversation:
            wanted = conversation.all_of(self.directory.base, self._people({}), self._wanted())
            found = list(wanted)
            for one in found:
                who = self._described(conversation, one)
                if who is not None:
                    yield who

    def photos(self, people: list[Described]) -> Iterator[tuple[Described, bytes]]:
        """The picture of each of these, empty where there is none or it is too large."""
        if not people:
            return
        with self._service() as conversation:
            for who in people:
                found = conversation.search(
                    who.dn, self._anything, [self.directory.names["photo"]], alone=True
                )
                photo = entries.photo_of(found[0], self.directory.names) if found else b""
                yield who, photo if len(photo) <= LARGEST_PHOTO else b""

    def check(self) -> list[tuple[str, str]]:
        """Each server with what is wrong with it, or nothing."""
        return [(server.url, self._ailing(server)) for server in self.directory.servers]

    def _ailing(self, server: Server) -> str:
        try:
            with Connection(server) as conversation:
                self._introduce(conversation)
                conversation.search(self.directory.base, self._anything, ["1.1"], alone=True)
        except Trouble as problem:
            return str(problem)
        return ""

    def _service(self) -> Connection:
        """A conversation as the service account with the first server that answers."""
        last = Unreachable("no server is named")
        for server in self.directory.servers:
            try:
                conversation = Connection(server)
            except Unreachable as problem:
                last = problem
                continue
            try:
                self._introduce(conversation)
            except Unreachable as problem:
                conversation.close()
                last = problem
                continue
            except BaseException:
                conversation.close()
                raise
            return conversation
        raise last

    def _introduce(self, conversation: Connection) -> None:
        if not conversation.bind(self.directory.bind_dn, self.directory.bind_password):
            raise Trouble(f"{conversation.server.url}: the service account's name or password is refused")

    def _by_login(self, conversation: Connection, login: str) -> Found | None:
        asked = self._login({"login": login})
        found = conversation.search(self.directory.base, asked, self._wanted(), most=2)
        return found[0] if len(found) == 1 else None

    def _described(self, conversation: Connection, found: Found) -> Described | None:
        said = self.directory
        who = entries.described(found, said.names, said.groups_base)
        if who is None or not said.groups_base:
            return who
        asked = self._groups({"dn": who.dn, "login": who.login})
        groups = conversation.search(said.groups_base, asked, ["1.1"])
        more = entries.groups_of([group.dn.encode() for group in groups], said.groups_base)
        return replace(who, groups=who.groups | more)

    def _wanted(self) -> list[str]:
        names = self.directory.names
        return [*(name for what, name in names.items() if what != "photo"), *entries.STATES]

    def _nobody(self) -> str:
        """A name that isn't there: whoever types a login that finds nobody waits for an answer as well."""
        return f"cn={secrets.token_hex(8)},{self.directory.base}"
