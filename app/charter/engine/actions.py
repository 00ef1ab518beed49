"""The five answers a rule can give, from the mildest to the strictest."""

from collections.abc import Iterable
from typing import Final, Literal, get_args

Action = Literal["allow", "nudge", "flag", "hold", "block"]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
_RANK: Final = {action: rank for rank, action in enumerate(ACTIONS)}


def parse_action(value: object) -> Action:
    """The action of that name, or ValueError."""
    if value not in _RANK:
        raise ValueError(f"unknown action: {value!r}")
    return next(action for action in ACTIONS if action == value)


def strictest(actions: Iterable[Action]) -> Action:
    """The one that decides when several rules answer."""
    return max(actions, key=_RANK.__getitem__, default="allow")


def capped(action: Action, at: Action) -> Action:
    """The action, but never stricter than the cap."""
    return min(action, at, key=_RANK.__getitem__)


def is_at_least(action: Action, floor: Action) -> bool:
    return _RANK[action] >= _RANK[floor]
