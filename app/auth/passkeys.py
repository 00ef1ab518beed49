"""Passkeys (WebAuthn Level 2): what a browser is asked, and whether its answer holds."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.auth.models import Passkey
from app.kernel import clock, keys
from app.kernel.errors import Invalid

QUESTION_LASTS = timedelta(minutes=5)


@dataclass(frozen=True)
class Site:
    """Where the product is reached: the name that keys are bound to, and the whole origin."""

    host: str
    origin: str


@dataclass(frozen=True)
class Question:
    """A challenge put to a browser: when, and sealed so that only ours comes back."""

    asked_at: datetime
    challenge: bytes

    @classmethod
    def new(cls) -> Question:
        return cls(clock.now(), secrets.token_bytes(32))

    def sealed(self, person_id: int) -> str:
        value = [person_id, clock.micros(self.asked_at), self.challenge.hex()]
        return keys.seal("passkey", value, lasts=QUESTION_LASTS)

    @classmethod
    def unsealed(cls, person_id: int, token: str) -> Question:
        """ValueError when it is forged, too old or somebody else's."""
        whose, asked, challenge = keys.unseal("passkey", token)
        if whose != person_id:
            raise ValueError("somebody else's")
        return cls(clock.instant(asked), bytes.fromhex(challenge))


def to_register(
    question: Question, site: Site, person_id: int, login: str, name: str, known: list[bytes]
) -> str:
    """Options for `navigator.credentials.create`, as JSON."""
    import webauthn
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="Parvis",
        user_id=str(person_id).encode(),
        user_name=login,
        user_display_name=name,
        challenge=question.challenge,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return str(webauthn.options_to_json(options))


def to_answer(question: Question, site: Site, known: list[bytes]) -> str:
    """Options for `navigator.credentials.get`, as JSON."""
    import webauthn
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=question.challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return str(webauthn.options_to_json(options))


def registered(raw: str, question: Question, site: Site) -> Any:
    """The verified registration: `credential_id`, `credential_public_key`, `sign_count`; else Invalid."""
    import webauthn

    return _verified(
        webauthn.verify_registration_response,
        raw,
        expected_challenge=question.challenge,
        expected_rp_id=site.host,
        expected_origin=site.origin,
    )


def answered(raw: str, question: Question, site: Site, passkey: Passkey) -> Any:
    """The verified answer of one passkey: `new_sign_count`. Invalid otherwise."""
    import webauthn

    return _verified(
        webauthn.verify_authentication_response,
        raw,
        expected_challenge=question.challenge,
        expected_rp_id=site.host,
        expected_origin=site.origin,
        credential_public_key=passkey.public_key,
        credential_current_sign_count=passkey.sign_count,
    )


def credential_of(raw: str) -> bytes:
    """Which credential a browser answers with; Invalid when it can't be read."""
    from webauthn.helpers import base64url_to_bytes

    try:
        return bytes(base64url_to_bytes(json.loads(raw)["rawId"]))
    except (ValueError, KeyError, TypeError) as problem:
        raise Invalid from problem


def _verified(verify: Any, raw: str, **expected: Any) -> Any:
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        return verify(credential=raw, **expected)
    except (WebAuthnException, ValueError, KeyError, TypeError) as problem:
        raise Invalid from problem
