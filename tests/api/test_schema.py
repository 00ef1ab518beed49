"""A fuzzer sends what the document allows, and what it forbids, and finds no answer that isn't declared."""

from __future__ import annotations

import itertools
from contextlib import suppress
from types import SimpleNamespace

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import Failure, FailureGroup
from sqlalchemy import select

from app.auth import actions as auth
from app.charter.models import Rule
from app.kernel.db import db
from app.moderation import actions as moderation
from app.moderation import appeals, measures
from app.moderation.models import Decision, ReviewItem
from tests.make import make_comment, make_post

pytestmark = pytest.mark.one_database

EXAMPLES = 6
OURS = {"If-None-Match", "Idempotency-Key", "If-Match"}
NEEDS_OTHERS = {
    "use_after_free", "ensure_resource_availability", "ignored_auth", "max_response_time",
    "positive_data_acceptance", "missing_required_header", "unsupported_method",
}  # fmt: skip


class _Served:
    """The application as a server sees it: an address, and one context a request."""

    def __init__(self, app):
        self._app = app

    def __call__(self, environ, start_response):
        environ["REMOTE_ADDR"] = "127.0.0.1"
        with self._app.app_context():
            return self._app(environ, start_response)


@pytest.fixture
def known(world, held):
    """Numbers that lead somewhere."""
    from app.moderation.queries import items

    post = make_post(world.ana, world.open, "Hello")
    comment = make_comment(world.bo, post)
    appeal = _appealed(world)
    ruling = db.session.get_one(Decision, appeal.decision_id)
    measure = measures.impose(world.mod, ruling, step="mute_day", reason="To calm down.")
    return SimpleNamespace(
        space_id=world.open.id, post_id=post.id, comment_id=comment.id, person_id=world.bo.id,
        item_id=items(world.mod).items[0].id, file_id="nothing", name="like", version=1,
        appeal_id=appeal.id, decision_id=appeal.decision_id, measure_id=measure.id,
        key=db.session.scalars(select(Rule.key)).first() or "none",
    )  # fmt: skip


def _appealed(world):
    """What Ana contests: a post of hers that was removed."""
    post = make_post(world.ana, world.open, "Removed, and why")
    reported = moderation.report(world.bo, post, clause="4.1")
    item = db.session.get_one(ReviewItem, reported.item_id)
    moderation.claim(world.mod, item)
    ruling = {"outcome": "remove", "clause": "4.1", "reason": "As agreed.", "version": item.version}
    return appeals.lodge(world.ana, moderation.decide(world.mod, item, **ruling), text="Look again.")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_no_answer_is_undeclared(app, world, known, monkeypatch):
    from flask_limiter import Limiter

    for limiter in app.extensions["limiter"]:
        assert isinstance(limiter, Limiter)
        monkeypatch.setattr(limiter, "enabled", False)
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", _Served(app), base_url="http://127.0.0.1:8000"
    )
    tokens = [
        auth.make_token(None, who.id, name="fuzz") for who in (world.ana, world.mod, world.root, world.cli)
    ]
    checks = [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name not in NEEDS_OTHERS]
    assert len(checks) >= 5
    problems = []
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            problems += _fuzz(operation, mode, tokens, known, checks)
    assert not problems, _told(problems)


def _told(problems):
    return f"{len(problems)} problems\n\n" + "\n\n".join(problem[:1500] for problem in problems[:8])


def _fuzz(operation, mode, tokens, known, checks):
    problems, turn = [], itertools.count()

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(operation.as_strategy(generation_mode=mode))
    def sends(case):
        number = next(turn)
        for name in list(case.path_parameters or {}):
            if number % 3 and mode == GenerationMode.POSITIVE:
                case.path_parameters[name] = getattr(known, name)
        case.headers = {name: value for name, value in (case.headers or {}).items() if name in OURS}
        try:
            case.call_and_validate(
                headers={"Authorization": f"Bearer {tokens[number % len(tokens)]}"}, checks=checks
            )
        except (Failure, FailureGroup) as failure:
            problems.append(f"{operation.label} {mode}: {failure}")

    with suppress(Unsatisfiable):  # nothing that this operation reads can be wrong
        sends()
    return problems
