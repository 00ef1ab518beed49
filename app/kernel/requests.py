"""What arrives in a form or in an address, without what no database text can hold; a body that can't be read
is the caller's fault.
"""

from __future__ import annotations

import re
from io import RawIOBase
from typing import IO, Any
from urllib.parse import parse_qsl

from flask import Request as FlaskRequest
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import ClientDisconnected
from werkzeug.utils import cached_property

_NEVER_TEXT = re.compile("[\0\ud800-\udfff]")


class Fields(ImmutableMultiDict[str, Any]):
    """The fields of a form in the order sent; NUL and lone surrogates are left out of their text.

    PostgreSQL refuses both with an error of its own, at whichever statement meets them first. Readers of
    `inputs` leave them out too; this is for what is compared, shown again or searched for as it was typed.
    """

    instead = ""

    def __init__(self, pairs: Any = ()) -> None:
        super().__init__([(name, self._storable(value)) for name, value in pairs])

    def _storable(self, value: Any) -> Any:
        return _NEVER_TEXT.sub(self.instead, value) if isinstance(value, str) else value


class Query(Fields):
    """The fields of an address; a mark takes the place of such characters, so that a cursor or a number that
    holds one stays as wrong as it is.
    """

    instead = "\ufffd"


class Body(RawIOBase):
    """What the server reads for us. Servers meet broken chunks while we read and say so each in its own way:
    all of them mean a request that can't be read, never a fault of ours.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        try:
            return self._stream.read(-1 if size is None else size)
        except Exception as problem:
            raise ClientDisconnected from problem

    def readinto(self, buffer: Any, /) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


class Request(FlaskRequest):
    """Flask's request, with these for its form, its files and its query."""

    parameter_storage_class = Fields

    def __init__(self, environ: Any, *rest: Any, **more: Any) -> None:
        super().__init__(environ, *rest, **more)
        if "wsgi.input" in environ and not isinstance(environ["wsgi.input"], Body):
            environ["wsgi.input"] = Body(environ["wsgi.input"])

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The fields of the address."""
        said = self.query_string.decode()
        return Query(parse_qsl(said, keep_blank_values=True, errors="werkzeug.url_quote"))
