"""flask gate: who may enter. The way back in for somebody locked out."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.console.speech import person, plainly
from app.gate import actions, queries
from app.gate.address import canonical
from app.gate.book import Moment, Rule
from app.kernel import clock
from app.people.actor import Actor, of_person

gate_group = AppGroup(
    "gate", help="Rules that say who may enter: show, allow one more network, try an address, start over."
)


@gate_group.command("show")
def show() -> None:
    """Print the rules that count now, and who stated them."""
    made = queries.rules()
    if made:
        for rule in made:
            click.echo(_line(rule))
        return
    networks = [str(network) for network in queries.admitted()]
    click.echo("From the configuration (PARVIS_NETWORKS); no admin defined others:")
    click.echo("\n".join(networks) or "none: nobody may enter")


@gate_group.command("allow")
@click.argument("network")
@click.argument("name", required=False, default="")
def allow(network: str, name: str) -> None:
    """Let one more NETWORK in, such as 10.20.0.0/16; it takes effect within a second."""
    with plainly():
        actions.allow(network, name)
    click.echo(f"{network} may enter.")


@gate_group.command("simulate")
@click.argument("address")
@click.argument("login", required=False, default="")
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    default=None,
    help="When, by the company's clock; now if left out.",
)
def simulate(address: str, login: str, at: object) -> None:
    """Say whether ADDRESS may enter, or LOGIN from there, and by which rule; ends with 1 when not."""
    who = canonical(address)
    if who is None:
        raise click.BadParameter("give one address, such as 10.20.0.7", param_hint="ADDRESS")
    book = queries.present()
    moment = book.at(at.replace(tzinfo=book.zone) if at else clock.now())  # type: ignore[attr-defined]
    someone = _actor(login) if login else None
    verdict = moment.verdict(someone, who) if someone else moment.wall(who)
    name = f"{login} from {who}" if login else str(who)
    if not verdict.admits:
        rule = "no rule fits" if verdict.place is None else f"rule {verdict.place + 1} says so"
        click.echo(f"{name} is refused: {rule}.")
        raise SystemExit(1)
    click.echo(f"{name} may enter{_how(verdict.effect)}, because of {_reason(moment, verdict.place)}.")


@gate_group.command("reset")
def reset() -> None:
    """Forget what admins defined: PARVIS_NETWORKS counts again."""
    actions.reset()
    click.echo(f"These may enter now: {queries.admitted() or 'nobody'}")


def _actor(login: str) -> Actor:
    found = of_person(person(login).id)
    if found is None:
        raise click.ClickException(f"{login} may not sign in at all.")
    return found


def _how(effect: str) -> str:
    return {"read_only": " to read", "second_factor": " with a second factor"}.get(effect, "")


def _reason(moment: Moment, place: int | None) -> str:
    rule = moment.book.rules[place or 0]
    return f"rule {(place or 0) + 1}: {_line(rule)} (stated by the {moment.book.stated_by})"


def _line(rule: Rule) -> str:
    """One rule in a line: network and name for the plain ones, all that it says for others."""
    if rule.network and rule.is_for_everybody and rule.effect == "allow" and rule.hours is None:
        return f"{rule.network}\t{rule.name}".rstrip()
    whom = [*sorted(rule.roles), *sorted(rule.segments), *sorted(rule.sites), *map(str, sorted(rule.persons))]
    where = [*rule.places, *([rule.network] if rule.network else [])]
    when = [rule.hours.name] if rule.hours else []
    days = [f"from {rule.valid_from}"] * bool(rule.valid_from) + [f"until {rule.valid_to}"] * bool(
        rule.valid_to
    )
    parts = [", ".join(whom) or "everybody", ", ".join(where) or "anywhere", *when, *days]
    return f"{rule.effect}\t{' / '.join(parts)}\t{rule.name}".rstrip()
