"""The steps of the assembly, in the order in which `create_app` takes them."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from flask_babel import Babel

from app import cli, frame, upkeep, wiring
from app.admin import metrics
from app.auth import identity, passwords, stepup
from app.auth import live as auth_live
from app.auth.oidc import Client, Provider
from app.console.work import work_in_background
from app.files import actions as files
from app.files import policy as files_policy
from app.files import storage
from app.gate import queries as gate
from app.gate.address import Address, Resolver, parse_networks
from app.gate.wall import Decision, Wall
from app.kernel import clock, http, keys, limits, live, logs, sockets
from app.kernel import events as facts
from app.kernel.action import done_reading
from app.kernel.db import db, engine_options
from app.kernel.http import Parvis
from app.kernel.origins import Origins
from app.people.actor import Actor
from app.posts import held
from config import Settings

if TYPE_CHECKING:
    from app.auth.directory.company import Company

FEATURES = (
    "people",
    "auth",
    "auth.scim",
    "gate",
    "organisations",
    "files",
    "directory",
    "spaces",
    "accounts",
    "charter",
    "charter.document",
    "charter.learning",
    "charter.rulebook",
    "charter.watch",
    "relevance",
    "posts",
    "feed",
    "search",
    "notifications",
    "moderation",
    "moderation.duty",
    "moderation.health",
    "trials",
    "labelling",
    "playbooks",
    "admin",
    "api",
    "me",
)
LARGEST_REQUEST = 30 * 1024 * 1024
LARGEST_FIELD = 1024 * 1024
MOST_PARTS = 200


class _Migrations:
    """What flask_migrate keeps with an application, made when it is asked for: serving never does."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate  # noqa: PLC0415  brings Alembic

        folder = str(Path(self._app.root_path).parent / "migrations")
        Migrate(self._app, db, directory=folder, render_as_batch=True)
        return getattr(self._app.extensions["migrate"], name)


class _NoCookieSession(SecureCookieSessionInterface):
    """Sessions are rows of ours; Flask's own, which can't be revoked, isn't used."""

    def open_session(self, app: Flask, request: Any) -> Any:
        return self.session_class()

    def save_session(self, app: Flask, session: Any, response: Any) -> None:
        return None


def new_app(settings: Settings, root: Path) -> Parvis:
    """An empty application that knows its settings."""
    app = Parvis("app", root_path=str(root / "app"), template_folder=str(root / "templates"),
                 static_folder=str(root / "static"))  # fmt: skip
    logs.configure(settings.log_format)
    keys.configure(settings.secret_key)
    passwords.configure(cheap=settings.testing)
    storage.configure(settings.files_dir)
    gate.configure(settings.networks, settings.time_zone)
    app.session_interface = _NoCookieSession()
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        SETTINGS=settings,
        ORIGINS=Origins(settings.public_url, settings.bind),
        IS_SECURE=settings.is_secure,
        OIDC=_provider(settings),
        DIRECTORY=_directory(settings),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_FIELD,
        MAX_FORM_PARTS=MOST_PARTS,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        JSON_SORT_KEYS=False,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of Flask's own provider
    return app


def add_database(app: Flask, settings: Settings) -> None:
    """The database and its migrations."""
    Path(settings.data_dir).mkdir(parents=True, exist_ok=True)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.database)
    for feature in FEATURES:
        _module(feature, "models")
    db.init_app(app)
    app.teardown_appcontext(done_reading)
    app.extensions["migrate"] = _Migrations(app)


def add_facts() -> None:
    """Every consequence of every fact, from the wiring."""
    facts.subscribe(inside=wiring.INSIDE, after=wiring.AFTER)
    files_policy.hold(wiring.HOLDERS)
    held.explain_with(wiring.RULINGS)
    live.configure(renderers=wiring.MESSAGES, controls=wiring.CONTROLS, audiences=wiring.AUDIENCES)
    sockets.configure(rooms=_rooms, authenticate=_authenticate, still_valid=auth_live.still_valid,
                      refusal=auth_live.refusal)  # fmt: skip


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


def add_edge(app: Parvis) -> None:
    """Checks, refusals and headers around every view; what every page knows."""
    http.install(app, guard=identity.guard, prove=stepup.require)
    http.take_in_with(_taking_in)
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
        work_in_background(app)


def add_wall(app: Flask, settings: Settings) -> None:
    """The wall, outermost: after the sockets, which put themselves in front of the application."""
    trusted = parse_networks([entry for entry in settings.trusted_proxies if entry != "unix"])
    has_socket = "unix" in settings.trusted_proxies
    resolver = Resolver(trusted, settings.forwarded_header, trust_unix=has_socket)  # type: ignore[arg-type]
    wall = Wall(
        app.wsgi_app,
        _decider(app),
        resolver,
        monitoring=parse_networks(settings.monitoring_networks),
    )
    app.extensions["wall"] = wall
    app.wsgi_app = wall  # type: ignore[method-assign]  # as Flask documents it


def _decider(app: Flask) -> Callable[[Address, Any], Decision]:
    def decide(address: Address, _environ: Any) -> Decision:
        book = gate.remembered()
        if book is None:
            with app.app_context():
                book = gate.present()
        verdict = book.at(clock.now()).wall(address)
        return Decision(verdict.admits, "no rule" if verdict.place is None else f"rule {verdict.place + 1}")

    return decide


def _module(feature: str, name: str) -> Any:
    path = f"app.{feature}.{name}"
    if importlib.util.find_spec(path) is None:
        return None
    return importlib.import_module(path)


def _provider(settings: Settings) -> Client | None:
    """The company's identity provider, if the operator named one."""
    if not settings.oidc_issuer:
        return None
    return Client(
        Provider(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            label=settings.oidc_label,
            scopes=settings.oidc_scopes,
            groups_claim=settings.oidc_groups_claim,
            roles=dict(settings.oidc_roles),
            creates=settings.oidc_create,
        )
    )


def _directory(settings: Settings) -> Company | None:
    """The company's directory, if the operator named one; ConfigError for what can't be asked of it."""
    if not settings.ldap_url:
        return None
    from app.auth.directory.stated import company_of  # noqa: PLC0415  few companies pay for it

    return company_of(settings)


def _blueprints(module: Any) -> Iterable[Any]:
    return [module.bp] if module is not None and hasattr(module, "bp") else []


def _rooms(actor: Actor) -> list[str]:
    return [room for rooms in wiring.ROOMS for room in rooms(actor)]


def _taking_in() -> AbstractContextManager[None]:
    """Files sent with a form are decoded before its transaction begins."""
    sent = [(file.stream, file.filename) for _name, file in request.files.items(multi=True) if file.filename]
    return files.taking_in(http.actor(), sent) if sent else nullcontext()


def _authenticate(auth: Any) -> Actor | None:
    return identity.of_handshake(request.environ, auth)
