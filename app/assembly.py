"""The steps of the assembly, in the order in which `create_app` takes them."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request
from flask.sessions import SecureCookieSessionInterface
from flask_babel import Babel
from flask_migrate import Migrate

from app import cli, frame, upkeep, wiring
from app.admin import metrics
from app.auth import identity, passwords
from app.auth import live as auth_live
from app.files import policy as files_policy
from app.files import storage
from app.gate import queries as gate
from app.gate.address import Address, Resolver, parse_networks
from app.gate.wall import Decision, Wall
from app.kernel import events as facts
from app.kernel import http, keys, limits, live, logs, sockets
from app.kernel.db import db, engine_options
from app.kernel.http import Parvis
from app.kernel.origins import Origins
from app.people.actor import Actor
from app.posts import held
from config import Settings

FEATURES = (
    "people", "auth", "gate", "organisations", "files", "spaces", "charter", "relevance", "posts", "feed",
    "search", "notifications", "moderation", "labelling", "admin", "api", "me",
)  # fmt: skip
LARGEST_REQUEST = 30 * 1024 * 1024
LARGEST_FIELD = 1024 * 1024
MOST_PARTS = 200


class _NoCookieSession(SecureCookieSessionInterface):
    """Sessions are rows of ours; Flask's own, which can't be revoked, isn't used."""

    def open_session(self, app: Flask, request: Any) -> Any:
        return self.session_class()

    def save_session(self, app: Flask, session: Any, response: Any) -> None:
        return None


def new_app(settings: Settings, root: Path) -> Flask:
    """An empty application that knows its settings."""
    app = Parvis("app", root_path=str(root / "app"), template_folder=str(root / "templates"),
                 static_folder=str(root / "static"))  # fmt: skip
    logs.configure(settings.log_format)
    keys.configure(settings.secret_key)
    passwords.configure(cheap=settings.testing)
    storage.configure(settings.files_dir)
    app.session_interface = _NoCookieSession()
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        SETTINGS=settings,
        ORIGINS=Origins(settings.public_url, settings.bind),
        IS_SECURE=settings.is_secure,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_FIELD,
        MAX_FORM_PARTS=MOST_PARTS,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        JSON_SORT_KEYS=False,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    return app


def add_database(app: Flask, settings: Settings) -> None:
    """The database and its migrations."""
    Path(settings.data_dir).mkdir(parents=True, exist_ok=True)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.database)
    for feature in FEATURES:
        _module(feature, "models")
    db.init_app(app)
    Migrate(app, db, directory=str(Path(app.root_path).parent / "migrations"), render_as_batch=True)


def add_facts() -> None:
    """Every consequence of every fact, from the wiring."""
    facts.subscribe(inside=wiring.INSIDE, after=wiring.AFTER)
    files_policy.hold(wiring.HOLDERS)
    held.explain_with(wiring.RULINGS)
    live.configure(renderers=wiring.MESSAGES, controls=wiring.CONTROLS, audiences=wiring.AUDIENCES)
    sockets.configure(rooms=_rooms, authenticate=_authenticate, still_valid=_still_valid)


def add_identity(app: Flask) -> None:
    """Who asks."""
    identity.login_manager.init_app(app)


def add_language(app: Flask, settings: Settings) -> None:
    """French and English, by person, then by browser."""
    app.config.update(BABEL_DEFAULT_LOCALE="fr", BABEL_TRANSLATION_DIRECTORIES="../translations")
    Babel(
        app,
        locale_selector=frame.locale,
        timezone_selector=frame.time_zone,
        default_timezone=settings.time_zone,
    )


def add_edge(app: Flask) -> None:
    """Checks, refusals and headers around every view; what every page knows."""
    http.install(app)
    settings: Settings = app.config["SETTINGS"]
    limits.install(app, per_person=settings.writes_per_minute, redis_url=settings.redis_url)
    frame.install(app)


def add_features(app: Flask) -> None:
    """The routes, the API and the socket messages of every feature that has them."""
    for feature in FEATURES:
        for edge in ("routes", "api"):
            module = _module(feature, edge)
            for blueprint in _blueprints(module):
                app.register_blueprint(blueprint)
        _module(feature, "sockets")
        _module(feature, "jobs")
    metrics.install(app)
    app.view_functions["static"] = http.public(app.view_functions["static"])


def add_console(app: Flask) -> None:
    """The commands of `flask`."""
    cli.install(app)


def add_sockets(app: Flask, settings: Settings) -> None:
    """Sockets and the relay; `start` sets the relay, the sweep and the job worker going in a serving
    process.
    """
    redis_url = settings.redis_url
    app.extensions["relay"] = live.install(app, redis_url=redis_url, admits=app.config["ORIGINS"].admits)


def start(app: Flask) -> None:
    """Set going what a serving process does beside answering: relay, bell, sweep, jobs."""
    settings: Settings = app.config["SETTINGS"]
    relay = app.extensions["relay"]
    relay.start()
    sockets.sweep_forever(app)
    if settings.redis_url:
        live.listen_to_other_processes(relay, settings.redis_url)
    upkeep.start(app)
    if settings.job_worker == "inside":
        cli.work_in_background(app)


def add_wall(app: Flask, settings: Settings) -> None:
    """The wall, outermost: after the sockets, which put themselves in front of the application."""
    trusted = parse_networks([entry for entry in settings.trusted_proxies if entry != "unix"])
    has_socket = "unix" in settings.trusted_proxies
    resolver = Resolver(trusted, settings.forwarded_header, trust_unix=has_socket)  # type: ignore[arg-type]
    wall = Wall(
        app.wsgi_app,
        _decider(app, settings),
        resolver,
        monitoring=parse_networks(settings.monitoring_networks),
    )
    app.extensions["wall"] = wall
    app.wsgi_app = wall  # type: ignore[method-assign]


def _decider(app: Flask, settings: Settings) -> Callable[[Address, Any], Decision]:
    def decide(address: Address, _environ: Any) -> Decision:
        with app.app_context():
            admission = gate.admission(settings.networks)
            db.session.rollback()
        return Decision(address in admission.networks, admission.stated_by)

    return decide


def _module(feature: str, name: str) -> Any:
    path = f"app.{feature}.{name}"
    if importlib.util.find_spec(path) is None:
        return None
    return importlib.import_module(path)


def _blueprints(module: Any) -> Iterable[Any]:
    return [module.bp] if module is not None and hasattr(module, "bp") else []


def _rooms(actor: Actor) -> list[str]:
    return [room for rooms in wiring.ROOMS for room in rooms(actor)]


def _authenticate(auth: Any) -> Actor | None:
    return identity.of_handshake(request.environ, auth)


def _still_valid(seats: list[sockets.Seat]) -> dict[str, Actor]:
    """Seats whose address is still inside and whose session still stands."""
    admission = gate.admission(current_app.config["SETTINGS"].networks)
    inside = [seat for seat in seats if seat.environ.get("parvis.address") in admission.networks]
    return auth_live.still_valid(inside)
