"""The document itself, for programs and for people."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from app.api.declare import endpoint
from app.api.document import document
from app.kernel.http import public

bp = Blueprint("document", __name__)
pages = Blueprint("docs", __name__)


@bp.get("/openapi.json")
@endpoint("This document", gives={200: {"type": "object"}}, is_public=True)
def show() -> ResponseReturnValue:
    """The API as OpenAPI 3.1, made from the declarations."""
    return document(current_app)


@pages.get("/docs")
@public
def read() -> ResponseReturnValue:
    """The same, to read."""
    told = document(current_app)
    shapes = [{"name": name, "schema": _text(shape)} for name, shape in told["components"]["schemas"].items()]
    return render_template("api/docs.html", groups=_groups(told["paths"]), shapes=shapes)


def _groups(paths: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    found = [
        _read(path, method, told) for path, by_method in paths.items() for method, told in by_method.items()
    ]
    found.sort(key=lambda operation: str(operation["group"]))
    grouped = groupby(found, key=lambda operation: operation["group"])
    return [{"name": name, "operations": list(operations)} for name, operations in grouped]


def _read(path: str, method: str, told: dict[str, Any]) -> dict[str, Any]:
    content = told.get("requestBody", {}).get("content", {})
    return {
        "group": told["tags"][0],
        "method": method.upper(),
        "path": path,
        "summary": told["summary"],
        "parameters": [
            {**parameter, "schema": _text(parameter["schema"], None)} for parameter in told["parameters"]
        ],
        "body": next((_text(sent["schema"]) for sent in content.values()), None),
        "answers": [
            {"status": status, "description": answer["description"], "schema": _name(answer)}
            for status, answer in told["responses"].items()
        ],
    }


def _name(answer: dict[str, Any]) -> str:
    schema = next((sent["schema"] for sent in answer.get("content", {}).values()), None)
    return "" if schema is None else _text(schema, None).replace("#/components/schemas/", "")


def _text(schema: Any, indent: int | None = 2) -> str:
    return json.dumps(schema, indent=indent, ensure_ascii=False)
