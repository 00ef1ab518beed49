"""Administration from the console: every group of `flask`, in one place. Imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from click import Command, Context
from flask import Flask
from flask.cli import AppGroup

COMMANDS = {
    "people": "app.console.people:people_group",
    "directory": "app.console.directory:directory_group",
    "gate": "app.console.gate:gate_group",
    "scim": "app.console.scim:scim_group",
    "charter": "app.console.charter:charter_group",
    "audit": "app.console.audit:audit_group",
    "backup": "app.console.backup:backup_group",
    "jobs": "app.console.work:jobs_group",
    "search": "app.search.cli:search_group",
    "demo": "app.demo.console:demo_group",
    "db": "flask_migrate.cli:db",
    "doctor": "app.console.doctor:doctor",
}


class _Commands(AppGroup):
    """Groups that a serving process never needs."""

    def list_commands(self, ctx: Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _colon, name = COMMANDS[cmd_name].partition(":")
        command: Command = getattr(import_module(module), name)
        return command


def install(app: Flask) -> None:
    """Add the commands to `flask`."""
    commands: Any = _Commands(app.name)
    commands.commands |= app.cli.commands
    app.cli = commands
