from flask_babel import gettext as _

from app.kernel.errors import AppError


class Refused(AppError):
    """A refusal in the words of RFC 7644, 3.12: a status, and what kind of mistake it was."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind = status, kind
        self.code = kind or "refused"


def taken(what: str) -> Refused:
    """Somebody else has it."""
    return Refused(409, "uniqueness", _("This is taken already: %(what)s.", what=what))


def wrong(what: str, message: str) -> Refused:
    """A value that can't be."""
    return Refused(400, "invalidValue", f"{what}: {message}")
