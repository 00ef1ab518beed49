"""flask gate: who may enter. The way back in for somebody locked out."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.console.speech import plainly
from app.gate import actions
from app.gate.address import canonical, parse_networks
from app.gate.queries import read, rules

gate_group = AppGroup(
    "gate", help="Networks that may enter: show, allow one more, try an address, start over."
)


@gate_group.command("show")
def show() -> None:
    """Print the networks that count now, and who stated them."""
    made = rules()
    if made:
        for rule in made:
            click.echo(f"{rule.network}\t{rule.name}".rstrip())
        return
    networks = [str(network) for network in read(_stated()).networks]
    click.echo("From the configuration (PARVIS_NETWORKS); no admin defined others:")
    click.echo("\n".join(networks) or "none: nobody may enter")


@gate_group.command("allow")
@click.argument("network")
@click.argument("name", required=False, default="")
def allow(network: str, name: str) -> None:
    """Let one more NETWORK in, such as 10.20.0.0/16; it takes effect within a second."""
    with plainly():
        rule = actions.allow(network, name, beside=[str(one) for one in read(_stated()).networks])
    click.echo(f"{rule.network} may enter.")


@gate_group.command("simulate")
@click.argument("address")
def simulate(address: str) -> None:
    """Say whether ADDRESS may enter and by which network; ends with 1 when it may not."""
    who = canonical(address)
    if who is None:
        raise click.BadParameter("give one address, such as 10.20.0.7", param_hint="ADDRESS")
    now = read(_stated())
    by = next((network for network in now.networks if who in parse_networks([str(network)])), None)
    if by is None:
        click.echo(f"{who} is refused: no network holds it.")
        raise SystemExit(1)
    click.echo(f"{who} may enter, because of {by} (stated by the {now.stated_by}).")


@gate_group.command("reset")
def reset() -> None:
    """Forget what admins defined: PARVIS_NETWORKS counts again."""
    actions.reset()
    click.echo(f"These may enter now: {read(_stated()).networks or 'nobody'}")


def _stated() -> tuple[str, ...]:
    networks: tuple[str, ...] = current_app.config["SETTINGS"].networks
    return networks
