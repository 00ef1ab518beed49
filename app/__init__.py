"""Parvis: the social network of one company, on its own network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from config import Settings

ROOT = Path(__file__).resolve().parent.parent


def create_app(config: Settings | None = None) -> Flask:
    """The application, assembled in order: settings, database, facts, edge, features, sockets, wall."""
    from app import assembly
    from config import load

    settings = config or load()
    app = assembly.new_app(settings, ROOT)
    assembly.add_database(app, settings)
    assembly.add_facts()
    assembly.add_identity(app)
    assembly.add_language(app, settings)
    assembly.add_edge(app)
    assembly.add_features(app)
    assembly.add_console(app)
    assembly.add_sockets(app, settings)
    assembly.add_wall(app, settings)
    return app
