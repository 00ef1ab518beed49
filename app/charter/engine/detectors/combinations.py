"""Conditions made of conditions. What isn't known is false, and said to be unknown."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from ..scan import Hit, Scan
from ..spec import RuleSpec
from .base import Build, Detector, strings

_DEEPEST: Final = 8


class Unknown(Exception):
    """A value that the draft doesn't carry."""


def compile_combination(rule: RuleSpec, _build: Build) -> Detector:
    """`all`, `any`, `none` over hits of other rules and facts of the draft."""
    condition = rule.params.get("when", rule.params)
    _check(condition, 0)

    def detect(scan: Scan) -> Iterator[Hit]:
        unknown: list[str] = []
        if _holds(condition, scan, unknown):
            yield Hit(places=_places(condition, scan))
        for reason in dict.fromkeys(unknown):
            yield Hit(missing=reason)

    return detect


def conditions(params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every single condition, whatever groups it stands in; days told in seconds."""
    for name, value in params.get("when", params).items():
        if name in _GROUPS:
            for inner in value:
                yield from conditions(inner)
        elif name in _FACTS:
            yield ("author_age_below_s" if name == "author_age_below_days" else name), value


def _check(condition: Any, depth: int) -> None:
    if not isinstance(condition, Mapping) or not condition:
        raise ValueError("a condition is a table with at least one entry")
    if depth > _DEEPEST:
        raise ValueError("conditions are nested too deeply")
    for name, value in condition.items():
        if name in _GROUPS:
            for inner in value:
                _check(inner, depth + 1)
        elif name not in _FACTS:
            raise ValueError(f"unknown condition: {name}")


def _holds(condition: Mapping[str, Any], scan: Scan, unknown: list[str]) -> bool:
    # Every part is looked at, so that everything unknown is reported.
    return all([_part(name, value, scan, unknown) for name, value in condition.items()])  # noqa: C419


def _part(name: str, value: Any, scan: Scan, unknown: list[str]) -> bool:
    if name in _GROUPS:
        return _GROUPS[name]([_holds(inner, scan, unknown) for inner in value])
    try:
        return _FACTS[name](value, scan)
    except Unknown as reason:
        unknown.append(str(reason))
        return False


def _places(condition: Mapping[str, Any], scan: Scan) -> tuple[Any, ...]:
    found = [place for key in _named(condition) for hit in scan.found.get(key, ()) for place in hit.places]
    return tuple(dict.fromkeys(found))


def _named(condition: Mapping[str, Any]) -> Iterator[str]:
    for name, value in condition.items():
        if name == "hit":
            yield from strings(value)
        elif name in ("all", "any"):
            for inner in value:
                yield from _named(inner)


def _hit(value: Any, scan: Scan) -> bool:
    found = False
    for key in strings(value):
        if key not in scan.found:
            raise Unknown(f"rule {key} was not evaluated")
        found = found or any(not hit.missing for hit in scan.found[key])
    return found


def _count(value: Any, scan: Scan) -> bool:
    key = str(value["hit"])
    if key not in scan.draft.past_hits:
        raise Unknown(f"no history of {key}")
    window = timedelta(seconds=float(value["window_s"]))
    past = [at for at in scan.draft.past_hits[key] if scan.now - window < at <= scan.now]
    now = any(not hit.missing for hit in scan.found.get(key, ()))
    return len(past) + now >= int(value["at_least"])


def _age(since: datetime | None, scan: Scan, fact: str) -> timedelta:
    if since is None:
        raise Unknown(f"{fact} is not known")
    return scan.now - since


def _author_age(value: Any, scan: Scan) -> bool:
    return _age(scan.draft.author.joined_at, scan, "the author's age") < timedelta(seconds=float(value))


def _author_days(value: Any, scan: Scan) -> bool:
    return _author_age(float(value) * 86_400, scan)


def _first_post(value: Any, scan: Scan) -> bool:
    count = scan.draft.author.published_count
    if count is None:
        raise Unknown("the author's earlier posts are not known")
    return (count == 0) is bool(value)


def _edited_within(value: Any, scan: Scan) -> bool:
    if scan.draft.event != "edit":
        return False
    return _age(scan.draft.published_at, scan, "the time of publication") < timedelta(seconds=float(value))


def _score(value: Any, scan: Scan) -> bool:
    if scan.draft.work_score is None:
        raise Unknown("no score")
    return scan.draft.work_score < float(value)


_GROUPS: Final[dict[str, Callable[[list[bool]], bool]]] = {
    "all": all,
    "any": any,
    "none": lambda parts: not any(parts),
}
_FACTS: Final[dict[str, Callable[[Any, Scan], bool]]] = {
    "hit": _hit,
    "count": _count,
    "author_age_below_s": _author_age,
    "author_age_below_days": _author_days,
    "first_post": _first_post,
    "edited_within_s": _edited_within,
    "work_below": _score,
    "event": lambda value, scan: scan.draft.event in strings(value),
    "object": lambda value, scan: scan.draft.object in strings(value),
    "space_kind": lambda value, scan: scan.draft.space.kind in strings(value),
    "role": lambda value, scan: bool(scan.draft.author.roles & {*strings(value)}),
    "segment": lambda value, scan: scan.draft.author.segment in strings(value),
    "has_attachment": lambda value, scan: bool(scan.draft.attachments) is bool(value),
    "has_link": lambda value, scan: bool(scan.document.links) is bool(value),
}
