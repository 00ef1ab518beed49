"""`flask demo`: the demo company, huge volumes, and what an empty installation starts with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.demo.told import NotEmpty, SignIn

demo_group = AppGroup("demo", help="The demo company, volumes for load tests, a first charter.")


@demo_group.command("load")
@click.option("--people", type=click.IntRange(1), default=None, help="So many people more, for load tests.")
@click.option("--spaces", type=click.IntRange(1), default=None, help="So many spaces more.")
@click.option("--posts", type=click.IntRange(0), default=None, help="So many posts more.")
@click.option("--comments-per-post", type=click.FloatRange(0, 50), default=1.0, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same number, the same content.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="Where their three years end: today, or this day.",
)
@click.option("--all-passwords", is_flag=True, help="A password for everybody in the demo company.")
def load(
    people: int | None,
    spaces: int | None,
    posts: int | None,
    comments_per_post: float,
    seed: int,
    until: datetime | None,
    all_passwords: bool,
) -> None:
    """Load the demo company and print who can sign in; with a number, load that much instead."""
    try:
        if people or spaces or posts is not None:
            _load_volume(people, spaces, posts, comments_per_post, seed, until)
        else:
            _load_company(seed, all_passwords)
    except NotEmpty as refusal:
        raise click.ClickException(str(refusal)) from refusal


@demo_group.command("starter")
def starter() -> None:
    """Give an installation without charter a first one, with the rules that hang on it."""
    from app.demo.starter import load_starter

    made = load_starter()
    click.echo("A first charter and its rules are in force." if made else "There is a charter already.")


def _load_company(seed: int, all_passwords: bool) -> None:
    from app.demo.load import load_company

    loaded = load_company(seed, all_passwords=all_passwords)
    for surprise in loaded.surprises:
        click.echo(f"Other than expected: {surprise}", err=True)
    click.echo("Who can sign in (these passwords are shown only here):\n")
    _print_table(loaded.sign_ins)


def _print_table(rows: Sequence[SignIn]) -> None:
    logins, passwords = max(len(r.login) for r in rows), max(len(r.password) for r in rows)
    for row in rows:
        click.echo(f"  {row.login:<{logins}}  {row.password:<{passwords}}  {row.role}")


def _load_volume(
    people: int | None, spaces: int | None, posts: int | None, talk: float, seed: int, until: datetime | None
) -> None:
    from app.demo.volume import Size, load_volume

    size = Size.of(people, spaces, posts, talk)
    load_volume(size, seed, until=until.replace(tzinfo=UTC) if until else None, say=click.echo)
