"""Every refusal the product can give. Nothing else may cross a boundary.

The message is already a sentence in the reader's language that says what to do.
"""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _


class AppError(Exception):
    """A refusal with a stable code (for programs), a status (for HTTP) and a sentence (for people)."""

    status = 400
    code = "bad_request"
    afterwards: Callable[[], object] | None = None  # to be done once what led here was undone
    page = ""  # the page that says it, when it isn't the one of its status

    def __init__(self, message: str = "", **data: object) -> None:
        super().__init__(message or self.sentence())
        self.data = data

    def sentence(self) -> str:
        """What a person reads when the place of refusal says nothing more precise."""
        return _("This request can't be understood. Go back, reload the page and try again.")


class SignedOut(AppError):
    """Nobody is signed in, or no longer."""

    status, code = 401, "signed_out"

    def sentence(self) -> str:
        return _("Please sign in to continue.")


class Forbidden(AppError):
    """You see it, but this isn't yours to do."""

    status, code = 403, "forbidden"

    def sentence(self) -> str:
        return _("You don't have the right to do this.")


class Outside(Forbidden):
    """From here and now the gate has nothing to say to this person, and the wall answers for it."""

    code = "outside"


class ReadOnly(Forbidden):
    """The gate lets this person read from here and now, not write."""

    code = "read_only"

    def sentence(self) -> str:
        return _("From where you are now, you can read but not write. Nothing was changed.")


class SecondFactorNeeded(Forbidden):
    """The gate asks for a second proof of who this is."""

    code, page = "second_factor_required", "second_factor"

    def sentence(self) -> str:
        return _("From where you are now, signing in takes a second factor.")


class ProofNeeded(Forbidden):
    """Heavy: whoever asks proves again who they are first."""

    code = "proof_needed"

    def sentence(self) -> str:
        return _("Prove once more that it is you, then send this again. Nothing was changed.")


class Closed(Forbidden):
    """Work is over; `opens_at` says until when, if that is known."""

    code, page = "closed", "closed"

    def sentence(self) -> str:
        return _("Parvis is closed outside of working hours. Have a good rest.")


class Suspended(Forbidden):
    """The account is suspended: one may read what was decided, and contest it."""

    code = "suspended"

    def sentence(self) -> str:
        return _("Your account is suspended. Read until when and why, and how to contest it.")


class NotFound(AppError):
    """Missing or hidden: nobody's business which."""

    status, code = 404, "not_found"

    def sentence(self) -> str:
        return _("This page doesn’t exist, or isn’t open to you.")


class Conflict(AppError):
    """Someone was faster. The page shows what is true now."""

    status, code = 409, "conflict"

    def sentence(self) -> str:
        return _("Someone changed this meanwhile. Here is how it stands now.")


class Stale(Conflict):
    """The version you decided on is no longer the present one; `data` holds the present state."""

    code = "stale"


class Nudge(AppError):
    """A hint before publishing: fix it, or go on with a justification and the token."""

    status, code = 409, "nudge"

    def sentence(self) -> str:
        return _("Please read this hint before publishing.")


class PreconditionFailed(AppError):
    """`If-Match` named another version."""

    status, code = 412, "precondition_failed"

    def sentence(self) -> str:
        return _("This was changed meanwhile. Reload it before changing it again.")


class TooLarge(AppError):
    """More bytes than are accepted."""

    status, code = 413, "too_large"

    def sentence(self) -> str:
        return _("This is too large to be sent. Make it smaller and try again.")


class UnsupportedMedia(AppError):
    """What was sent isn't of a kind that is read here."""

    status, code = 415, "unsupported_media"

    def sentence(self) -> str:
        return _("Send this as application/json.")


class Invalid(AppError):
    """What was sent can't be taken; `fields` has a sentence per field."""

    status, code = 422, "invalid"

    def __init__(self, message: str = "", *, fields: dict[str, str] | None = None, **data: object) -> None:
        self.fields = fields or {}
        super().__init__(message, **data)

    def sentence(self) -> str:
        return _("Please check what is marked below.")


class Blocked(Invalid):
    """The charter doesn't allow this content at all; `findings` say where and why."""

    code = "blocked"

    def sentence(self) -> str:
        return _("This can’t be published. Your text is kept as a draft.")


class TooMany(AppError):
    """Slow down; `retry_after` seconds."""

    status, code = 429, "too_many"

    def sentence(self) -> str:
        return _("That was a lot at once. Please wait a moment and try again.")


class Unavailable(AppError):
    """Something this needs is down; it comes back by itself."""

    status, code = 503, "unavailable"

    def sentence(self) -> str:
        return _("This isn’t available for the moment. Please try again in a minute.")
