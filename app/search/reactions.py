from app.organisations.events import RegistryChanged
from app.people.events import AccessChanged, PersonChanged
from app.posts.events import CommentPublished, EntryEdited, EntryHidden, EntryRemoved, PostPublished
from app.search import actions
from app.spaces.events import SpaceChanged, SpaceCreated


def post_appeared(event: PostPublished) -> None:
    """With its comments, when it comes back after having been hidden."""
    actions.refresh_thread(event.entry_id)


def entry_changed(event: CommentPublished | EntryEdited) -> None:
    actions.refresh_entry(event.entry_id)


def entry_gone(event: EntryRemoved | EntryHidden) -> None:
    """A post takes its comments along."""
    if event.is_post:
        actions.refresh_thread(event.entry_id)
    else:
        actions.refresh_entry(event.entry_id)


def person_changed(event: PersonChanged | AccessChanged) -> None:
    actions.refresh_person(event.person_id)


def space_changed(event: SpaceCreated | SpaceChanged) -> None:
    actions.refresh_space(event.space_id)


def registry_changed(event: RegistryChanged) -> None:
    actions.refresh_spaces_of(event.organisation_id)
