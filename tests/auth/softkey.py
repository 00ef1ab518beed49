"""A security key in software: makes and answers WebAuthn questions as a browser with a key would."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT_AND_VERIFIED, WITH_CREDENTIAL = 0x05, 0x40


class SoftKey:
    """One P-256 credential for one origin."""

    def __init__(self, origin: str) -> None:
        self.origin, self.count = origin, 0
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.credential = secrets.token_bytes(16)

    def create(self, options: dict[str, Any]) -> str:
        """What `navigator.credentials.create` answers, as JSON."""
        numbers = self.private.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        attested = bytes(16) + len(self.credential).to_bytes(2) + self.credential + public
        data = self._data(options["rp"]["id"], WITH_CREDENTIAL) + attested
        sealed = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", options["challenge"], self.origin)
        return self._answer(self.credential, clientDataJSON=said, attestationObject=sealed)

    def get(
        self, options: dict[str, Any], *, origin: str = "", challenge: bytes = b"", host: str = "",
        forged: bool = False, credential: bytes = b"",
    ) -> str:  # fmt: skip
        """What `navigator.credentials.get` answers; the rest of the arguments lie."""
        self.count += 1
        data = self._data(host or options["rpId"])
        said = self._said(
            "webauthn.get", _b64(challenge) if challenge else options["challenge"], origin or self.origin
        )
        key = ec.generate_private_key(ec.SECP256R1()) if forged else self.private
        signature = key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            credential or self.credential, clientDataJSON=said, authenticatorData=data, signature=signature
        )

    def _data(self, host: str, more: int = 0) -> bytes:
        flags = PRESENT_AND_VERIFIED | more
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    @staticmethod
    def _said(kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()

    @staticmethod
    def _answer(credential: bytes, **response: bytes) -> str:
        name = _b64(credential)
        parts = {key: _b64(value) for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": parts})


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
