"""Who may do what, on one page: each line asks the policy that decides, of a person with that role and no
other. Nothing here is a copy of a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from app.accounts.policy import can_invite
from app.admin.policy import can_administer, can_read_rest
from app.charter.document.policy import can_appoint, can_read_drafts
from app.charter.learning.policy import can_see_acceptances
from app.charter.policy import can_manage_charter
from app.charter.rulebook.policy import can_read_rules, can_write_rules
from app.charter.watch.policy import can_keep_watch
from app.gate.policy import can_manage_gate
from app.moderation.duty.policy import can_keep_roster, can_see_roster
from app.moderation.policy import can_keep_replies, can_read_figures, can_see_health, is_reviewer
from app.organisations.policy import can_manage_registry, can_read_registry
from app.people.actor import Actor
from app.people.models import CLIENT, EMPLOYEE, ROLES
from app.people.policy import can_manage_people, can_read_audit
from app.playbooks.policy import can_edit_playbooks, can_entrust, can_read_playbooks
from app.posts.policy import can_announce, can_review
from app.relevance.policy import can_label, can_promote
from app.spaces.models import Space
from app.spaces.policy import can_create, can_read

NOBODY = 0  # belongs to no space, wrote nothing, leads nobody


@dataclass(frozen=True)
class Ability:
    """Something one may do: the policy that says so, the words for it, and what it is asked about."""

    policy: Callable[..., bool]
    says: Callable[[], str]
    about: Callable[[], tuple[object, ...]] = tuple


def _space(visibility: str) -> Callable[[], tuple[object, ...]]:
    """A space of the company to which nobody asked here belongs; it is never stored."""
    return lambda: (Space(id=NOBODY, kind="internal", visibility=visibility),)


ABILITIES = (
    Ability(can_read, lambda: _("Read the open spaces of the company"), _space("open")),
    Ability(can_create, lambda: _("Open spaces")),
    Ability(can_read_registry, lambda: _("Know which clients and suppliers there are")),
    Ability(can_announce, lambda: _("Announce to everybody"), _space("open")),
    Ability(can_read, lambda: _("Read closed spaces without belonging to them"), _space("closed")),
    Ability(is_reviewer, lambda: _("Look at a queue of held and reported content")),
    Ability(can_review, lambda: _("Decide about content of the company’s spaces"), _space("open")),
    Ability(can_manage_charter, lambda: _("Write the charter and its rules")),
    Ability(can_read_rules, lambda: _("Read how the rules are made")),
    Ability(can_write_rules, lambda: _("Make rules and try them")),
    Ability(can_read_playbooks, lambda: _("Read playbooks and set them going")),
    Ability(can_edit_playbooks, lambda: _("Write playbooks")),
    Ability(can_entrust, lambda: _("Say to whom restricted cases are entrusted")),
    Ability(can_keep_replies, lambda: _("Keep the replies that moderators share")),
    Ability(can_keep_watch, lambda: _("Say which words alert whom")),
    Ability(can_see_roster, lambda: _("Know which moderator is on duty")),
    Ability(can_keep_roster, lambda: _("Say which moderator is on duty when")),
    Ability(can_see_health, lambda: _("See how the queue fares")),
    Ability(can_read_figures, lambda: _("Read the figures of moderation, without names")),
    Ability(can_read_drafts, lambda: _("Read drafts of the charter")),
    Ability(can_appoint, lambda: _("Appoint those who sign the charter")),
    Ability(can_see_acceptances, lambda: _("See how far people have accepted the charter")),
    Ability(can_label, lambda: _("Label texts for the classifiers")),
    Ability(can_promote, lambda: _("Choose which classifier is listened to")),
    Ability(can_manage_registry, lambda: _("Keep the registry of clients and suppliers")),
    Ability(can_invite, lambda: _("Invite people, and take lists of them over")),
    Ability(can_manage_people, lambda: _("Open and close accounts, give roles")),
    Ability(can_manage_gate, lambda: _("Say who may enter, from where and when")),
    Ability(can_administer, lambda: _("Change the settings of the company")),
    Ability(can_read_audit, lambda: _("Read the audit log")),
    Ability(can_read_rest, lambda: _("Read how much is written outside of working hours, without names")),
)


@dataclass(frozen=True)
class Line:
    """An ability, and whether each of `kinds` has it, in their order."""

    says: str
    has: tuple[bool, ...]


def kinds() -> list[str]:
    """Those the table has a column for: no role, each role, and a partner."""
    return [EMPLOYEE, *ROLES, CLIENT]


def table() -> Iterator[Line]:
    """Every ability, as the policies answer now."""
    people = [someone(kind) for kind in kinds()]
    for ability in ABILITIES:
        yield Line(ability.says(), tuple(ability.policy(who, *ability.about()) for who in people))


def someone(kind: str) -> Actor:
    """A person of a kind, and nothing more."""
    if kind == CLIENT:
        return Actor(id=NOBODY, login="", name="", segment=CLIENT, organisation_id=NOBODY)
    return Actor(id=NOBODY, login="", name="", roles=frozenset({kind} & set(ROLES)))
