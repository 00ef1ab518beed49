"""What arrives in a form or in an address, without what no database text can hold."""

from __future__ import annotations

import re
from typing import Any

from flask import Request as FlaskRequest
from werkzeug.datastructures import ImmutableMultiDict

_NEVER_TEXT = re.compile("[\0\ud800-\udfff]")


class Fields(ImmutableMultiDict[str, Any]):
    """Fields in the order sent; NUL and lone surrogates are left out of their text.

    PostgreSQL refuses both with an error of its own, at whichever statement meets them first. Readers of
    `inputs` leave them out too; this is for what is compared, shown again or searched for as it was typed.
    """

    def __init__(self, pairs: Any = ()) -> None:
        super().__init__([(name, _storable(value)) for name, value in pairs])


class Request(FlaskRequest):
    """Flask's request, with `Fields` for its form, its files and its query."""

    parameter_storage_class = Fields


def _storable(value: Any) -> Any:
    return _NEVER_TEXT.sub("", value) if isinstance(value, str) else value
