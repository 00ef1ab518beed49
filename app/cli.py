"""Administration from the console."""

from __future__ import annotations

import sys

import click
from flask import Flask
from flask.cli import AppGroup

from app.auth import actions as auth
from app.auth import passwords
from app.demo.console import demo_group
from app.kernel import jobs
from app.kernel.db import db
from app.kernel.errors import AppError
from app.kernel.live import socketio
from app.people import actions as people
from app.people.models import ROLES, SEGMENTS
from app.people.queries import by_login
from app.search.cli import search_group

JOB_PAUSE_SECONDS = 1.0

people_group = AppGroup("people", help="Accounts: add, give tokens and roles, deactivate.")
jobs_group = AppGroup("jobs", help="Work for later.")


def install(app: Flask) -> None:
    """Add the commands to `flask`."""
    for group in (people_group, jobs_group, search_group, demo_group):
        app.cli.add_command(group)


@people_group.command("add")
@click.argument("login")
@click.option("--name", required=True, help="First and last name.")
@click.option("--email", default=None)
@click.option("--segment", type=click.Choice(SEGMENTS), default="employee")
@click.option("--organisation", type=int, default=None, help="Number of a partner's organisation.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES))
@click.option("--admin", is_flag=True, help="The same as --role admin.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_person(login: str, name: str, email: str | None, segment: str, organisation: int | None,
               roles: tuple[str, ...], admin: bool, password_stdin: bool) -> None:  # fmt: skip
    """Make an account and print its generated password, once."""
    held = sorted({*roles, *(["admin"] if admin else [])})
    password = sys.stdin.readline().rstrip("\n") if password_stdin else passwords.generated()
    try:
        person = people.add_person(
            None, login=login, name=name, email=email, segment=segment, organisation_id=organisation, roles=held
        )
        auth.set_password(None, person, password)
    except AppError as refusal:
        raise click.ClickException(_sentence(refusal)) from refusal
    click.echo(person.login if password_stdin else f"{person.login}\t{password}")


@people_group.command("token")
@click.argument("login", required=False)
@click.option("--name", default="console")
@click.option("--all", "everyone", is_flag=True, help="One token for each active person: login<TAB>token.")
def make_token(login: str | None, name: str, everyone: bool) -> None:
    """Print an API token for a person."""
    if everyone:
        from sqlalchemy import select

        from app.people.models import Person

        rows = select(Person.id, Person.login).where(Person.deactivated_at.is_(None)).order_by(Person.login)
        for person_id, who in db.session.execute(rows).all():
            click.echo(f"{who}\t{auth.make_token(None, person_id, name=name)}")
        return
    person = by_login(login or "")
    if person is None:
        raise click.ClickException(f"Nobody signs in as {login!r}.")
    click.echo(auth.make_token(None, person.id, name=name))


@jobs_group.command("work")
def work() -> None:
    """Run jobs until stopped."""
    while True:
        _work_once()
        socketio.sleep(JOB_PAUSE_SECONDS)


def work_in_background(app: Flask) -> None:
    """Run jobs beside a serving process."""

    def run() -> None:
        while True:
            with app.app_context():
                _work_once()
            socketio.sleep(JOB_PAUSE_SECONDS)

    socketio.start_background_task(run)


def _work_once() -> None:
    try:
        while jobs.has_due() and jobs.run_next():
            pass
    except Exception:  # noqa: BLE001 - the database may be away: look again
        jobs.log_trouble()
    finally:
        db.session.rollback()


def _sentence(refusal: AppError) -> str:
    fields = getattr(refusal, "fields", {})
    return "; ".join(f"{field}: {sentence}" for field, sentence in fields.items()) or str(refusal)
