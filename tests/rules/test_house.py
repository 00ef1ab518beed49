"""The house as tests: what every later change keeps."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app import wiring
from app.assembly import FEATURES
from app.kernel.db import Base, db
from app.kernel.events import Event

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
PYTHON = sorted(APP.rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted(path for path in (ROOT / "static").rglob("*.js") if "vendor" not in path.parts)

# Open to people who aren't signed in; each for a reason that the comment gives.
PUBLIC = {
    "static",  # style and scripts; the wall stands before them
    "auth.sign_in",  # the form
    "auth.create_session",  # its answer
    "auth.second_step",  # between the password and the session
    "auth.check_code",
    "auth.check_passkey",
    "auth.reset_form",  # proved by the secret of a link
    "auth.reset",
    "accounts.join_form",
    "accounts.join",
    "auth.go_to_provider",  # off to the identity provider, and back
    "auth.come_back",
    "auth.signed_out_elsewhere",  # proved by the provider's signature
    "scim.offer",  # for a directory with a key of its own, which these ask for
    "scim.describe",
    "scim.describe_one",
    "scim.index",
    "scim.search",
    "scim.search_all",
    "scim.create",
    "scim.show",
    "scim.replace",
    "scim.patch",
    "scim.remove",
    "feed.service_worker",  # fetched by the browser itself
    "feed.offline",  # shown without network
    "admin.theme",  # the company's colour, on the sign-in page too
    "admin.manifest",  # fetched by the browser itself
    "admin.monitoring.healthz",  # monitoring networks only, by the wall
    "admin.monitoring.readyz",
    "admin.monitoring.numbers",
    "api.docs.read",  # the description of the API, which names no one
    "api.document.show",
}


def _modules(name: str) -> list[str]:
    places = {feature: APP.joinpath(*feature.split("."), f"{name}.py") for feature in FEATURES}
    return [f"app.{feature}.{name}" for feature, path in places.items() if path.exists()]


def test_only_the_kernel_commits():
    sites = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in PYTHON
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\.commit\(\)", line)
    ]
    assert {site.split(":")[0] for site in sites} == {"app/kernel/action.py"}
    assert len(sites) == 2, sites  # one ends the reading before, one ends the write


@pytest.mark.parametrize("module", _modules("actions"))
def test_every_public_write_is_an_action_or_made_of_actions(module):
    """A public function in actions.py is an `@action`, or writes nothing itself: it calls actions."""
    tree = ast.parse(Path(importlib.import_module(module).__file__).read_text())
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        decorated = any(getattr(d, "id", "") in {"action", "cache"} for d in node.decorator_list)
        writes = re.search(r"session\.(add|delete|merge|execute\((insert|update|delete))", ast.unparse(node))
        assert decorated or not writes, f"{module}.{node.name}"


def _facts() -> set[type[Event]]:
    for module in _modules("events"):
        importlib.import_module(module)
    found: set[type[Event]] = set()
    waiting = [Event]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.startswith("app.") and not kind.__name__.startswith("_"):
                found.add(kind)
    return found


def test_every_fact_is_wired():
    assert _facts() == set(wiring.INSIDE) | set(wiring.AFTER)


def test_every_endpoint_needs_somebody_signed_in_unless_listed(app):
    public = {name for name, view in app.view_functions.items() if getattr(view, "is_public", False)}
    assert public <= PUBLIC, public - PUBLIC
    assert public, "somebody must be able to sign in"


def test_every_live_name_has_a_listener():
    """What the outbox tells is heard by some element, under the same name."""
    heard = "\n".join(path.read_text() for path in SCRIPTS if path.name != "live.js")
    told = set(wiring.MESSAGES) | {"session.ended", "typing"}
    assert {name for name in told if f'"{name}"' not in heard and f" {name}:" not in heard} == set()


def test_every_listener_waits_for_a_name_that_is_told():
    told = set(wiring.MESSAGES) | {"session.ended", "typing"}
    heard = {
        name
        for path in SCRIPTS
        for name in re.findall(r'^\s*"([a-z]+\.[a-z]+)":', path.read_text(), re.M)
        if name.split(".")[0]
        in {"post", "comment", "reactions", "notification", "queue", "space", "session", "entry"}
    }
    assert heard <= told, heard - told


def test_the_database_is_what_the_models_say():
    context = MigrationContext.configure(
        db.session.connection(), opts={"include_object": _ours, "compare_type": True}
    )
    assert compare_metadata(context, Base.metadata if Base.metadata.tables else db.metadatas[None]) == []


def _ours(_object, name, kind, _reflected, _compare_to):
    return not (
        kind in {"table", "index"} and name and (name.startswith("search_index") or name == "alembic_version")
    )


def test_migrations_are_one_line():
    heads, parents = set(), []
    for path in (ROOT / "migrations/versions").glob("*.py"):
        text = path.read_text()
        heads.add(re.search(r"^revision = [\"'](.+)[\"']", text, re.M).group(1))
        parents += re.findall(r"^down_revision = [\"'](.+)[\"']", text, re.M)
    assert len(parents) == len(set(parents)) == len(heads) - 1


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_let_nothing_in(path):
    text = path.read_text()
    assert "|safe" not in text.replace(" ", "")
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "inline handler"
    assert "javascript:" not in text
    assert not re.search(r"<[a-z][^>{]*\sstyle\s*=", text), "inline style"
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script, script


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_let_nothing_in(path):
    text = re.sub(r"//.*|/\*.*?\*/", "", path.read_text())
    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "javascript:",
    ):
        assert way not in text, way


def test_markup_is_made_in_few_places():
    """Text becomes markup in the kernel's one function; elsewhere only what it made, or our own
    templates, is passed on.
    """
    places = {str(path.relative_to(APP)) for path in PYTHON if re.search(r"\bMarkup\(", path.read_text())}
    assert places <= {
        "kernel/text.py",
        "kernel/templating.py",
        "posts/queries.py",
        "posts/cards.py",
        "frame.py",
    }


def test_no_package_host_is_named():
    named = re.compile(r"https?://[^\s\"')]*(pypi|npmjs|pythonhosted|debian|unpkg|jsdelivr)", re.I)
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in tracked.split():
        path = ROOT / name
        if path.suffix in {".txt", ".json", ".in", ".toml", ".md", ".py", ".yaml", ".html", ".js", ".lock"}:
            assert not named.search(path.read_text(errors="ignore")), name


def test_imports_keep_their_contracts():
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_relationships_never_load_behind_ones_back():
    for mapper in Base.registry.mappers if hasattr(Base, "registry") else db.Model.registry.mappers:
        for relationship in mapper.relationships:
            assert relationship.lazy == "raise_on_sql", relationship


@pytest.mark.parametrize("module", _modules("queries"))
def test_lists_never_skip(module):
    """Keyset pages only: an offset costs more the further one reads."""
    assert ".offset(" not in inspect.getsource(importlib.import_module(module))


def test_templates_find_every_way_to_translate(app):
    for name in ("_", "gettext", "ngettext", "pgettext", "npgettext"):
        assert callable(app.jinja_env.globals[name]), name


def test_how_many_rows_were_written_is_asked_in_one_place():
    """A driver may answer -1, which is true."""
    asking = {path.relative_to(APP).as_posix() for path in PYTHON if ".rowcount" in path.read_text()}
    assert asking == {"kernel/store.py"}
