from app.charter.policy import can_manage_charter
from app.charter.watch.models import WatchWord
from app.people.actor import Actor


def can_keep_watch(actor: Actor) -> bool:
    """Charter owners and senior moderators say which words alert whom."""
    return can_manage_charter(actor) or actor.is_senior


def knows_word(actor: Actor, word: WatchWord) -> bool:
    """A watched word may be a secret itself: for those who keep them and those whom it alerts."""
    return can_keep_watch(actor) or bool(not actor.is_partner and actor.roles & set(word.roles))
