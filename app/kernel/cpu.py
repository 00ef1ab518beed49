"""Work that would hold the process up (password hashing, pictures) runs beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from gevent import get_hub
from gevent.monkey import is_module_patched

P = ParamSpec("P")
R = TypeVar("R")


def apart(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of `work`, from the hub's thread pool when this process runs on greenlets."""
    if not is_module_patched("threading"):
        return work(*args, **kwargs)

    def caught() -> tuple[R | None, Exception | None]:
        try:
            return work(*args, **kwargs), None
        except Exception as error:  # noqa: BLE001 - raised again below; the pool would print it first
            return None, error

    result, error = get_hub().threadpool.apply(caught)
    if error is not None:
        raise error
    return cast("R", result)
