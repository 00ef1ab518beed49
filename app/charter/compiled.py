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
from app.charter.rulebook.models import RuleExemption, RuleVersion
from app.kernel import clock, settings
from app.organisations.models import Organisation
from app.organisations.queries import everything


def compile_current(rules: Sequence[Rule], version: str) -> Policy:
    """The engine's policy for these rules and the present registry."""
    return compile_policy(current_spec(rules, version))


def current_spec(
    rules: Sequence[Rule],
    version: str,
    *,
    tried: Sequence[tuple[str, RuleVersion]] = (),
    exemptions: Sequence[RuleExemption] = (),
    watched: Sequence[RuleSpec] = (),
) -> PolicySpec:
    """What the engine compiles: these rules and the present registry.

    `tried` are versions in their dry run beside the ones that stand, each with the key it reports; `watched`
    are words that alert and never act.
    """
    return PolicySpec(
        rules=(*map(_rule, rules), *(spec_of(key, version) for key, version in tried), *watched),
        organisations=registry(),
        exemptions=(Exemption("work", space_kind="social"), *map(_exemption, exemptions)),
        company=company(),
        version=version,
    )


def registry() -> tuple[OrganisationSpec, ...]:
    """Every organisation as the engine reads it."""
    return tuple(_organisation(organisation) for organisation in everything())


def company() -> Company:
    """What conditions compare with."""
    return Company(
        domain=settings.get("company_domain", ""),
        timezone=settings.get("time_zone", "Europe/Paris"),
        directory_phones=tuple(settings.get("directory_phones", ())),
    )


def spec_of(key: str, said: Rule | RuleVersion, *, state: str = "") -> RuleSpec:
    """A rule, or one version of it, as the engine reads it."""
    scope = {name: frozenset(values) for name, values in said.scope.items() if values}
    return RuleSpec(
        key=key,
        kind=said.kind,
        action=cast(Any, said.action),
        clause=said.clause,
        params=said.params,
        scope=Scope(**scope),
        state=cast(Any, state or said.state),
        version=said.version if isinstance(said, Rule) else said.number,
        fail_mode=cast(Any, said.fail_mode),
    )


def _rule(rule: Rule) -> RuleSpec:
    is_over = rule.expires_at is not None and rule.expires_at <= clock.now()
    return spec_of(rule.key, rule, state="expired" if is_over else "")


def _exemption(row: RuleExemption) -> Exemption:
    return Exemption(
        rule=row.rule,
        role=row.role,
        person=str(row.person_id) if row.person_id else None,
        space=str(row.space_id) if row.space_id else None,
        until=row.until,
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
