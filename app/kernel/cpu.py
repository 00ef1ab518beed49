"""Work that would hold the process up (password hashing, pictures) runs beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from gevent import get_hub
from gevent.monkey import is_module_patched

P = ParamSpec("P")
R = TypeVar("R")


def apart(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of `work`, from the hub's thread pool when this process runs on greenlets."""
    if not is_module_patched("threading"):
        return work(*args, **kwargs)
    result: R = get_hub().threadpool.apply(work, args, kwargs)
    return result
