"""Writing playbooks: each change is a new version, so that a case keeps the one it began with."""

from __future__ import annotations

import secrets
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, update

from app.kernel import audit, store
from app.kernel.action import action
from app.kernel.db import db
from app.kernel.errors import Invalid, Stale
from app.kernel.policy import require
from app.people.actor import Actor
from app.people.queries import by_login
from app.playbooks import queries
from app.playbooks.models import Playbook, PlaybookCustodian, PlaybookVersion
from app.playbooks.policy import can_edit_playbooks, can_entrust

MOST_CUSTODIANS = 10


@action
def write(actor: Actor, playbook: Playbook | None, content: dict[str, Any], *, base: int = 0) -> Playbook:
    """Keep what was written as the next version of a playbook, or as a new one; Stale when somebody else
    wrote since the version `base`.
    """
    require(can_edit_playbooks(actor))
    if playbook is None:
        playbook, number = Playbook(key=f"own-{secrets.token_hex(6)}", current=1), 1
        db.session.add(playbook)
        db.session.flush()
    else:
        number = base + 1
        following = update(Playbook).where(Playbook.id == playbook.id, Playbook.current == base)
        if not store.changed(following.values(current=number).execution_options(synchronize_session=False)):
            raise Stale
        db.session.refresh(playbook)
    db.session.add(PlaybookVersion(playbook_id=playbook.id, number=number, by_id=actor.id, **content))
    db.session.flush()
    audit.record("playbook.written", actor.id, f"playbook:{playbook.id}", number=number)
    return playbook


@action
def switch(actor: Actor, playbook: Playbook, *, on: bool) -> None:
    """Let a playbook begin, or let none of it begin any more; cases under way go on. Twice is once."""
    require(can_edit_playbooks(actor))
    change = update(Playbook).where(Playbook.id == playbook.id, Playbook.is_on.is_not(on))
    if store.changed(change.values(is_on=on).execution_options(synchronize_session=False)):
        audit.record("playbook.switched", actor.id, f"playbook:{playbook.id}", on=on)
    db.session.refresh(playbook)


@action
def entrust(actor: Actor, playbook: Playbook, logins: str) -> None:
    """Say to whom the cases of a playbook are entrusted from now on; Invalid for somebody unknown here."""
    require(can_entrust(actor))
    names = dict.fromkeys(logins.replace(",", " ").split())
    people = [by_login(name) for name in names]
    unknown = [name for name, one in zip(names, people, strict=True) if one is None or one.is_partner]
    if unknown or len(people) > MOST_CUSTODIANS:
        raise Invalid(fields={"custodians": _("Give at most ten colleagues by the name they sign in with.")})
    chosen = {one.id for one in people if one is not None}
    before = {person_id for person_id, _login, _name in queries.custodians_of(playbook.id)}
    db.session.execute(
        delete(PlaybookCustodian).where(
            PlaybookCustodian.playbook_id == playbook.id, PlaybookCustodian.person_id.not_in(chosen)
        )
    )
    for person_id in sorted(chosen - before):
        db.session.add(PlaybookCustodian(playbook_id=playbook.id, person_id=person_id, by_id=actor.id))
    if chosen != before:
        audit.record("playbook.entrusted", actor.id, f"playbook:{playbook.id}", people=sorted(chosen))
