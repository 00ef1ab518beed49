"""The company's directory provisions people and groups here (SCIM 2.0, RFC 7643 and 7644).

It proves itself by a key of its own kind, which opens nothing else. What answers is loaded when a key is
shown for the first time.
"""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

from flask import Blueprint, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.auth.scim.errors import Refused, taken
from app.auth.scim.queries import key_of
from app.kernel import errors, http
from app.kernel.errors import AppError
from app.kernel.http import public
from app.kernel.inputs import json_object

PREFIX = "/scim/v2"
MIME = "application/scim+json"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
bp = Blueprint("scim", __name__, url_prefix=PREFIX)
_READ = ("attributes", "excludedAttributes")
_SEARCHED = (*_READ, "filter", "sortBy", "sortOrder", "startIndex", "count")
_KIND = "<any(Users, Groups):collection>"


@bp.before_request
def _prove() -> None:
    """Nobody is anybody here without a key, and a session counts for nothing."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    key = key_of(secret.strip()) if scheme.lower() == "bearer" else None
    if key is None:
        raise errors.SignedOut
    g.scim_key = key.id


@bp.get("/ServiceProviderConfig")
@public
def offer() -> ResponseReturnValue:
    """What is offered here."""
    return _described("ServiceProviderConfig")


@bp.get("/<any(Schemas, ResourceTypes):what>")
@public
def describe(what: str) -> ResponseReturnValue:
    """How the resources are made."""
    return _described(what)


@bp.get("/<any(Schemas, ResourceTypes):what>/<entry>")
@public
def describe_one(what: str, entry: str) -> ResponseReturnValue:
    """How one of them is made."""
    return _described(what, entry)


@bp.get(f"/{_KIND}")
@public
def index(collection: str) -> ResponseReturnValue:
    """People or groups, as the query asks."""
    service, asked = _service(), _asked(*_SEARCHED)
    with service.in_its_words():
        return _json(service.search([service.KINDS[collection]], _base(), asked))


@bp.post(f"/{_KIND}/.search")
@public
def search(collection: str) -> ResponseReturnValue:
    """The same, asked in a body."""
    service, asked = _service(), _sent()
    with service.in_its_words():
        return _json(service.search([service.KINDS[collection]], _base(), asked))


@bp.post("/.search")
@public
def search_all() -> ResponseReturnValue:
    """People and groups together."""
    service, asked = _service(), _sent()
    with service.in_its_words():
        return _json(service.search([service.USERS, service.GROUPS], _base(), asked))


@bp.post(f"/{_KIND}")
@public
def create(collection: str) -> ResponseReturnValue:
    """A new one."""
    service, sent = _service(), _sent()
    with service.in_its_words():
        try:
            made = service.add(service.KINDS[collection], g.scim_key, _base(), sent, _asked(*_READ))
        except IntegrityError as problem:  # somebody was faster
            raise taken("userName" if collection == "Users" else "displayName") from problem
    return _resource(made, 201)


@bp.get(f"/{_KIND}/<number>")
@public
def show(collection: str, number: str) -> ResponseReturnValue:
    """One of them."""
    service = _service()
    with service.in_its_words():
        found = service.one(service.KINDS[collection], number, _base(), _asked(*_READ))
    if request.if_none_match.contains_weak(found.version[3:-1]):
        return Response(status=304, headers={"ETag": found.version})
    return _resource(found)


@bp.put(f"/{_KIND}/<number>")
@public
def replace(collection: str, number: str) -> ResponseReturnValue:
    """It is as it is sent."""
    return _changed("replace", collection, number)


@bp.patch(f"/{_KIND}/<number>")
@public
def patch(collection: str, number: str) -> ResponseReturnValue:
    """It is changed as the operations say."""
    return _changed("patch", collection, number)


@bp.delete(f"/{_KIND}/<number>")
@public
def remove(collection: str, number: str) -> ResponseReturnValue:
    """It is gone."""
    service = _service()
    with service.in_its_words():
        service.remove(service.KINDS[collection], g.scim_key, number, _versions())
    return Response(status=204)


def _described(what: str, entry: str = "") -> Response:
    if request.args.get("filter"):
        raise errors.Forbidden  # RFC 7644, 4
    return _json(_service().described(what, entry, _base()))


def _changed(how: str, collection: str, number: str) -> Response:
    service, sent = _service(), _sent()
    with service.in_its_words():
        change = getattr(service, how)
        try:
            now = change(
                service.KINDS[collection], g.scim_key, number, _base(), sent, _asked(*_READ), _versions()
            )
        except IntegrityError as problem:
            raise taken("userName" if collection == "Users" else "displayName") from problem
    return _resource(now)


def _service() -> ModuleType:
    from app.auth.scim import service

    return service


def _base() -> str:
    public_url = current_app.config["ORIGINS"].public
    return f"{public_url or request.host_url.rstrip('/')}{PREFIX}"


def _asked(*names: str) -> dict[str, Any]:
    return {name: request.args[name] for name in names if request.args.get(name)}


def _sent() -> dict[str, Any]:
    sent = request.get_data(cache=True)
    if request.mimetype not in {MIME, "application/json"}:
        raise errors.UnsupportedMedia(_("Send this as application/scim+json."))
    try:
        return json_object(sent)
    except errors.Invalid as problem:
        raise Refused(400, "invalidSyntax", str(problem)) from problem


def _versions() -> frozenset[str] | None:
    """The versions that a change is meant for; None for whichever."""
    said = request.if_match
    if not request.headers.get("If-Match"):
        return None
    return frozenset({"*"}) if said.star_tag else frozenset(said.as_set(include_weak=True))


def _resource(found: Any, status: int = 200) -> Response:
    answer = _json(found.content, status)
    answer.headers["ETag"], answer.headers["Content-Location"] = found.version, found.location
    if status == 201:
        answer.headers["Location"] = found.location
    return answer


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(content), status=status, content_type=MIME)


def _refusal(error: AppError) -> Response:
    """RFC 7644, 3.12."""
    told = {"schemas": [ERROR], "status": str(error.status), "detail": str(error)}
    kind = error.kind if isinstance(error, Refused) else "invalidValue" if error.status == 422 else ""
    status = 400 if error.status == 422 else error.status
    answer = _json({**told, "status": str(status), **({"scimType": kind} if kind else {})}, status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="Parvis provisioning"'
    return answer


http.refuse_as("/scim/", _refusal)
