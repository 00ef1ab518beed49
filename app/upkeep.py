"""What every serving process keeps doing beside answering, and the work it makes sure is written down."""

from __future__ import annotations

import logging

from flask import Flask
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app import wiring
from app.auth import actions as auth
from app.auth.scim import actions as scim
from app.charter import queries as charter
from app.charter.rulebook import actions as rulebook
from app.kernel.action import action, done_reading
from app.kernel.live import socketio
from app.playbooks import shipping as playbooks

NOTE_SEEN_SECONDS = 60
LOOK_AT_RULES_SECONDS = 1
_log = logging.getLogger(__name__)


def start(app: Flask) -> None:
    """Write down the work that comes back; from now on note each minute which sessions were used."""
    with app.app_context():
        write_down()
    socketio.start_background_task(_note_seen, app)
    socketio.start_background_task(_keep_policy, app)


def write_down() -> None:
    """Every recurring job has its row, every playbook that comes with the product is there; calm when another
    process is writing the same.
    """
    try:
        _schedule()
        playbooks.install()
    except IntegrityError:
        _log.info("another process wrote the same down")
    except SQLAlchemyError:
        _log.exception("what comes back couldn't be written down; the next start tries again")
    finally:
        done_reading()


@action
def _schedule() -> None:
    for work, seconds in wiring.RECURRING.items():
        work.every(seconds)


def _note_seen(app: Flask) -> None:
    while True:
        socketio.sleep(NOTE_SEEN_SECONDS)
        try:
            with app.app_context():
                auth.note_seen()
                scim.note_used()
                rulebook.note_counts()
        except Exception:  # noqa: BLE001 - the database may be away: note it next time
            _log.exception("what was used will be noted in a minute")


def _keep_policy(app: Flask) -> None:
    """Compile the rules when they change, so that no request has to."""
    while True:
        try:
            with app.app_context():
                charter.current_policy()
        except Exception:  # noqa: BLE001 - the database may be away: look again
            _log.exception("the rules will be compiled when they are needed")
        socketio.sleep(LOOK_AT_RULES_SECONDS)
