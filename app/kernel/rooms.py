"""Who is in which room, findable from both ends."""

from collections import defaultdict
from typing import Any

import socketio

OVER_THE_NETWORK = {"socket_connect_timeout": 2, "socket_keepalive": True}


def room_manager(message_queue: str | None = None) -> Any:
    """The rooms of one process, joined to those of other processes by a queue where there is one."""
    if message_queue is None:
        return LocalRooms()
    options = {} if message_queue.startswith("unix:") else OVER_THE_NETWORK
    return SharedRooms(message_queue, channel="flask-socketio", redis_options=options)


class LocalRooms(socketio.Manager):  # type: ignore[misc]
    """The rooms of one process. It knows those of each client, so that leaving doesn't search through all.

    Each client has a room of its own and more for its person and its session: without this, the end of one
    connection costs as much as there are connections, and the end of all of them blocks the process.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._rooms_of: defaultdict[str, set[str | None]] = defaultdict(set)

    def basic_enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)
        self._rooms_of[sid].add(room)

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        super().basic_leave_room(sid, namespace, room)
        self._rooms_of[sid].discard(room)

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        return [room for room in self._rooms_of.get(sid, ()) if room is not None]

    def basic_disconnect(self, sid: str, namespace: str, **_: Any) -> None:
        for room in list(self._rooms_of.get(sid, ())):
            self.basic_leave_room(sid, namespace, room)
        self._rooms_of.pop(sid, None)
        self.callbacks.pop(sid, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            if sid in pending.get(namespace, ()):
                pending[namespace].remove(sid)
                if not pending[namespace]:
                    del pending[namespace]


class SharedRooms(LocalRooms, socketio.RedisManager):  # type: ignore[misc]
    """The rooms of one process among several, which tell each other what they send."""
