"""Signing in at the company's identity provider (OpenID Connect Core 1.0, authorization code with PKCE).

This module speaks the protocol; who may enter is decided by `app.auth.outside`. It is the only part of
signing in that calls another server, and only when an operator names one.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
REMEMBERED_SECONDS, PATIENCE_SECONDS, LARGEST_ANSWER, LEEWAY_SECONDS = 3_600, 5, 1_000_000, 60
STRONG = frozenset({"mfa", "otp", "hwk", "swk", "sc", "fpt", "face", "iris", "pop"})  # RFC 8176
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
_log = logging.getLogger(__name__)


class Refused(Exception):
    """The provider didn't vouch for anybody; the reason is for the log, not for the person."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """What an operator says of the company's identity provider."""

    issuer: str
    client_id: str
    client_secret: str
    label: str
    scopes: str = "openid profile email"
    groups_claim: str = "groups"
    roles: Mapping[str, str]
    creates: bool = False

    source, links = "oidc", frozenset({"email"})


@dataclass(frozen=True)
class Attempt:
    """One walk to the provider and back; it travels sealed in a cookie."""

    state: str
    nonce: str
    verifier: str
    onward: str
    is_proof: str = ""

    @classmethod
    def new(cls, onward: str, *, is_proof: bool = False) -> Attempt:
        """With `is_proof` the provider asks anew, whoever is signed in there."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, onward, "1" if is_proof else "")

    @property
    def challenge(self) -> str:
        """The verifier as it is sent ahead (RFC 7636, S256)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def parts(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Claims:
    """Who the provider says it is."""

    subject: str
    sid: str
    login: str
    name: str
    email: str | None
    groups: frozenset[str]
    is_strong: bool
    locale: str | None = None
    proved_at: int = 0  # seconds since 1970, by the provider's clock

    @property
    def known_groups(self) -> frozenset[str]:
        """Groups by the names that admins know them by."""
        return self.groups


class Client:
    """The conversation with one provider; what it publishes about itself is kept for an hour."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._kept: dict[str, tuple[float, Any]] = {}
        self._lock = threading.Lock()

    def way_there(self, attempt: Attempt, back: str) -> str:
        """The address to send the browser to."""
        asked = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": back,
            "scope": self.provider.scopes,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
            **({"prompt": "login", "max_age": "0"} if attempt.is_proof else {}),
        }
        address = self._about("authorization_endpoint")
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def come_back(self, attempt: Attempt, back: str, answer: Mapping[str, str]) -> Claims:
        """Who came back. Refused for another state, an error, or a token that isn't for us, now."""
        if not secrets.compare_digest(answer.get("state", ""), attempt.state):
            raise Refused("another state")
        if answer.get("iss", self.provider.issuer) != self.provider.issuer:
            raise Refused("another issuer")  # RFC 9207
        if not answer.get("code"):
            raise Refused(f"no code: {answer.get('error', '')[:80]}")
        sent = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": back,
            "code_verifier": attempt.verifier,
        }
        told = self._post(self._about("token_endpoint"), sent)
        said = self._verified(
            str(told.get("id_token", "")), nonce={"essential": True, "value": attempt.nonce}
        )
        return self._claims({**self._told_more(said, str(told.get("access_token", ""))), **said})

    def way_out(self, back: str) -> str | None:
        """Where to end the session at the provider too, if it offers that."""
        address = self._described().get("end_session_endpoint")
        asked = urlencode({"client_id": self.provider.client_id, "post_logout_redirect_uri": back})
        return f"{address}?{asked}" if address else None

    def signed_out(self, token: str) -> tuple[str, str]:
        """Subject and session of a logout token (Back-Channel Logout 1.0); one of them may be empty."""
        said = self._verified(token)
        if LOGOUT not in said.get("events", {}) or "nonce" in said or not said.get("jti"):
            raise Refused("not a logout token")
        subject, sid = str(said.get("sub", "")), str(said.get("sid", ""))
        if not subject and not sid:
            raise Refused("a logout of nobody")
        return subject, sid

    def _claims(self, said: Mapping[str, Any]) -> Claims:
        login = str(said.get("preferred_username") or said.get("email") or "")
        groups = said.get(self.provider.groups_claim) or []
        return Claims(
            subject=str(said["sub"])[:255],
            sid=str(said.get("sid", ""))[:255],
            login=login[:254],
            name=str(said.get("name") or login)[:120],
            email=str(said["email"]).lower()[:254] if said.get("email_verified") is True else None,
            groups=frozenset(str(group) for group in groups) if isinstance(groups, list) else frozenset(),
            is_strong=bool(STRONG & set(said.get("amr") or [])),
            locale=str(said.get("locale") or "")[:2].lower() or None,
            proved_at=said["auth_time"] if isinstance(said.get("auth_time"), int) else 0,
        )

    def _told_more(self, said: Mapping[str, Any], access: str) -> dict[str, Any]:
        """What the provider tells only on request; about the same subject, or not at all."""
        address = self._described().get("userinfo_endpoint")
        if not address or not access:
            return {}
        told = self._get(address, {"Authorization": f"Bearer {access}"})
        return told if told.get("sub") == said["sub"] else {}

    def _verified(self, token: str, **more: Any) -> dict[str, Any]:
        from joserfc import jwt
        from joserfc.errors import JoseError

        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.provider.issuer},
            aud={"essential": True, "value": self.provider.client_id},
            iat={"essential": True},
            **({"exp": {"essential": True}, "sub": {"essential": True}, **more} if more else {}),
        )
        try:
            said = dict(self._decoded(token))
            rules.validate(said)
        except (JoseError, ValueError, KeyError) as problem:
            raise Refused(f"token: {problem}") from problem
        if (
            isinstance(said["aud"], list)
            and len(said["aud"]) > 1
            and said.get("azp") != self.provider.client_id
        ):
            raise Refused("token: for somebody else too")
        return said

    def _decoded(self, token: str) -> dict[str, Any]:
        """The token's claims; keys are fetched anew once when the provider has changed them."""
        from joserfc import jwt
        from joserfc.errors import JoseError

        try:
            return jwt.decode(token, self._keys(), algorithms=ALGORITHMS).claims
        except (JoseError, ValueError):
            return jwt.decode(token, self._keys(anew=True), algorithms=ALGORITHMS).claims

    def _keys(self, *, anew: bool = False) -> KeySet:
        from joserfc.jwk import KeySet

        oldest = 30 if anew else REMEMBERED_SECONDS
        published: Any = self._remembered(self._about("jwks_uri"), oldest)
        return KeySet.import_key_set(published)

    def _described(self) -> dict[str, Any]:
        issuer = self.provider.issuer.rstrip("/")
        told = self._remembered(f"{issuer}/.well-known/openid-configuration", REMEMBERED_SECONDS)
        if told.get("issuer") != self.provider.issuer:
            raise Refused("the provider gives itself another name")
        return told

    def _about(self, what: str) -> str:
        address = self._described().get(what)
        if not address:
            raise Refused(f"the provider has no {what}")
        return str(address)

    def _remembered(self, address: str, seconds: int) -> dict[str, Any]:
        with self._lock:
            known = self._kept.get(address)
        if known and time.monotonic() - known[0] < seconds:
            return dict(known[1])
        told = self._get(address)
        with self._lock:
            self._kept[address] = (time.monotonic(), told)
        return told

    def _get(self, address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        return self._ask("GET", address, headers=dict(headers or {}))

    def _post(self, address: str, form: Mapping[str, str]) -> dict[str, Any]:
        known = (self.provider.client_id, self.provider.client_secret)
        return self._ask("POST", address, data=dict(form), auth=known)

    @staticmethod
    def _ask(method: str, address: str, **more: Any) -> dict[str, Any]:
        """One call: over TLS (or to this machine), no redirect, bounded in time and size."""
        import requests

        if not is_safe(address):
            raise Refused(f"not over TLS: {urlsplit(address).netloc}")
        try:
            with requests.request(
                method, address, timeout=PATIENCE_SECONDS, allow_redirects=False, stream=True, **more
            ) as answer:
                raw = answer.raw.read(LARGEST_ANSWER + 1, decode_content=True)
                if answer.status_code != 200 or len(raw) > LARGEST_ANSWER:
                    raise Refused(f"{urlsplit(address).path} answered {answer.status_code}")
                answer._content = raw
                told = answer.json()
        except (requests.RequestException, ValueError) as problem:
            raise Refused(f"{urlsplit(address).netloc}: {type(problem).__name__}") from problem
        if not isinstance(told, dict):
            raise Refused("not an object")
        return told


def is_safe(address: str) -> bool:
    """Over TLS, or to this very machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    )
