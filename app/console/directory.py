"""flask directory: the company's directory (LDAP, Active Directory)."""

from __future__ import annotations

from typing import cast

import click
from flask import current_app
from flask.cli import AppGroup

from app.auth.directory.company import Company
from app.auth.directory.entries import Described
from app.auth.directory.trouble import Trouble
from app.console.speech import plainly
from app.directory.models import STOPPED
from app.directory.plan import Plan, Step
from app.directory.synchronising import preview, synchronise

directory_group = AppGroup("directory", help="The company's directory (LDAP): check it, take people over.")


@directory_group.command("check")
@click.argument("login", required=False)
def check(login: str | None) -> None:
    """Ask each server whether it answers, and with LOGIN what the directory says of that person."""
    company = _company()
    lines = company.check()
    for url, trouble in lines:
        click.echo(f"{'BAD' if trouble else 'ok':<5} {trouble or url}")
    if login:
        _say(_found(company, login), login)
    if all(trouble for _url, trouble in lines):
        raise SystemExit(1)


@directory_group.command("sync")
@click.option("--dry-run", is_flag=True, help="Only say what would change (pictures aside).")
@click.option("--force", is_flag=True, help="Even when unusually many accounts would be closed.")
def sync(dry_run: bool, force: bool) -> None:
    """Take over what the directory says; whoever is gone or disabled there is signed out and closed here."""
    company = _company()
    try:
        with plainly():
            if dry_run:
                _preview(company, preview(company))
                return
            outcome = synchronise(company, force=force)
    except Trouble as problem:
        raise click.ClickException(f"Nothing more was changed: {problem}") from problem
    if outcome.outcome == STOPPED:
        raise click.ClickException(_too_many(company, outcome.plan))
    _list(outcome.done)
    click.echo(f"{outcome.plan.found} people found, {len(outcome.done)} changes.")


def _company() -> Company:
    company = cast("Company | None", current_app.config["DIRECTORY"])
    if company is None:
        raise click.ClickException("No directory is configured: set PARVIS_LDAP_URL and PARVIS_LDAP_BASE.")
    return company


def _found(company: Company, login: str) -> Described | None:
    try:
        return company.find(login)
    except Trouble as problem:
        raise click.ClickException(str(problem)) from problem


def _say(who: Described | None, login: str) -> None:
    if who is None:
        raise click.ClickException(f"{login!r} finds nobody there, or more than one entry.")
    said = {
        "entry": who.dn, "number": who.subject, "login": who.login, "name": who.name, "e-mail": who.email,
        "title": who.title, "team": who.team, "manager": who.manager_dn, "locale": who.locale,
        "groups": "; ".join(sorted(who.groups)), "state": "disabled" if who.is_closed else "active",
    }  # fmt: skip
    for what, value in said.items():
        click.echo(f"{what:<8} {value or '-'}")


def _preview(company: Company, intended: Plan) -> None:
    _list(list(intended.steps))
    click.echo(f"{intended.found} people found, {len(intended.steps)} changes; nothing was changed.")
    if intended.takes_too_many(company.directory.most_gone):
        click.echo(_too_many(company, intended))


def _list(steps: list[Step]) -> None:
    for step in steps:
        fields = f"\t{', '.join(step.fields)}" if step.fields else ""
        click.echo(f"{step.what:<9}{step.login}{fields}")


def _too_many(company: Company, intended: Plan) -> str:
    return (
        f"{intended.closing} of {intended.standing} accounts would be closed, more than the "
        f"{company.directory.most_gone} % that one run may close (PARVIS_LDAP_MOST_GONE). Nothing is changed "
        "unless you say --force."
    )
