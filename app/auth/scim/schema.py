"""The resources as they are described and exchanged (RFC 7643), and what we make of them.

Loading the library takes most of a second: only the modules that answer the directory bring it in, when it
asks for the first time.
"""

from __future__ import annotations

from typing import Annotated, Any, Union

from flask_babel import gettext as _
from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    External,
    Filter,
    Meta,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)
from scim2_models.resources.resource import AnyExtension

from app.auth.scim import said
from app.auth.scim.errors import wrong
from app.auth.scim.queries import Known, KnownGroup, number_of
from app.kernel.inputs import clean

MOST_RESULTS = 200
MOST_EMAILS = 10
LONGEST = {"user_name": 254, "external_id": 255, "display_name": 200, "formatted": 200}
USUAL_LONGEST = 120
LONGEST_LANGUAGE = 60


class Name(ComplexAttribute):
    """The components of a person's name."""

    formatted: str | None = None
    """The full name, formatted for display."""

    family_name: str | None = None
    """The family name."""

    given_name: str | None = None
    """The given name."""


class Email(ComplexAttribute):
    """An e-mail address of a person."""

    value: str | None = None
    """The address."""

    type: str | None = Field(None, examples=["work", "home", "other"])
    """What the address is for."""

    primary: bool | None = None
    """Whether it is the preferred one."""


class GroupMembership(ComplexAttribute):
    """A group in which a person is."""

    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    """The identifier of the group."""

    ref: Annotated[Reference[Group] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The address of the group."""

    display: Annotated[str | None, Mutability.read_only] = None
    """The name of the group."""


class User(Resource[AnyExtension]):
    """An employee's account."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """What the person signs in with: a login, or an e-mail address."""

    name: Name | None = None
    """The components of the person's name."""

    display_name: str | None = None
    """The name shown to others."""

    title: str | None = None
    """The job title."""

    preferred_language: str | None = None
    """The language of the interface, such as fr-FR."""

    locale: str | None = None
    """The language, where no preferred one is given."""

    timezone: str | None = None
    """A time zone such as Europe/Paris."""

    active: bool | None = None
    """Whether the person may sign in; false cuts them off at once."""

    emails: list[Email] | None = None
    """E-mail addresses."""

    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None
    """The groups in which the person is."""


class Manager(ComplexAttribute):
    """To whom a person reports."""

    value: Annotated[str | None, CaseExact.true] = None
    """The identifier of the manager."""

    ref: Annotated[
        Reference[User[Any]] | None,
        Mutability.read_only,
    ] = Field(None, serialization_alias="$ref", validation_alias="$ref")
    """The address of the manager."""

    display_name: Annotated[str | None, Mutability.read_only] = None
    """The name of the manager."""


class EnterpriseUser(Extension):
    """What a company says of a person."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    employee_number: str | None = None
    """The number of the person in the company."""

    department: str | None = None
    """The department: a team here."""

    manager: Manager | None = None
    """To whom the person reports."""


class GroupMember(ComplexAttribute):
    """A person in a group."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The identifier of the person."""

    ref: Annotated[
        Reference[User[Any]] | None,
        Mutability.immutable,
    ] = Field(None, serialization_alias="$ref", validation_alias="$ref")
    """The address of the person."""

    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    """Always User."""


class Group(Resource[Any]):
    """A group of people."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    """The name of the group."""

    members: list[GroupMember] | None = None
    """Who is in the group."""


Person: Any = User[EnterpriseUser]
_Membership: Any = GroupMembership
_Member: Any = GroupMember
_Manager: Any = Manager
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MOST_RESULTS),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="A key for provisioning, made by an administrator.",
            spec_uri=Reference[External]("https://www.rfc-editor.org/rfc/rfc6750"),
            primary=True,
        )
    ],
)
PROVIDER = ScimProvider(
    models=[User, EnterpriseUser, Group],
    resource_types=[ResourceType.from_resource(Person), ResourceType.from_resource(Group)],
    config=CONFIG,
    policy=POLICY,
)
AnyOfOurs = Union[Person, Group]  # noqa: UP007 - made at run time, which `|` between these can't be


def shown(known: Known, base: str) -> Any:
    """A person as the directory reads them."""
    one, row = known.said, known.row
    name = {"formatted": one.formatted, "family_name": one.family_name, "given_name": one.given_name}
    return Person(
        id=str(row.person_id),
        external_id=one.external_id,
        user_name=one.user_name,
        name=Name(**name) if any(name.values()) else None,
        display_name=one.display_name,
        title=one.title,
        preferred_language=one.language,
        locale=one.locale,
        timezone=one.timezone,
        active=one.active,
        emails=[Email(value=e.value, type=e.kind, primary=e.is_primary) for e in one.emails] or None,
        groups=[
            _Membership(value=str(number), ref=f"{base}/Groups/{number}", display=name_)
            for number, name_ in known.groups
        ]
        or None,
        meta=_meta("User", row, f"{base}/Users/{row.person_id}"),
        **{"EnterpriseUser": _enterprise(known, base)},
    )


def shown_group(known: KnownGroup, base: str) -> Group:
    """A group as the directory reads it."""
    return Group(
        id=str(known.row.id),
        external_id=known.row.external_id,
        display_name=known.row.name,
        members=[
            _Member(value=str(number), ref=f"{base}/Users/{number}", type="User") for number in known.members
        ]
        or None,
        meta=_meta("Group", known.row, f"{base}/Groups/{known.row.id}"),
    )


def read(one: Any) -> said.Said:
    """What a resource says of a person; refused for what is too long or isn't there."""
    name, more = one.name or Name(), one[EnterpriseUser] or EnterpriseUser()
    user_name = _text(one, "user_name")
    if not user_name:
        raise wrong("userName", _("Write something here."))
    if len(one.emails or ()) > MOST_EMAILS:
        raise wrong("emails", _("That is too many: at most %(most)d.", most=MOST_EMAILS))
    return said.Said(
        user_name=user_name,
        external_id=_text(one, "external_id"),
        active=one.active,
        display_name=_text(one, "display_name"),
        formatted=_text(name, "formatted"),
        family_name=_text(name, "family_name"),
        given_name=_text(name, "given_name"),
        title=_text(one, "title"),
        language=_text(one, "preferred_language", LONGEST_LANGUAGE),
        locale=_text(one, "locale", LONGEST_LANGUAGE),
        timezone=_text(one, "timezone", LONGEST_LANGUAGE),
        employee_number=_text(more, "employee_number"),
        department=_text(more, "department"),
        manager=_text(more.manager, "value") if more.manager else None,
        emails=tuple(
            said.Email(_text(e, "value", 254), _text(e, "type", 40), e.primary) for e in one.emails or ()
        ),
    )


def read_group(one: Group) -> said.SaidGroup:
    """What a resource says of a group."""
    members = set()
    for member in one.members or ():
        number = number_of(member.value)
        if number is None or (member.type or "User").lower() != "user":
            raise wrong("members", _("Nobody is known by one of these identifiers."))
        members.add(number)
    return said.SaidGroup(
        name=_text(one, "display_name", 255) or "",
        external_id=_text(one, "external_id"),
        members=frozenset(members),
    )


def _enterprise(known: Known, base: str) -> EnterpriseUser | None:
    one = known.said
    if not (one.employee_number or one.department or one.manager):
        return None
    manager = _Manager(value=one.manager) if one.manager else None
    if manager and known.manager_name is not None:
        manager = _Manager(
            value=one.manager, ref=f"{base}/Users/{one.manager}", display_name=known.manager_name
        )
    return EnterpriseUser(employee_number=one.employee_number, department=one.department, manager=manager)


def _meta(kind: str, row: Any, location: str) -> Meta:
    return Meta(
        resource_type=kind,
        created=row.created_at,
        last_modified=row.changed_at,
        location=location,
        version=f'W/"{row.version}"',
    )


def _text(one: Any, name: str, longest: int | None = None) -> str | None:
    value = clean(getattr(one, name) or "", lines=False)
    if len(value) > (longest or LONGEST.get(name, USUAL_LONGEST)):
        raise wrong(name, _("This is too large to be sent. Make it smaller and try again."))
    return value or None
