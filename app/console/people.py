"""flask people: accounts."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.auth import actions as auth
from app.auth import factors, passwords
from app.console.speech import person, plainly
from app.kernel.db import db
from app.people import actions as people
from app.people.models import ROLES, SEGMENTS, Person

people_group = AppGroup("people", help="Accounts: add, give tokens, passwords and roles, deactivate.")


@people_group.command("add")
@click.argument("login")
@click.option("--name", required=True, help="First and last name.")
@click.option("--email", default=None)
@click.option("--segment", type=click.Choice(SEGMENTS), default="employee")
@click.option("--organisation", type=int, default=None, help="Number of a partner's organisation.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES))
@click.option("--admin", is_flag=True, help="The same as --role admin.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(login: str, name: str, email: str | None, segment: str, organisation: int | None,
        roles: tuple[str, ...], admin: bool, password_stdin: bool) -> None:  # fmt: skip
    """Make an account and print its generated password, once."""
    held = sorted({*roles, *(["admin"] if admin else [])})
    chosen = _password(password_stdin)
    with plainly():
        made = people.add_person(
            None,
            login=login,
            name=name,
            email=email,
            segment=segment,
            organisation_id=organisation,
            roles=held,
        )
        auth.set_password(None, made, chosen)
    click.echo(made.login if password_stdin else f"{made.login}\t{chosen}")


@people_group.command("list")
@click.option("--all", "everyone", is_flag=True, help="Those who were deactivated too.")
def show(everyone: bool) -> None:
    """Print who there is: login, name, segment, roles."""
    rows = select(Person).order_by(Person.login)
    for one in db.session.scalars(rows if everyone else rows.where(Person.deactivated_at.is_(None))):
        left = "\tdeactivated" if one.deactivated_at else ""
        click.echo(f"{one.login}\t{one.name}\t{one.segment}\t{','.join(one.roles)}{left}")


@people_group.command("token")
@click.argument("login", required=False)
@click.option("--name", default="console", help="What the token is for.")
@click.option("--all", "everyone", is_flag=True, help="One token for each active person: login<TAB>token.")
def token(login: str | None, name: str, everyone: bool) -> None:
    """Print an API token for a person."""
    if not everyone:
        click.echo(auth.make_token(None, person(login or "").id, name=name))
        return
    rows = select(Person.id, Person.login).where(Person.deactivated_at.is_(None)).order_by(Person.login)
    for person_id, who in db.session.execute(rows).all():
        click.echo(f"{who}\t{auth.make_token(None, person_id, name=name)}")


@people_group.command("role")
@click.argument("login")
@click.argument("roles", nargs=-1, type=click.Choice(ROLES))
def role(login: str, roles: tuple[str, ...]) -> None:
    """Give a person exactly these ROLES; none takes all away."""
    with plainly():
        changed = people.set_roles(None, person(login), list(roles))
    click.echo(f"{changed.login}: {', '.join(changed.roles) or 'no role'}")


@people_group.command("password")
@click.argument("login")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def password(login: str, password_stdin: bool) -> None:
    """Set a new password, print it once when it was generated, and sign the person out everywhere."""
    who, chosen = person(login), _password(password_stdin)
    with plainly():
        auth.set_password(None, who, chosen)
    click.echo(who.login if password_stdin else f"{who.login}\t{chosen}")


@people_group.command("reset-second-factor")
@click.argument("login")
def reset_second_factor(login: str) -> None:
    """Take the second factors from somebody who lost theirs; their password stays."""
    with plainly():
        factors.reset(None, person(login))
    click.echo(f"{login} signs in with the password alone until they enrol again.")


@people_group.command("deactivate")
@click.argument("login")
def deactivate(login: str) -> None:
    """Close an account: signed out everywhere within seconds; what they wrote stays."""
    with plainly():
        people.deactivate(None, person(login))
    click.echo(f"{login} can't sign in any more.")


@people_group.command("reactivate")
@click.argument("login")
def reactivate(login: str) -> None:
    """Open a closed account again."""
    with plainly():
        people.reactivate(None, person(login))
    click.echo(f"{login} can sign in again.")


def _password(from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\n") if from_stdin else passwords.generated()
