"""Administration from the console: every group of `flask`, in one place."""

from __future__ import annotations

from flask import Flask

from app.console import classify
from app.console.audit import audit_group
from app.console.backup import backup_group
from app.console.charter import charter_group
from app.console.doctor import doctor
from app.console.gate import gate_group
from app.console.people import people_group
from app.console.work import jobs_group, work_in_background
from app.demo.console import demo_group
from app.search.cli import search_group

COMMANDS = (
    people_group,
    gate_group,
    charter_group,
    audit_group,
    backup_group,
    jobs_group,
    search_group,
    demo_group,
    doctor,
)


def install(app: Flask) -> None:
    """Add the commands to `flask`."""
    for command in COMMANDS:
        app.cli.add_command(command)
    for command in (classify.train, classify.score):
        charter_group.add_command(command)


__all__ = ["install", "work_in_background"]
