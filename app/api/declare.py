"""What an endpoint takes and gives, said beside it: checked here, and told in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import http
from app.kernel.errors import Invalid, PreconditionFailed
from app.kernel.inputs import whole
from app.kernel.openapi import Schema, check, from_text, many, maybe, number, obj, string

View = Callable[..., ResponseReturnValue]
Given = Mapping[str, Any]
Expected = TypeVar("Expected")
_NOTHING = obj()
PAGED: Mapping[str, Schema] = {"after": string(2000), "limit": {**number(1, 100), "default": 20}}


@dataclass(frozen=True)
class Operation:
    """An endpoint as the document tells it."""

    summary: str
    gives: Mapping[int, Schema | None]
    takes: Schema | None = None
    asks: Mapping[str, Schema] | None = None
    path: Mapping[str, Schema] | None = None
    refuses: tuple[int, ...] = ()
    is_upload: bool = False
    is_public: bool = False
    is_versioned: bool = False


def endpoint(summary: str, **told: Any) -> Callable[[View], View]:
    """Declare a view, in fields of Operation.

    What it `takes` arrives checked as `given`, what it `asks` as `asked`.
    """
    operation = Operation(summary, **told)

    def declare(view: View) -> View:
        @wraps(view)
        def run(**path: Any) -> ResponseReturnValue:
            if operation.asks is not None:
                path["asked"] = _read_query(operation.asks)
            if operation.takes is None and request.method in http.UNSAFE:
                _read_body(_NOTHING)
            elif operation.takes is not None and not operation.is_upload:
                path["given"] = _read_body(operation.takes)
            return view(**path)

        run.declared = operation  # type: ignore[attr-defined]  # a view carries its declaration
        return http.public(run) if operation.is_public else run

    return declare


def said(sentence: str) -> str:
    """A sentence of the document, kept in English for programs; the page for people translates it."""
    return sentence


def page_of(item: Schema) -> Schema:
    """A keyset page."""
    return obj("items", "next", items=many(item), next=maybe(string(2000)))


def expected_version() -> int | None:
    """The version named by If-Match (the number, or an ETag that begins with it); None when any will do."""
    return expected(lambda text: int(whole()(text)))


def expected(read: Callable[[str], Expected]) -> Expected | None:
    """What If-Match names, as `read` reads it; None when any will do, PreconditionFailed for nonsense."""
    raw = request.headers.get("If-Match", "*").strip()
    if raw == "*":
        return None
    try:
        return read(raw.removeprefix("W/").strip('"').partition("-")[0])
    except ValueError as problem:
        raise PreconditionFailed from problem


def _read_query(asks: Mapping[str, Schema]) -> Given:
    sent = {name: from_text(asks[name], request.args[name]) for name in asks if name in request.args}
    problems = check(obj(**asks), sent)
    if problems:
        raise Invalid(fields=problems)
    return {name: sent.get(name, schema.get("default")) for name, schema in asks.items()}


def _read_body(takes: Schema) -> Given:
    is_empty = (request.is_json or not request.mimetype) and not request.get_data(cache=True)
    if is_empty and not takes["required"]:
        return {}
    sent = http.body()
    problems = check(takes, sent)
    if problems:
        raise Invalid(_("Please check the fields named."), fields=problems)
    return sent
