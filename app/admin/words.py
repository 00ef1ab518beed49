"""Acts of the log, as a sentence after a name."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask_babel import gettext as _

from app.kernel.audit import AuditEntry

_ACTS: dict[str, Callable[[], str]] = {
    "session.opened": lambda: _("signed in"),
    "session.ended": lambda: _("ended a session"),
    "session.refused": lambda: _("Somebody was refused at sign-in"),
    "person.added": lambda: _("added an account"),
    "person.changed": lambda: _("changed an account"),
    "person.roles": lambda: _("changed somebody’s roles"),
    "person.deactivated": lambda: _("deactivated an account"),
    "person.reactivated": lambda: _("reactivated an account"),
    "identity.linked": lambda: _("An account was linked to its owner elsewhere"),
    "identity.role_kept": lambda: _(
        "A role that groups would have taken away stayed: the last administrator’s"
    ),
    "directory.synchronised": lambda: _("The company’s directory was synchronised"),
    "directory.looked_up": lambda: _("looked somebody up in the company’s directory"),
    "person.provisioned": lambda: _("took over an account from the directory"),
    "person.unprovisioned": lambda: _("closed an account that the directory gave up"),
    "group.provisioned": lambda: _("took over a group from the directory"),
    "group.unprovisioned": lambda: _("gave up a group of the directory"),
    "group.granted": lambda: _("said what a group of the directory gives"),
    "group.withdrawn": lambda: _("took away what a group of the directory gave"),
    "provisioning.key_made": lambda: _("made a key for provisioning"),
    "provisioning.key_revoked": lambda: _("revoked a key for provisioning"),
    "person.ended": lambda: _("A partner’s time ended"),
    "person.extended": lambda: _("changed the end of a partner’s time"),
    "people.imported": lambda: _("imported a list of people"),
    "invitation.made": lambda: _("invited somebody"),
    "invitation.revoked": lambda: _("took an invitation back"),
    "invitation.used": lambda: _("joined with an invitation"),
    "invitation.approved": lambda: _("let in somebody who was invited"),
    "invitation.refused": lambda: _("did not let in somebody who was invited"),
    "password.link": lambda: _("made a link to choose a password"),
    "session.proven": lambda: _("proved again who they are"),
    "password.set": lambda: _("set a password"),
    "token.made": lambda: _("made an API token"),
    "token.revoked": lambda: _("revoked an API token"),
    "gate.changed": lambda: _("changed the rules that say who may enter"),
    "gate.settled": lambda: _("kept rules that shut out their author"),
    "entry.urgent": lambda: _("declared an announcement urgent"),
    "company.changed": lambda: _("changed the company’s settings"),
    "organisation.saved": lambda: _("changed the registry"),
    "organisation.removed": lambda: _("removed an organisation from the registry"),
    "organisation.merged": lambda: _("merged two organisations"),
    "registry.imported": lambda: _("imported a list of organisations"),
    "rule.saved": lambda: _("installed a rule"),
    "rule.proposed": lambda: _("wrote a version of a rule"),
    "rule.test": lambda: _("declared a rule tested"),
    "rule.dry_run": lambda: _("started the dry run of a rule"),
    "rule.cap": lambda: _("let a rule act, capped at flag"),
    "rule.ask": lambda: _("asked for a rule to be put into force"),
    "rule.go_live": lambda: _("put a rule into force"),
    "rule.emergency": lambda: _("put a rule into force for 72 hours"),
    "rule.lower": lambda: _("capped a rule at flag"),
    "rule.clear": lambda: _("looked at a tripped rule"),
    "rule.pause": lambda: _("paused a rule"),
    "rule.resume": lambda: _("took a rule up again"),
    "rule.retire": lambda: _("retired a rule"),
    "rule.trip": lambda: _("A rule tripped"),
    "rule.expire": lambda: _("A rule expired"),
    "rule.exempted": lambda: _("exempted somebody from a rule"),
    "rule.exemption_ended": lambda: _("ended an exemption"),
    "rule.case_taken": lambda: _("took an example from an appeal"),
    "rule.case_dropped": lambda: _("left an example from an appeal"),
    "hours.changed": lambda: _("changed the hours of moderation"),
    "duty.added": lambda: _("put somebody on duty"),
    "duty.dropped": lambda: _("took a slot from the roster"),
    "duty.replaced": lambda: _("had somebody stand in on duty"),
    "item.spreading": lambda: _("A case was found to spread fast"),
    "watch.kept": lambda: _("began to watch for words"),
    "watch.ended": lambda: _("ended a watch for words"),
    "backtest.asked": lambda: _("tried a rule on past messages"),
    "backtest.stopped": lambda: _("stopped the trial of a rule"),
    "backtest.excerpt_opened": lambda: _("opened an excerpt of a past message"),
    "backtest.labelled": lambda: _("labelled a hit of a rule"),
    "post.published": lambda: _("published a post"),
    "comment.published": lambda: _("wrote a comment"),
    "post.held": lambda: _("wrote a post that waits for a moderator"),
    "comment.held": lambda: _("wrote a comment that waits for a moderator"),
    "file.uploaded": lambda: _("sent a file"),
    "file.discarded": lambda: _("took a file back"),
    "backup.made": lambda: _("A backup was made"),
}


WHOLE = frozenset(
    {
        "session.refused", "person.ended", "backup.made", "identity.linked", "identity.role_kept",
        "directory.synchronised",
    }
)  # fmt: skip


def spoken(act: str) -> str:
    """The act in the reader's language; its name where it has no sentence yet."""
    known = _ACTS.get(act)
    return known() if known else act


def speaker(entry: AuditEntry) -> str:
    """Who did what nobody in particular did."""
    by = json.loads(entry.record)["data"].get("by")
    return _("Provisioning") if by == "provisioning" else "Parvis"
