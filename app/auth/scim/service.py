"""What the directory asks and what it is answered (RFC 7644), without the web around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from pydantic import ValidationError
from scim2_models import (
    Context,
    Error,
    ListResponse,
    PatchOp,
    ResponseParameters,
    SCIMException,
    SearchRequest,
)

from app.auth.scim import actions, filters, queries
from app.auth.scim.errors import Refused
from app.auth.scim.models import ScimGroup, ScimPerson
from app.auth.scim.schema import (
    MOST_RESULTS,
    POLICY,
    PROVIDER,
    AnyOfOurs,
    Group,
    Person,
    read,
    read_group,
    shown,
    shown_group,
)
from app.kernel.errors import NotFound
from app.kernel.inputs import clean

# Made for a kind of resource at run time.
_ResponseParameters: Any = ResponseParameters
_SearchRequest: Any = SearchRequest
_PatchOp: Any = PatchOp
_ListResponse: Any = ListResponse
USUAL_COUNT = 100
MOST_OPERATIONS = 100
DEEPEST, LONGEST_TEXT, LONGEST_DETAIL = 12, 4_000, 300
MANAGER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager"
Sent = Mapping[str, Any]
Versions = frozenset[str] | None


@dataclass(frozen=True)
class Answer:
    """What goes back: a representation, its version, and where it is."""

    content: dict[str, Any]
    version: str = ""
    location: str = ""


@dataclass(frozen=True)
class Kind:
    """One of the two kinds of resource, and all that is done with it."""

    name: str
    model: Any
    row: Any
    table: filters.Table
    find: Callable[..., Sequence[Any]]
    show: Callable[[Any, str], Any]
    read: Callable[[Any], Any]
    add: Callable[..., int]
    change: Callable[..., None]
    remove: Callable[..., None]
    id: Any


USERS = Kind(
    "Users", Person, ScimPerson, filters.PEOPLE, queries.people, shown, read,
    actions.add_person, actions.change_person, actions.remove_person, ScimPerson.person_id,
)  # fmt: skip
GROUPS = Kind(
    "Groups", Group, ScimGroup, filters.GROUPS, queries.groups, shown_group, read_group,
    actions.add_group, actions.change_group, actions.remove_group, ScimGroup.id,
)  # fmt: skip
KINDS = {"Users": USERS, "Groups": GROUPS}


@contextmanager
def in_its_words() -> Any:
    """The library's refusals as ours."""
    try:
        with PROVIDER:
            yield
    except ValidationError as problem:
        first = Error.from_validation_errors(problem)[0]
        raise Refused(first.status or 400, first.scim_type or "", _short(first.detail)) from problem
    except SCIMException as problem:
        raise Refused(problem.status, problem.scim_type, _short(problem.detail)) from problem


def one(kind: Kind, text: str, base: str, asked: Sent) -> Answer:
    """A resource; NotFound when there is none, or none that the directory keeps."""
    wanted = _validated(_ResponseParameters[kind.model], asked, Context.DEFAULT)
    return _answer(kind, _number(text), base, wanted)


def search(kinds: Sequence[Kind], base: str, asked: Sent) -> dict[str, Any]:
    """Those for which the filter holds, a page of them."""
    model = kinds[0].model if len(kinds) == 1 else AnyOfOurs
    request = _validated(_SearchRequest[model], asked, Context.SEARCH_REQUEST)
    begin, left = request.start_index_0 or 0, _count(request.count)
    place, total, found = min(begin, 2**31), 0, []
    for kind in kinds:
        where = filters.condition(request.filter, kind.model, kind.table, is_lenient=len(kinds) > 1)
        there = queries.count(where, kind.row)
        if left and place < there:
            order = filters.ordering(request, kind.model, kind.table)
            more = {} if kind is USERS else {"with_members": _wants_members(request)}
            rows = kind.find(where, order, place, left, **more)
            found += [kind.show(row, base) for row in rows]
            left -= len(rows)
        place, total = max(0, place - there), total + there
    page = _ListResponse[model](
        total_results=total, start_index=begin + 1, items_per_page=len(found), resources=found
    )
    answer: dict[str, Any] = page.model_dump(scim_ctx=Context.SEARCH_RESPONSE, response_parameters=request)
    return answer


def add(kind: Kind, key_id: int, base: str, sent: Sent, asked: Sent) -> Answer:
    """A new resource."""
    wanted = _validated(_ResponseParameters[kind.model], asked, Context.DEFAULT)
    given = kind.model.model_validate(
        storable(sent), scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=POLICY
    )
    return _answer(kind, kind.add(key_id, kind.read(given)), base, wanted)


def replace(kind: Kind, key_id: int, text: str, base: str, sent: Sent, asked: Sent, only: Versions) -> Answer:
    """The resource as it is sent, and nothing of what it was."""
    wanted = _validated(_ResponseParameters[kind.model], asked, Context.DEFAULT)
    number, given = _number(text), storable(sent)
    now = kind.model.model_validate(given, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=POLICY)
    _there(kind, number)
    kind.change(key_id, number, lambda _before: kind.read(now), only=only)
    return _answer(kind, number, base, wanted)


def patch(kind: Kind, key_id: int, text: str, base: str, sent: Sent, asked: Sent, only: Versions) -> Answer:
    """The resource after these operations, all of them or none; they are applied to what it is when nobody
    else changes it.
    """
    wanted = _validated(_ResponseParameters[kind.model], asked, Context.DEFAULT)
    number = _number(text)
    _there(kind, number)
    given = _PatchOp[kind.model].model_validate(
        _operations(storable(sent)), scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY
    )

    def becomes(_before: Any) -> Any:
        now = kind.show(kind.find(kind.id == number, [], 0, 1)[0], base)
        given.patch(now, scim_policy=POLICY)
        return kind.read(now)

    kind.change(key_id, number, becomes, only=only)
    return _answer(kind, number, base, wanted)


def remove(kind: Kind, key_id: int, text: str, only: Versions) -> None:
    """The resource is gone for the directory."""
    kind.remove(key_id, _number(text), only=only)


def described(what: str, name: str, base: str) -> dict[str, Any]:
    """What is offered: ServiceProviderConfig, Schemas, ResourceTypes; `name` one of them."""
    if what == "ServiceProviderConfig":
        return _located(PROVIDER.config, f"{base}/{what}")
    offered = {
        str(getattr(one, "id", None) or one.name): one
        for one in (PROVIDER.schemas if what == "Schemas" else PROVIDER.resource_types)
    }
    if name and name not in offered:
        raise NotFound
    if name:
        return _located(offered[name], f"{base}/{what}/{name}")
    shown_ = [_located(one, f"{base}/{what}/{key}") for key, one in offered.items()]
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": len(shown_), "startIndex": 1, "itemsPerPage": len(shown_), "Resources": shown_,
    }  # fmt: skip


def storable(value: Any, depth: int = 0) -> Any:
    """What was sent without what no text of ours can hold; refused when it is too deep or too long."""
    if depth > DEEPEST:
        raise Refused(
            400,
            "invalidSyntax",
            _("This request can't be understood. Go back, reload the page and try again."),
        )
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise Refused(
                400, "invalidValue", _("This is too large to be sent. Make it smaller and try again.")
            )
        return clean(value, lines=False)
    if isinstance(value, list):
        return [storable(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {clean(str(name), lines=False): storable(one, depth + 1) for name, one in value.items()}
    return value


def _answer(kind: Kind, number: int, base: str, wanted: Any) -> Answer:
    resource = kind.show(_there(kind, number), base)
    content = resource.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=wanted)
    return Answer(content, resource.meta.version, resource.meta.location)


def _there(kind: Kind, number: int) -> Any:
    found = kind.find(kind.id == number, [], 0, 1)
    if not found:
        raise NotFound
    return found[0]


def _number(text: str) -> int:
    number = queries.number_of(text)
    if number is None or str(number) != text:
        raise NotFound
    return number


def _validated(model: Any, asked: Sent, context: Context) -> Any:
    return model.model_validate(storable(asked), scim_ctx=context, scim_policy=POLICY)


def _count(asked: int | None) -> int:
    return USUAL_COUNT if asked is None else min(asked, MOST_RESULTS)


def _wants_members(request: Any) -> bool:
    named = {re.sub(r"^.*:", "", str(path)).partition(".")[0].lower() for path in request.attributes or ()}
    left_out = {re.sub(r"^.*:", "", str(path)).lower() for path in request.excluded_attributes or ()}
    return "members" in named if named else "members" not in left_out


def _operations(sent: Any) -> Any:
    """Some directories send a manager by their bare identifier; and nobody needs so many at once."""
    listed = next((value for name, value in sent.items() if name.lower() == "operations"), None)
    if isinstance(listed, list):
        if len(listed) > MOST_OPERATIONS:
            raise Refused(413, "", _("That is too many: at most %(most)d.", most=MOST_OPERATIONS))
        for one_ in listed:
            if isinstance(one_, dict) and str(one_.get("path", "")).lower() == MANAGER:
                bare = one_.get("value")
                one_["value"] = {"value": bare} if isinstance(bare, str) else bare
    return sent


def _located(described_: Any, location: str) -> dict[str, Any]:
    content: dict[str, Any] = described_.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    kind = location.rpartition("/v2/")[2].partition("/")[0]
    content["meta"] = {"resourceType": kind.removesuffix("s"), "location": location}
    return content


def _short(detail: str | None) -> str:
    return clean(detail or "", lines=False)[:LONGEST_DETAIL]
