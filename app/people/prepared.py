"""Questions about what somebody may see: put together once for each kind of actor, filled in when asked.

Putting a statement together costs several times what the database needs to answer it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, cast

from sqlalchemy import BigInteger, bindparam

from app.kernel.reads import Question
from app.people.actor import Actor


def prepared(build: Callable[..., Any]) -> Callable[..., Question]:
    """Remember what `build(actor, *shape)` gives; ask it with `numbers(actor)`.

    The actor it is given is a stand-in: right in segment and roles, with marks in place of the numbers.
    What else the statement depends on is either `shape` (hashable) or a parameter of its own.
    """
    kept: dict[Any, Question] = {}

    @wraps(build)
    def question(actor: Actor, *shape: Any) -> Question:
        kind = (actor.segment, actor.organisation_id is None, actor.roles, shape)
        if kind not in kept:
            kept[kind] = Question(build(_stand_in(actor), *shape))
        return kept[kind]

    return question


def numbers(actor: Actor, **more: Any) -> dict[str, Any]:
    """The parameters of a prepared question for this actor."""
    return {"actor_id": actor.id, "actor_organisation_id": actor.organisation_id, **more}


def _stand_in(actor: Actor) -> Actor:
    mark = cast("int", bindparam("actor_id", type_=BigInteger))
    outside = cast("int", bindparam("actor_organisation_id", type_=BigInteger))
    return replace(actor, id=mark, organisation_id=None if actor.organisation_id is None else outside)
