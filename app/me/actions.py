from __future__ import annotations

from typing import Any

from app.auth import actions as auth
from app.auth.queries import sessions_of, tokens_of
from app.files import actions as files
from app.files.models import File
from app.kernel.action import action
from app.kernel.errors import Conflict, NotFound
from app.me.inputs import Mine
from app.people import actions as people
from app.people.actor import Actor
from app.people.models import Person
from app.people.queries import get_person


@action
def save_profile(actor: Actor, mine: Mine, *, photo: File | None = None) -> Person:
    """Change one's own profile and settings. Conflict when they changed since they were shown."""
    person = get_person(actor.id)
    if mine.version is not None and mine.version != person.version:
        raise Conflict
    fields: dict[str, Any] = {
        "title": mine.title,
        "about": mine.about,
        "skills": mine.skills,
        "locale": mine.locale,
        "theme": mine.theme,
        "time_zone": mine.time_zone,
    }
    if photo is not None:
        fields["photo_id"] = files.hold_as_photo(actor, photo).id
    elif mine.remove_photo:
        files.let_go_of_photo(actor)
        fields["photo_id"] = None
    return people.change_profile(actor, person, **fields)


@action
def cut_off(actor: Actor, session_id: int) -> None:
    """End one of one's own sessions; NotFound when it isn't one."""
    if session_id not in {session.id for session in sessions_of(actor.id)}:
        raise NotFound
    auth.end_session(actor, session_id, why="cut_off")


@action
def cut_off_others(actor: Actor) -> None:
    """End every session of one's own but this one."""
    auth.end_all_sessions(actor, actor.id, why="cut_off", but=actor.session_id)


@action
def revoke(actor: Actor, token_id: int) -> None:
    """Revoke one of one's own tokens; NotFound when it isn't one."""
    if token_id not in {token.id for token in tokens_of(actor.id)}:
        raise NotFound
    auth.revoke_token(actor, token_id)
