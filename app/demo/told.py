"""What the console says of a load."""

from dataclasses import dataclass


class NotEmpty(Exception):
    """The sentence says what is there already."""


@dataclass(frozen=True)
class SignIn:
    """Somebody who can sign in, and as what."""

    login: str
    password: str
    role: str
