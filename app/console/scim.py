"""flask scim: keys with which the company's directory provisions people and groups."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.auth.scim import actions, queries
from app.console.speech import plainly

scim_group = AppGroup("scim", help="Provisioning by the company's directory (SCIM 2.0): its keys.")


@scim_group.command("key")
@click.argument("name")
@click.option(
    "--days", type=click.IntRange(1, 3_650), default=None, help="How long it is valid; else no end."
)
def key(name: str, days: int | None) -> None:
    """Make a key for NAME and print it, once."""
    with plainly():
        click.echo(actions.make_key(None, name=name[:80], days=days))


@scim_group.command("keys")
def keys() -> None:
    """Print the keys that stand: number, name, last use, end."""
    for one in queries.standing_keys():
        used = f"{one.used_at:%Y-%m-%d}" if one.used_at else "never used"
        ends = f"until {one.expires_at:%Y-%m-%d}" if one.expires_at else "no end"
        click.echo(f"{one.id}\t{one.name}\t{used}\t{ends}")


@scim_group.command("revoke")
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """Revoke the key with this NUMBER at once."""
    with plainly():
        actions.revoke_key(None, number)
    click.echo("The directory can't use it any more.")
