"""flask jobs: work for later."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select

from app import upkeep
from app.kernel import jobs
from app.kernel.action import done_reading
from app.kernel.db import db
from app.kernel.jobs import Job
from app.kernel.live import socketio

PAUSE_SECONDS = 1
jobs_group = AppGroup("jobs", help="Work for later: do it, look at it.")


@jobs_group.command("work")
def work() -> None:
    """Do jobs until stopped; with PARVIS_JOB_WORKER=outside somebody has to."""
    upkeep.write_down()
    while True:
        work_once()
        socketio.sleep(PAUSE_SECONDS)


@jobs_group.command("list")
def show() -> None:
    """Print what waits: due, name, attempts, the last trouble."""
    for job in db.session.scalars(select(Job).order_by(Job.due_at)):
        click.echo(
            f"{job.due_at:%Y-%m-%d %H:%M:%S}\t{job.name}\t{job.attempts}\t{job.trouble[:120]}".rstrip()
        )


def work_in_background(app: Flask) -> None:
    """Do jobs beside a serving process."""

    def run() -> None:
        while True:
            with app.app_context():
                work_once()
            socketio.sleep(PAUSE_SECONDS)

    socketio.start_background_task(run)


def work_once() -> None:
    """Do what is due now."""
    try:
        while jobs.has_due() and jobs.run_next():
            pass
    except Exception:  # noqa: BLE001 - the database may be away: look again
        jobs.log_trouble()
    finally:
        done_reading()
