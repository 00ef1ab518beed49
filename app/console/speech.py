from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from app.kernel.errors import AppError
from app.people.models import Person
from app.people.queries import by_login


@contextmanager
def plainly() -> Iterator[None]:
    """A refusal of the product becomes a sentence at the console."""
    try:
        yield
    except AppError as refusal:
        raise click.ClickException(sentence(refusal)) from refusal


def sentence(refusal: AppError) -> str:
    """What was refused, field by field."""
    fields = getattr(refusal, "fields", {})
    return "; ".join(f"{field}: {text}" for field, text in fields.items()) or str(refusal)


def person(login: str) -> Person:
    """Who signs in with this login or e-mail address."""
    found = by_login(login)
    if found is None:
        raise click.ClickException(f"Nobody signs in as {login!r}.")
    return found
