"""From the rules and the registry, as they are stored, to what the engine evaluates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from app.charter.engine import (
    Alias,
    Company,
    Contact,
    Exemption,
    OrganisationSpec,
    Policy,
    PolicySpec,
    RuleSpec,
    Scope,
    compile_policy,
)
from app.charter.models import Rule
from app.kernel import settings
from app.organisations.models import Organisation
from app.organisations.queries import everything


def compile_current(rules: Sequence[Rule], version: str) -> Policy:
    """The engine's policy for these rules and the present registry."""
    return compile_policy(current_spec(rules, version))


def current_spec(rules: Sequence[Rule], version: str) -> PolicySpec:
    """What the engine compiles: these rules and the present registry."""
    return PolicySpec(
        rules=tuple(_rule(rule) for rule in rules),
        organisations=tuple(_organisation(organisation) for organisation in everything()),
        exemptions=(Exemption("work", space_kind="social"),),
        company=Company(
            domain=settings.get("company_domain", ""),
            timezone=settings.get("time_zone", "Europe/Paris"),
            directory_phones=tuple(settings.get("directory_phones", ())),
        ),
        version=version,
    )


def _rule(rule: Rule) -> RuleSpec:
    scope = {name: frozenset(values) for name, values in rule.scope.items() if values}
    return RuleSpec(
        key=rule.key,
        kind=rule.kind,
        action=cast(Any, rule.action),
        clause=rule.clause,
        params=rule.params,
        scope=Scope(**scope),
        state=cast(Any, rule.state),
        version=rule.version,
    )


def _organisation(organisation: Organisation) -> OrganisationSpec:
    return OrganisationSpec(
        id=str(organisation.id),
        roles=frozenset(organisation.roles),
        name=organisation.name,
        aliases=tuple(Alias(alias.text, cast(Any, alias.mode)) for alias in organisation.aliases),
        domains=tuple(organisation.domains),
        siren=organisation.siren or "",
        contacts=tuple(Contact(c.name, emails=(c.email,) if c.email else ()) for c in organisation.contacts),
        valid_to=organisation.valid_to,
    )
