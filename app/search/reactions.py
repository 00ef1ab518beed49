from app.organisations.events import RegistryChanged
from app.people.events import AccessChanged, PeopleImported, PersonChanged
from app.posts.events import (
    CommentPublished,
    EntryEdited,
    EntryHidden,
    EntryRemoved,
    EntryRestored,
    PostMoved,
    PostPublished,
)
from app.search import actions
from app.spaces.events import SpaceChanged, SpaceCreated


def entry_published(event: PostPublished | CommentPublished) -> None:
    actions.add_entry(event.entry_id, is_bare=event.is_bare)


def entry_changed(event: EntryEdited) -> None:
    actions.refresh_entry(event.entry_id)


def entry_gone(event: EntryRemoved | EntryHidden) -> None:
    """A post takes its comments along."""
    _refresh(event)


def entry_returned(event: EntryRestored) -> None:
    """And brings them back."""
    _refresh(event)


def post_moved(event: PostMoved) -> None:
    """Found where it is now, with its comments."""
    actions.refresh_thread(event.entry_id)


def person_changed(event: PersonChanged | AccessChanged) -> None:
    actions.refresh_person(event.person_id)


def people_imported(event: PeopleImported) -> None:
    actions.refresh_people(event.person_ids)


def space_changed(event: SpaceCreated | SpaceChanged) -> None:
    actions.refresh_space(event.space_id)


def registry_changed(event: RegistryChanged) -> None:
    actions.refresh_spaces_of(event.organisation_id)


def _refresh(event: EntryRemoved | EntryHidden | EntryRestored) -> None:
    if event.is_post:
        actions.refresh_thread(event.entry_id)
    else:
        actions.refresh_entry(event.entry_id)
