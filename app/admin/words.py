"""Acts of the log, as a sentence after a name."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

_ACTS: dict[str, Callable[[], str]] = {
    "session.opened": lambda: _("signed in"),
    "session.ended": lambda: _("ended a session"),
    "session.refused": lambda: _("Somebody was refused at sign-in"),
    "person.added": lambda: _("added an account"),
    "person.changed": lambda: _("changed an account"),
    "person.roles": lambda: _("changed somebody’s roles"),
    "person.deactivated": lambda: _("deactivated an account"),
    "person.reactivated": lambda: _("reactivated an account"),
    "password.set": lambda: _("set a password"),
    "token.made": lambda: _("made an API token"),
    "token.revoked": lambda: _("revoked an API token"),
    "gate.changed": lambda: _("changed the rules that say who may enter"),
    "gate.settled": lambda: _("kept rules that shut out their author"),
    "entry.urgent": lambda: _("declared an announcement urgent"),
    "company.changed": lambda: _("changed the company’s settings"),
    "organisation.saved": lambda: _("changed the registry"),
    "organisation.removed": lambda: _("removed an organisation from the registry"),
    "post.published": lambda: _("published a post"),
    "comment.published": lambda: _("wrote a comment"),
    "post.held": lambda: _("wrote a post that waits for a moderator"),
    "comment.held": lambda: _("wrote a comment that waits for a moderator"),
    "file.uploaded": lambda: _("sent a file"),
    "file.discarded": lambda: _("took a file back"),
    "backup.made": lambda: _("A backup was made"),
}


WHOLE = frozenset({"session.refused", "backup.made"})


def spoken(act: str) -> str:
    """The act in the reader's language; its name where it has no sentence yet."""
    known = _ACTS.get(act)
    return known() if known else act
