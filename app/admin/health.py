"""How the product is doing, in the words of the overview."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app
from flask_babel import format_date, format_number, ngettext
from flask_babel import gettext as _

from app.admin.queries import is_late, jobs_state
from app.charter import queries as charter
from app.directory.models import FAILED, STOPPED
from app.directory.queries import last_runs
from app.files import storage
from app.kernel import clock, settings, sockets
from app.kernel.db import is_sqlite
from app.relevance import queries as relevance
from app.relevance.classifier.model import TASKS

GOOD, WARN, BAD = "good", "warn", "bad"
_LITTLE_DISK, _NO_DISK = 5 * 2**30, storage.LEAST_FREE
_OLD_BACKUP_DAYS = 7


def report() -> list[dict[str, str]]:
    """One line a part: key, tone and a few words."""
    parts = {
        "database": _database,
        "live": _live,
        "jobs": _jobs,
        "disk": _disk,
        "backup": _backup,
        "audit": _audit,
        "gate": _gate,
        "ldap": _directory,
        "charter": _charter,
        "mail": _mail,
    }
    return [
        {"key": key, "tone": tone, "value": value}
        for key, (tone, value) in ((k, p()) for k, p in parts.items())
    ]


def _database() -> tuple[str, str]:
    return GOOD, _("SQLite, embedded") if is_sqlite() else "PostgreSQL"


def _live() -> tuple[str, str]:
    return GOOD, format_number(len(sockets.seats))


def _jobs() -> tuple[str, str]:
    state = jobs_state()
    if state.troubled:
        tone = WARN if not is_late(state) else BAD
        return tone, ngettext("%(num)s in trouble", "%(num)s in trouble", state.troubled)
    if is_late(state):
        return BAD, _("%(n)s, and nobody does them", n=format_number(state.waiting))
    return GOOD, format_number(state.waiting)


def _disk() -> tuple[str, str]:
    free = storage.free_bytes()
    tone = BAD if free < _NO_DISK else WARN if free < _LITTLE_DISK else GOOD
    return tone, _("%(n)s GB", n=format_number(round(free / 2**30)))


def _backup() -> tuple[str, str]:
    at = settings.get("backup_at")
    if at is None:
        return WARN, _("none yet")
    days = (clock.now() - clock.instant(at)).days
    return (WARN if days > _OLD_BACKUP_DAYS else GOOD), str(format_date(clock.instant(at)))


def _audit() -> tuple[str, str]:
    checked: dict[str, Any] | None = settings.get("audit_checked")
    if checked is None:
        return WARN, _("not verified yet")
    if not checked["is_whole"]:
        return BAD, _("altered at entry %(n)s", n=format_number(checked["seq"]))
    return GOOD, _("whole on %(date)s", date=format_date(clock.instant(checked["at"])))


def _charter() -> tuple[str, str]:
    failing = charter.failing(clock.now() - timedelta(days=1))
    if not failing and any(map(relevance.is_unreadable, TASKS)):
        return WARN, _("a model can’t be read and says nothing")
    if not failing:
        return GOOD, _("every rule answers")
    told = ngettext(
        "%(num)s rule gave no answer since yesterday (%(rules)s)",
        "%(num)s rules gave no answer since yesterday (%(rules)s)",
        len(failing),
        rules=", ".join(sorted(failing)[:3]),
    )
    return BAD, told


def _gate() -> tuple[str, str]:
    wall = current_app.extensions["wall"]
    if wall.ignored_forwarding.total:
        return WARN, _("headers from hosts that are no trusted proxy")
    return GOOD, ngettext("%(num)s refusal", "%(num)s refusals", wall.denials.total)


def _directory() -> tuple[str, str]:
    if current_app.config["DIRECTORY"] is None:
        return GOOD, _("off")
    last = next(iter(last_runs()), None)
    if last is None:
        return WARN, _("not synchronised yet")
    if last.outcome == STOPPED:
        return BAD, _("stopped: too many accounts would be closed")
    if last.outcome == FAILED:
        return BAD, _("didn’t answer on %(date)s", date=format_date(last.started_at))
    return GOOD, str(format_date(last.started_at))


def _mail() -> tuple[str, str]:
    return GOOD, _("on") if current_app.config["SETTINGS"].smtp_url else _("off")
