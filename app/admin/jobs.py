"""The housework that comes back by itself. The wiring says how often."""

from __future__ import annotations

import logging

from app.admin import actions, queries
from app.files import actions as files
from app.kernel import audit
from app.kernel.jobs import job

_log = logging.getLogger(__name__)


@job
def forget_the_old() -> None:
    """What was told, answered or ended long ago goes; twice is once."""
    actions.forget_the_old()


@job
def remove_loose_files() -> None:
    """Files that nobody took go after a day, but those of a draft; so does what a crash left on the disk."""
    files.remove_loose(queries.files_in_drafts())
    files.remove_strays()


@job
def verify_audit() -> None:
    """The whole log is read again; a break is noted, logged and shown to admins."""
    broken = audit.verify()
    actions.note_check(broken is None, broken.seq if broken else audit.length())
    if broken:
        _log.critical("the audit log was altered at entry %d: %s", broken.seq, broken.why)
