from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Instant, Model, PublicId, SerialId, Timestamped

DIRECTORY = "directory"  # how identities name the company's directory; others are issuers of OpenID Connect


class Credential(Model):
    """A person's password, as argon2id wrote it."""

    __tablename__ = "credentials"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class Session(Timestamped, Model):
    """A signed-in browser. Its secret is kept only as a hash; the row's end ends it everywhere."""

    __tablename__ = "sessions"
    id: Mapped[PublicId]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    address: Mapped[str] = mapped_column(String(45))
    device: Mapped[str] = mapped_column(String(200))
    seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    why_revoked: Mapped[str] = mapped_column(String(40), default="")
    second_factor_at: Mapped[datetime | None] = mapped_column(Instant)
    provider_sid: Mapped[str | None] = mapped_column(String(255), index=True)
    proven_at: Mapped[datetime | None] = mapped_column(Instant)


class ApiToken(Timestamped, Model):
    """A program's key to a person's account: shown once, stored hashed."""

    __tablename__ = "api_tokens"
    id: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class Authenticator(Timestamped, Model):
    """A person's app that shows codes (TOTP, RFC 6238). Each of its 30-second steps counts once."""

    __tablename__ = "authenticators"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(Text)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Model):
    """A code to get in once without phone or key; kept as a keyed hash, gone when used."""

    __tablename__ = "recovery_codes"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(32), primary_key=True)


class Passkey(Timestamped, Model):
    """A public key whose other half a person's device keeps (WebAuthn Level 2)."""

    __tablename__ = "passkeys"
    id: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    credential: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Identity(Timestamped, Model):
    """Who a person is at the company's identity provider, or in its directory."""

    __tablename__ = "identities"
    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    seen_at: Mapped[datetime] = mapped_column(Instant)


class ResetLink(Timestamped, Model):
    """A way to choose a new password, once. Its secret is kept only as a hash."""

    __tablename__ = "reset_links"
    id: Mapped[PublicId]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(BigInteger)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class KnownDevice(Model):
    """A browser that a person has signed in with before, as a keyed hash; forgotten when it isn't seen."""

    __tablename__ = "known_devices"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    device_hash: Mapped[str] = mapped_column(String(32), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Instant, index=True)


class SignInFailure(Model):
    """A failed sign-in, by what was typed and from where; both as keyed hashes."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures_what_at", "what", "at"),)
    id: Mapped[SerialId]
    what: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(Instant, index=True)
