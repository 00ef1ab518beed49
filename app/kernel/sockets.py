"""Messages from browsers, and who may keep a socket open.

No handler is reachable without a person and a subject they may see; every message is answered. A sweep asks
again, every few seconds, whether each socket's right still stands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, request
from flask_socketio import join_room

from app.kernel.action import done_reading
from app.kernel.allowance import Allowance
from app.kernel.errors import AppError
from app.kernel.live import socketio
from app.kernel.transport import hang_up

if TYPE_CHECKING:
    from app.people.actor import Actor

Subject = TypeVar("Subject")
Answer = dict[str, Any]
SWEEP_EVERY_SECONDS = 2.0
MOST_MESSAGES, WITHIN_SECONDS = 40, 10.0
_log = logging.getLogger(__name__)


@dataclass
class Seat:
    """A socket and the right it stands on."""

    sid: str
    actor: Actor
    address: str
    environ: dict[str, Any]


seats: dict[str, Seat] = {}
messages: dict[str, bool] = {}  # what browsers may say, and whether it writes
_said = Allowance(MOST_MESSAGES, WITHIN_SECONDS)
_rooms: Callable[[Actor], Iterable[str]] = lambda _actor: ()  # noqa: E731 - replaced by the assembly
_authenticate: Callable[[Any], Actor | None] = lambda _auth: None  # noqa: E731
_still_valid: Callable[[list[Seat]], dict[str, Actor]] = lambda _seats: {}  # noqa: E731
_refusal: Callable[..., str | None] = lambda _seat, **_how: None  # noqa: E731


def configure(
    *,
    rooms: Callable[[Actor], Iterable[str]],
    authenticate: Callable[[Any], Actor | None],
    still_valid: Callable[[list[Seat]], dict[str, Actor]],
    refusal: Callable[..., str | None],
) -> None:
    """Install which rooms a person sits in, who a handshake is, which seats still stand (sid → actor), and
    with which code a message of one is refused.
    """
    global _rooms, _authenticate, _still_valid, _refusal
    _rooms, _authenticate, _still_valid, _refusal = rooms, authenticate, still_valid, refusal


def message(
    name: str, *, about: Callable[[Any, int], Subject], writes: bool = False
) -> Callable[[Callable[..., None]], Callable[..., Answer]]:
    """Register a handler; `about` loads the subject for this actor or raises NotFound. One that `writes` is
    refused to whoever may only read.
    """

    def register(handler: Callable[..., None]) -> Callable[..., Answer]:
        @wraps(handler)
        def answer(data: Any = None, *_more: Any) -> Answer:
            seat = seats.get(request.sid)  # type: ignore[attr-defined]
            if seat is None:
                return {"ok": False, "code": "signed_out"}
            if not _said.allows(seat.actor.id):
                return {"ok": False, "code": "too_many"}
            try:
                if code := _refusal(seat, writes=writes):
                    return {"ok": False, "code": code}
                handler(seat.actor, about(seat.actor, 0 if about is themselves else _subject_id(data)))
            except AppError as refusal:
                return {"ok": False, "code": refusal.code}
            except Exception:
                _log.exception("a socket message failed: %s", name)
                return {"ok": False, "code": "internal"}
            finally:
                done_reading()
            return {"ok": True}

        messages[name] = writes
        socketio.on_event(name, answer)
        return answer

    return register


def themselves(actor: Actor, _subject_id: int) -> Actor:
    """The subject of a message that concerns nobody but its sender."""
    return actor


def _subject_id(data: Any) -> int:
    raw = data.get("id", data.get("post_id")) if isinstance(data, dict) else data
    if (
        isinstance(raw, bool)
        or not isinstance(raw, int | str)
        or not str(raw).isascii()
        or len(str(raw)) > 18
    ):
        raise AppError
    if not str(raw).isdigit():
        raise AppError
    return int(raw)


def rooms_with_locale(actor: Actor) -> set[str]:
    """Every room a person's socket sits in."""
    own = [f"person:{actor.id}", "everyone", *_rooms(actor)]
    return {f"{room}/{actor.locale}" for room in own}


def reseat(person_id: int | None = None) -> None:
    """Ask again for the sockets of a person, or of everyone: cut those without right, correct the rooms
    of others.
    """
    asked = [seat for seat in list(seats.values()) if person_id is None or seat.actor.id == person_id]
    if not asked:
        return
    valid = _still_valid(asked)
    for seat in asked:
        person = valid.get(seat.sid)
        if person is None:
            cut(seat, "access_ended")
        elif person_id is not None or person != seat.actor:
            _correct_rooms(seat, person)


def cut(seat: Seat, reason: str) -> None:
    """Tell a socket that its session ended and close it, whatever the other side does."""
    seats.pop(seat.sid, None)
    try:
        socketio.emit("session.ended", {"reason": reason}, to=seat.sid, ignore_queue=True)
        hang_up(socketio, seat.sid)
    except Exception:
        _log.exception("a socket couldn't be closed politely")


def sweep_forever(app: Flask) -> None:
    """Ask again for everyone, every two seconds, in the background."""

    def run() -> None:
        while True:
            socketio.sleep(SWEEP_EVERY_SECONDS)
            try:
                with app.app_context():
                    reseat()
            except Exception:
                _log.exception("the sweep will look again")

    socketio.start_background_task(run)


def _correct_rooms(seat: Seat, person: Actor) -> None:
    seat.actor = person
    manager = socketio.server.manager
    wanted = rooms_with_locale(person)
    present = {r for r in manager.get_rooms(seat.sid, "/") or () if r and r != seat.sid and "/" in r}
    for room in present - wanted:
        manager.basic_leave_room(seat.sid, "/", room)
    for room in wanted - present:
        manager.basic_enter_room(seat.sid, "/", room)


@socketio.on("connect")  # type: ignore[untyped-decorator]
def _connect(auth: Any = None) -> bool | None:
    person = _authenticate(auth)
    done_reading()
    if person is None:
        return False
    sid: str = request.sid  # type: ignore[attr-defined]
    seats[sid] = Seat(sid, person, str(request.environ.get("parvis.address", "")), dict(request.environ))
    for room in rooms_with_locale(person):
        join_room(room)
    done_reading()
    return None


@socketio.on("disconnect")  # type: ignore[untyped-decorator]
def _disconnect(_reason: Any = None) -> None:
    seats.pop(request.sid, None)  # type: ignore[attr-defined]


@socketio.on_error_default  # type: ignore[untyped-decorator]
def _failed(_error: Exception) -> Answer:
    _log.exception("a socket event failed")
    return {"ok": False, "code": "internal"}


__all__ = ["message", "reseat", "seats", "themselves"]
