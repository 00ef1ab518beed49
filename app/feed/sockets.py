"""Small things that open pages say while people read and write; nothing of it is stored."""

from __future__ import annotations

from flask import request

from app.kernel import live, sockets
from app.kernel.allowance import Allowance
from app.kernel.changes import SPACE
from app.kernel.errors import NotFound, TooMany
from app.people.actor import Actor
from app.posts.models import PUBLISHED, Entry
from app.posts.policy import can_comment
from app.posts.queries import get_post
from app.spaces.models import Space
from app.spaces.queries import get_space

MOST_SIGNS, WITHIN_SECONDS = 5, 10.0
_typed = Allowance(MOST_SIGNS, WITHIN_SECONDS)


def get_thread(actor: Actor, post_id: int) -> Entry:
    """A post that this person may answer; what isn't public has no audience to tell."""
    entry = get_post(actor, post_id)
    if entry.state != PUBLISHED or not can_comment(actor, entry):
        raise NotFound
    return entry


@sockets.message("space.watch", about=get_space)
def watch(_actor: Actor, _space: Space) -> None:
    """A space is on the screen; its rooms were joined by right when the socket opened."""


@sockets.message("space.unwatch", about=get_space)
def unwatch(_actor: Actor, _space: Space) -> None:
    """It no longer is; rights, not screens, decide what is heard."""


@sockets.message("typing", about=get_thread, writes=True)
def typing(actor: Actor, thread: Entry) -> None:
    """Whoever reads the thread sees that an answer is on its way; said again at once, it isn't passed on."""
    if not _typed.allows(actor.id):
        raise TooMany
    told = {"post_id": thread.id, "person_id": actor.id, "name": actor.name}
    for room in live.rooms(SPACE, thread.space_id):
        live.typing(room, told, but=request.sid)  # type: ignore[attr-defined]


@sockets.message("presence", about=sockets.themselves)
def presence(_actor: Actor, _oneself: Actor) -> None:
    """Still there; the answer says that the socket is, too."""
