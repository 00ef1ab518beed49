"""Rule profiles and cases as JSON: what an administrator tries rules with, on a file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final, cast

from .actions import parse_action
from .draft import (
    Attachment,
    Author,
    Draft,
    Event,
    Member,
    Mention,
    Neighbour,
    ObjectType,
    PastItem,
    Space,
    TaggedPerson,
    Thread,
)
from .fold import fold_text
from .spec import (
    Alias,
    AliasMode,
    Company,
    Contact,
    Exemption,
    OrganisationSpec,
    PolicySpec,
    RuleSpec,
    RuleState,
)

Json = Mapping[str, Any]
_KINDS: Final = {
    "mix": "mixing",
    "pii.iban": "iban",
    "pii.card": "card",
    "pii.nir": "nir",
    "pii.phone": "phone",
    "pii.email": "email",
    "link.deny": "link.deny",
    "link.allow": "link.allow",
    "link.idn": "link.idn",
    "link.label": "link.label",
    "att.type": "attachment.type",
    "att.macro": "attachment.macro",
    "img.consent": "consent",
    "evasion.bidi": "bidi",
    "rate.post": "rate",
    "rate.dup": "duplicate",
    "quiet": "quiet",
    "work": "work",
    "tone": "tone",
    "secret": "secret",
}
_STATES: Final = {
    "off": "paused",
    "disabled": "paused",
    "shadow": "dry_run",
    "soft": "live_soft",
    "on": "live",
    "active": "live",
}
_KNOWN_STATES: Final = frozenset(
    {"draft", "tested", "dry_run", "live_soft", "live", "paused", "tripped", "retired", "expired"}
)
_NOT_POSTS: Final = frozenset(
    {"approval", "approve", "approved", "decision", "moderation", "publish", "edit"}
)
_EVENTS: Final = frozenset({"create", "edit", "move", "attach", "publish", "rescan"})
_SYNONYMS: Final = {
    "update": "edit",
    "attachment": "attach",
    "schedule": "publish",
    "scheduled": "publish",
    "approve": "publish",
    "reply": "comment",
    "poll": "post",
    "event": "post",
    "announcement": "post",
}


class BadInput(ValueError):
    """The reason a profile or a case can't be read."""


def profile_spec(profile: Json, entities: Iterable[Json] = (), states: Json | None = None) -> PolicySpec:
    """The policy of a profile, with the organisations and rule states of one case."""
    company = profile.get("company", {})
    context_words = profile.get("entity_match", {}).get("context_words", ())
    return PolicySpec(
        rules=tuple(_rules(profile, states or {})),
        organisations=organisations(entities),
        exemptions=tuple(_exemptions(profile)),
        company=Company(
            domain=company.get("domain", ""),
            timezone=company.get("timezone", "Europe/Paris"),
            directory_phones=tuple(company.get("directory_phones", ())),
            context_words=tuple(context_words),
        ),
        version=str(profile.get("profile", "")),
    )


def _rules(profile: Json, states: Json) -> Iterable[RuleSpec]:
    denied = profile.get("rules", {}).get("link.deny", {}).get("domains", ())
    for key, body in profile.get("rules", {}).items():
        kind = _kind(key, body)
        params = {name: value for name, value in body.items() if name not in ("action", "clause", "kind")}
        if kind == "link.idn":
            params.setdefault("domains", denied)
        yield RuleSpec(
            key=key,
            kind=kind,
            action=parse_action(body.get("action", "flag")),
            clause=str(body.get("clause", "")),
            params=_PARAMS.get(kind, dict)(params),
            state=_state(states.get(key, body.get("state", "live"))),
        )


def _kind(key: str, body: Json) -> str:
    if "kind" in body:
        return str(body["kind"])
    if key in _KINDS:
        return _KINDS[key]
    if "terms" in body:
        return "phrases"
    if "pattern" in body or "patterns" in body:
        return "pattern"
    if {"all", "any", "none"} & set(body):
        return "combination"
    raise BadInput(f"rule {key} has no kind")


def _state(value: Any) -> RuleState:
    name = str(value)
    name = _STATES.get(name, name)
    if name not in _KNOWN_STATES:
        raise BadInput(f"unknown rule state: {name}")
    return cast(RuleState, name)


def _email_params(params: dict[str, Any]) -> dict[str, Any]:
    for item in params.get("exempt", ()):
        name, _, listed = str(item).partition(":")
        if name.strip() == "role local parts":
            params["role_addresses"] = [part.strip() for part in listed.split(",")]
    return params


def _phone_params(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if name != "exempt"}


def _work_params(params: dict[str, Any]) -> dict[str, Any]:
    if found := re.search(r"classifier\.\w+ *< *([0-9.]+)", str(params.get("when", ""))):
        params["below"] = float(found.group(1))
    return params


_PARAMS: Final[dict[str, Any]] = {"email": _email_params, "phone": _phone_params, "work": _work_params}


def _exemptions(profile: Json) -> Iterable[Exemption]:
    for kind, rules in profile.get("exemptions", {}).items():
        for rule in rules:
            yield Exemption(rule=rule, space_kind=kind)


def organisations(entities: Iterable[Json]) -> tuple[OrganisationSpec, ...]:
    """Organisations with the persons who stand for them."""
    found: dict[str, OrganisationSpec] = {}
    people = []
    for entity in entities:
        if entity.get("kind") == "person":
            people.append(entity)
        else:
            found[str(entity["id"])] = _organisation(entity)
    for person in people:
        owner = found.get(str(person.get("of")))
        if owner:
            found[owner.id] = replace(owner, contacts=(*owner.contacts, _contact(person)))
    return tuple(found.values())


def _organisation(entity: Json) -> OrganisationSpec:
    return OrganisationSpec(
        id=str(entity["id"]),
        roles=frozenset(entity.get("roles") or filter(None, [entity.get("role")])),
        name=str(entity["name"]),
        aliases=tuple(map(_alias, [*entity.get("aliases", ()), *entity.get("former_names", ())])),
        domains=tuple(entity.get("domains", ())),
        email_domains=tuple(entity.get("email_domains", ())),
        siren=str(entity.get("siren") or ""),
        sirets=tuple(filter(None, [*entity.get("sirets", ()), entity.get("siret")])),
        valid_from=_date(entity.get("valid_from")),
        valid_to=_date(entity.get("valid_to")),
        name_mode=_mode(entity.get("match", "plain")),
    )


def _alias(alias: Any) -> Alias:
    if isinstance(alias, str):
        return Alias(alias)
    return Alias(
        str(alias.get("text") or alias["name"]), _mode(alias.get("match") or alias.get("mode") or "plain")
    )


def _mode(value: Any) -> AliasMode:
    if value not in ("plain", "cap", "ctx"):
        raise BadInput(f"unknown alias mode: {value}")
    return cast(AliasMode, value)


def _contact(person: Json) -> Contact:
    emails = [*person.get("emails", ()), *filter(None, [person.get("email")])]
    aliases = [alias if isinstance(alias, str) else alias["text"] for alias in person.get("aliases", ())]
    return Contact(
        str(person["name"]),
        tuple(aliases),
        tuple(emails),
        homonym=bool(person.get("homonym_employee")),
        valid_to=_date(person.get("valid_to")),
    )


def _date(value: Any) -> date | None:
    if not value:
        return None
    return date.fromisoformat(str(value)[:10])


def _time(value: Any) -> datetime | None:
    if not value:
        return None
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise BadInput(f"a time without its zone: {value}")
    return moment


def case_draft(case: Json, profile: Json) -> tuple[Draft, datetime]:
    """The draft of a case and the moment it is evaluated at."""
    context = case.get("context") or {}
    if not isinstance(context, Mapping):
        raise BadInput("context must be an object")
    if not isinstance(case.get("text"), str):
        raise BadInput("text must be a string")
    defaults = profile.get("defaults", {})
    event = context.get("event", defaults.get("event", "create"))
    kind = context.get("object", defaults.get("object", "post"))
    event, kind = _SYNONYMS.get(event, event), _SYNONYMS.get(kind, kind)
    if event not in _EVENTS or kind not in ("post", "comment"):
        raise BadInput(f"unknown event or object: {event}, {kind}")
    now = _time(context.get("at") or defaults.get("at"))
    if now is None:
        raise BadInput("no time to evaluate at")
    entities = case.get("entities") or ()
    classifier = context.get("classifier") or {}
    draft = Draft(
        object=cast(ObjectType, kind),
        event=cast(Event, event),
        title=str(context.get("title") or case.get("title") or ""),
        body=case["text"],
        space=_space(context.get("space") or defaults.get("space") or {}),
        author=_author(context.get("author") or defaults.get("author") or {}),
        mentions=_mentions(context.get("mentions"), entities),
        attachments=tuple(map(_attachment, context.get("attachments") or ())),
        poll=_options(context.get("poll") or context.get("poll_options") or ()),
        hashtags=tuple(context.get("hashtags") or ()),
        thread=_thread(context, entities),
        history=tuple(_history(context.get("history") or (), context)),
        previous=context.get("previous_text"),
        approved=frozenset(_approved(context)),
        category=_category(context),
        created_at=_time(context.get("created_at")),
        published_at=_time(context.get("published_at") or context.get("created_at")),
        work_score=_score(classifier, "work"),
        tone_score=_score(classifier, "tone"),
    )
    return draft, now


def _score(classifier: Any, name: str) -> float | None:
    value = classifier.get(name) if isinstance(classifier, Mapping) else None
    return float(value) if isinstance(value, int | float) else None


def _category(context: Json) -> str:
    post = context.get("post")
    value = context.get("category") or (post.get("category") if isinstance(post, Mapping) else "")
    return str(value or "")


def _space(space: Any) -> Space:
    if isinstance(space, str):
        return Space(kind=space)
    known = (space.get(name) for name in ("entity", "organisation", "entity_id", "organisation_id", "of"))
    owner = next(filter(None, known), None)
    if isinstance(owner, Mapping):
        owner = owner.get("id")
    identity = space.get("id") or space.get("name")
    return Space(
        id=str(identity) if identity is not None else None,
        kind=str(space.get("type") or space.get("kind") or "internal"),
        work_only=bool(space.get("work_only")),
        organisation=str(owner) if owner else None,
    )


def _author(author: Any) -> Author:
    if isinstance(author, str):
        return Author(id=author)
    roles = author.get("roles") or [author.get("role") or "employee"]
    identity = author.get("id") or author.get("handle")
    count = author.get("posts") if "posts" in author else author.get("published_count")
    return Author(
        id=str(identity) if identity is not None else None,
        roles=frozenset(map(str, roles)),
        segment=str(author.get("segment") or "employee"),
        joined_at=_time(author.get("joined_at") or author.get("created_at")),
        published_count=int(count) if count is not None else None,
    )


def _mentions(mentions: Any, entities: Iterable[Json]) -> tuple[Mention, ...]:
    listed = [{"handle": item} if isinstance(item, str) else item for item in mentions or ()]
    return tuple(_mention(item, list(entities)) for item in listed)


def _mention(item: Json, entities: list[Json]) -> Mention:
    handle = str(item.get("handle") or item.get("name") or "")
    segment = str(item.get("segment") or "employee")
    known = (item.get(name) for name in ("entity", "organisation", "entity_id", "organisation_id", "of"))
    owner = next(filter(None, known), None)
    if owner is None and segment in ("client", "supplier"):
        owner = _owner_of(handle, segment, entities)
    return Mention(handle, segment, str(owner) if owner else None)


def _owner_of(handle: str, segment: str, entities: list[Json]) -> str | None:
    """The organisation of an account of which only the segment is told."""
    words = set(re.findall(r"\w+", fold_text(handle).replace("_", " ")))
    sides = [entity for entity in entities if segment in entity.get("roles", ())]
    ids = {str(entity["id"]) for entity in sides}
    for person in entities:
        named = set(re.findall(r"\w+", fold_text(str(person.get("name", "")))))
        if person.get("kind") == "person" and named <= words and str(person.get("of")) in ids:
            return str(person["of"])
    for entity in sides:
        if set(re.findall(r"\w+", fold_text(str(entity["name"])))) & words:
            return str(entity["id"])
    return ids.pop() if len(ids) == 1 else None


def _attachment(item: Any) -> Attachment:
    if isinstance(item, str):
        return Attachment(item)
    text = next(
        (item[name] for name in ("text", "extracted_text", "extracted", "content") if item.get(name)), ""
    )
    alt = item.get("alt") or item.get("alt_text") or item.get("caption") or ""
    inside = next(
        (
            item[name]
            for name in ("members", "entries", "contents", "archive", "files", "contains")
            if item.get(name)
        ),
        (),
    )
    if isinstance(inside, Mapping):
        inside = inside.get("members") or inside.get("entries") or ()
    return Attachment(
        name=str(item.get("filename") or item.get("name") or ""),
        mime=str(item.get("mime") or ""),
        magic=str(item.get("magic") or ""),
        text=str(text),
        alt=str(alt),
        members=tuple(map(_member, inside)),
        people=tuple(_person(person) for person in item.get("people") or ()),
        macros=bool(item.get("macros") or item.get("has_macros")),
    )


def _member(item: Any) -> Member:
    if isinstance(item, str):
        return Member(item)
    return Member(str(item.get("filename") or item.get("name") or ""), str(item.get("magic") or ""))


def _person(item: Any) -> TaggedPerson:
    if isinstance(item, str):
        return TaggedPerson(item)
    return TaggedPerson(str(item.get("name") or ""), consent=item.get("consent") is True)


def _options(poll: Any) -> tuple[str, ...]:
    if isinstance(poll, Mapping):
        poll = [*filter(None, [poll.get("question")]), *poll.get("options", ())]
    return tuple(str(option.get("text", "") if isinstance(option, Mapping) else option) for option in poll)


def _thread(context: Json, entities: Iterable[Json]) -> Thread:
    thread = context.get("thread") or {}
    below: list[Any] = []
    for name in ("descendants", "replies", "comments", "children"):
        below += [*(thread.get(name) or ()), *(context.get(name) or ())]
    root = thread.get("root")
    return Thread(
        root=_neighbour(root, entities) if root else None,
        ancestors=tuple(_neighbour(item, entities) for item in thread.get("ancestors") or ()),
        siblings=tuple(_neighbour(item, entities) for item in thread.get("siblings") or ()),
        descendants=tuple(_neighbour(item, entities) for item in below),
    )


def _neighbour(item: Any, entities: Iterable[Json]) -> Neighbour:
    if isinstance(item, str):
        return Neighbour(item)
    return Neighbour(
        text=str(item.get("text") or item.get("body") or ""),
        title=str(item.get("title") or ""),
        attachments=tuple(map(_attachment, item.get("attachments") or ())),
        mentions=_mentions(item.get("mentions"), entities),
    )


def _history(items: Iterable[Any], context: Json) -> Iterable[PastItem]:
    """What the author published before; decisions of moderators aren't posts of theirs."""
    author = context.get("author")
    own = author.get("id") if isinstance(author, Mapping) else None
    for item in items:
        told = {"at": item} if isinstance(item, str) else item
        what = {str(value) for name, value in told.items() if name not in ("text", "body", "space")}
        at = _time(told.get("at"))
        if at is None or what & _NOT_POSTS or told.get("approval"):
            continue
        if own and told.get("author") and told["author"] != own:
            continue
        space = told.get("space") or told.get("space_id")
        if isinstance(space, Mapping):
            space = space.get("id") or space.get("name") or space.get("type")
        text = told.get("text") if told.get("text") is not None else told.get("body")
        yield PastItem(at, str(space) if space is not None else None, text)


def _approved(context: Json) -> Iterable[str]:
    thread = context.get("thread") or {}
    for source in (context, thread):
        for name in (
            "previous_approved_hits",
            "approved_hits",
            "approved",
            "approved_pairs",
            "root_approved_hits",
        ):
            value = source.get(name)
            if isinstance(value, list | tuple):
                yield from map(str, value)
