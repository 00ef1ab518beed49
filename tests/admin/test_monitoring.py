import pytest

from app.admin import jobs, monitoring, queries
from app.kernel import clock, settings
from app.kernel.db import db
from app.kernel.jobs import Job
from app.upkeep import write_down
from tests.make import make_person


def test_health_readiness_and_figures_are_told_to_machines(anonymous):
    assert anonymous.get("/healthz").get_json() == {"status": "ok"}
    ready = anonymous.get("/readyz")
    assert (ready.status_code, ready.get_json()["checks"]) == (
        200, {"database": "ok", "migrations": "ok", "jobs": "ok"}
    )  # fmt: skip
    figures = anonymous.get("/metrics").text
    for name in (
        "parvis_requests_total{",
        "parvis_request_seconds_bucket",
        "parvis_sockets ",
        "parvis_jobs_waiting ",
    ):
        assert name in figures


def test_machines_may_call_this_one_by_any_name(anonymous):
    assert anonymous.get("/healthz", base_url="http://parvis-7c9.internal:9000").status_code == 200
    assert anonymous.get("/sign-in", base_url="http://parvis-7c9.internal:9000").status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_nobody_else_is_told(anonymous, path):
    assert anonymous.get(path, environ_overrides={"REMOTE_ADDR": "203.0.113.9"}).status_code == 403


def test_an_older_database_is_not_ready(anonymous, monkeypatch):
    monkeypatch.setattr(monitoring, "newest", lambda: {"9999"})
    answer = anonymous.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["migrations"]) == (503, "behind")


def test_jobs_that_nobody_does_are_told(anonymous, sign_in):
    boss = sign_in(make_person(roles=["admin"]))
    db.session.add(Job(name="x", arguments={}, due_at=clock.now() - 2 * queries._JOB_PATIENCE))
    db.session.flush()
    assert anonymous.get("/readyz").get_json()["checks"]["jobs"] == "late"
    assert "health__one--bad" in boss.get("/admin").text


def test_the_housework_is_written_down_once_and_done(app):
    write_down()
    write_down()
    names = [job.name for job in db.session.query(Job)]
    assert len(names) == len(set(names)) >= 4
    jobs.forget_the_old()
    jobs.remove_loose_files()
    jobs.verify_audit()
    assert settings.get("audit_checked")["is_whole"] is True
