"""The OpenAPI 3.1 document, made from what is declared beside the endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from app.api.declare import Operation, said
from app.api.shapes import NAMED
from app.kernel.http import LONGEST_KEY
from app.kernel.openapi import Schema, number, ref, string

PREFIX = "/api/v1"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_WORDS = {
    304: said("You have it already (If-None-Match)."),
    400: said("This can't be understood."),
    401: said("Nobody is signed in."),
    403: said("Seen, but not yours to do; or the gate says no to it from here and now."),
    404: said("Missing or hidden: nobody's business which."),
    409: said("Somebody was faster, or a hint wants reading first."),
    412: said("If-Match named another version."),
    413: said("Too large."),
    415: said("Not the content type read here."),
    422: said("A sentence for each field that can't be taken."),
    503: said("Not available for the moment."),
    429: said("Too much at once; see Retry-After."),
}


@cache
def document(app: Flask) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, operation in operations(app):
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        paths.setdefault(path, {})[method.lower()] = _operation(rule, method, operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parvis", "version": "1", "license": {"name": "AGPL-3.0-or-later"}},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": NAMED,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": _cookie(app)},
            },
        },
    }


def operations(app: Flask) -> Iterator[tuple[Rule, str, Operation]]:
    """Every declared endpoint: its rule, its method and what it says of itself."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        declared = getattr(app.view_functions.get(rule.endpoint), "declared", None)
        if rule.rule.startswith(f"{PREFIX}/") and declared is not None:
            yield from ((rule, method, declared) for method in METHODS if method in (rule.methods or ()))


def _operation(rule: Rule, method: str, operation: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": _name(rule, method),
        "tags": [rule.endpoint.split(".")[1]],
        "summary": operation.summary,
        "parameters": [*_path(rule, operation), *_query(operation), *_headers(method, operation)],
        "responses": {
            str(status): told for status, told in sorted(_answers(rule, method, operation).items())
        },
    }
    if operation.takes is not None:
        kind = "multipart/form-data" if operation.is_upload else "application/json"
        told["requestBody"] = {
            "required": bool(operation.takes["required"]), "content": {kind: {"schema": operation.takes}},
        }  # fmt: skip
    if operation.is_public:
        told["security"] = []
    return told


def _name(rule: Rule, method: str) -> str:
    name = rule.endpoint.removeprefix("api.")
    is_shared = sum(verb in (rule.methods or ()) for verb in METHODS) > 1
    return f"{name}.{method.lower()}" if is_shared else name


def _path(rule: Rule, operation: Operation) -> list[dict[str, Any]]:
    own = operation.path or {}
    return [
        {"name": name, "in": "path", "required": True, "schema": own.get(name, number(1))}
        for name in re.findall(r"<(?:[^:<>]+:)?([^<>]+)>", rule.rule)
    ]


def _query(operation: Operation) -> list[dict[str, Any]]:
    asks = operation.asks or {}
    return [
        {"name": name, "in": "query", "required": False, "schema": schema} for name, schema in asks.items()
    ]


def _headers(method: str, operation: Operation) -> list[dict[str, Any]]:
    by_method = {
        "GET": ("If-None-Match", "Answer 304 when this is still the ETag.", {"type": "string"}),
        "POST": ("Idempotency-Key", "Same key, same answer, one effect.", string(LONGEST_KEY)),
        "PATCH": ("If-Match", "Change only this version: its number, or the ETag read.", {"type": "string"}),
    }
    if operation.is_versioned:
        method = "PATCH"
    if method not in by_method:
        return []
    name, about, schema = by_method[method]
    return [{"name": name, "in": "header", "required": False, "description": about, "schema": schema}]


def _answers(rule: Rule, method: str, operation: Operation) -> dict[int, dict[str, Any]]:
    answers: dict[int, dict[str, Any]] = {
        status: _gives(method, schema) for status, schema in operation.gives.items()
    }
    for status in _refusals(rule, method, operation):
        content = (
            {} if status == 304 else {"content": {"application/problem+json": {"schema": ref("Problem")}}}
        )
        answers.setdefault(status, {"description": _WORDS[status], **content})
    return answers


def _gives(method: str, schema: Schema | None) -> dict[str, Any]:
    if schema is None:
        return {"description": said("Done.")}
    told: dict[str, Any] = {"description": said("Done."), "content": {"application/json": {"schema": schema}}}
    return {**told, "headers": {"ETag": {"schema": {"type": "string"}}}} if method == "GET" else told


def _refusals(rule: Rule, method: str, operation: Operation) -> set[int]:
    found = {400, *operation.refuses}
    found |= set() if operation.is_public else {401, 403}
    found |= {404} if rule.arguments else set()
    found |= {422} if operation.asks else set()
    found |= {304} if method == "GET" else {403, 413, 415, 422, 429}
    return found | ({412} if method == "PATCH" or operation.is_versioned else set())


def _cookie(app: Flask) -> str:
    return "__Host-parvis" if app.config["IS_SECURE"] else "parvis"
