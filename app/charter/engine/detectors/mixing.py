"""A client and a supplier in one place."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ..draft import Neighbour
from ..organisations import Registry, Trace
from ..scan import Hit, Scan
from ..spec import RuleSpec
from ..verdict import Place
from .base import Build, Detector

_MOST_PAIRS: Final = 100
_MOST_CHECKS: Final = 20_000


@dataclass(frozen=True, slots=True)
class _Side:
    organisation: str
    weak: bool = False
    evasion: bool = False
    places: tuple[Place, ...] = ()


def compile_mixing(rule: RuleSpec, _build: Build) -> Detector:
    """Pairs of one client and one supplier, of which the draft brings at least one."""

    def detect(scan: Scan) -> Iterator[Hit]:
        if not scan.policy.registry.specs:
            return
        own = _own_sides(scan)
        if not own:
            return
        found: dict[str, Hit] = {}
        for one, other in _candidates(own, _around(scan)):
            key = pair_key(rule.key, scan.policy.registry, one.organisation, other.organisation)
            if key and key not in scan.draft.approved and (key not in found or found[key].weak):
                found[key] = _hit(key, one, other)
                if len(found) >= _MOST_PAIRS:
                    break
        yield from found.values()

    return detect


def pair_key(rule: str, registry: Registry, one: str, other: str) -> str:
    """The name of a pair, client first; empty when these two don't make one."""
    if one == other:
        return ""
    for client, supplier in sorted([(one, other), (other, one)]):
        if "client" in registry.roles(client) and "supplier" in registry.roles(supplier):
            return f"{rule}:{client}+{supplier}"
    return ""


def _own_sides(scan: Scan) -> list[_Side]:
    sides = _merged(scan, scan.traces)
    known = {side.organisation for side in sides if not side.weak}
    for mention in scan.draft.mentions:
        organisation = mention.organisation
        if (
            organisation
            and organisation not in known
            and scan.policy.registry.is_valid(organisation, scan.today)
        ):
            at = scan.draft.body.casefold().find(f"@{mention.handle.lstrip('@').casefold()}")
            place = (Place("body", at, at + len(mention.handle.lstrip("@")) + 1),) if at >= 0 else ()
            sides.append(_Side(organisation, places=place))
    return sorted(sides, key=lambda side: side.weak)


def _around(scan: Scan) -> list[_Side]:
    """What completes the draft's own sides: place and thread count fully, siblings only as a doubt."""
    draft, thread = scan.draft, scan.draft.thread
    sides = []
    if draft.space.organisation and scan.policy.registry.is_valid(draft.space.organisation, scan.today):
        sides.append(_Side(draft.space.organisation))
    above: list[Neighbour] = []
    if draft.object == "comment":
        above = [*([thread.root] if thread.root else []), *thread.ancestors]
        for sibling in thread.siblings:
            sides += [_Side(side.organisation, weak=True) for side in _of(scan, sibling)]
    for neighbour in (*above, *thread.descendants):
        sides += _of(scan, neighbour)
    return sorted(sides, key=lambda side: side.weak)


def _of(scan: Scan, neighbour: Neighbour) -> list[_Side]:
    traces = scan.neighbour_traces(neighbour)
    sides = [_Side(side.organisation, side.weak, side.evasion) for side in _merged(scan, traces)]
    mentioned = [m.organisation for m in neighbour.mentions if m.organisation]
    valid = [name for name in mentioned if scan.policy.registry.is_valid(name, scan.today)]
    return [*sides, *map(_Side, valid)]


def _merged(scan: Scan, traces: Iterable[Trace]) -> list[_Side]:
    """One side per organisation: weak or disguised only if every trace of it is."""
    grouped: dict[str, list[Trace]] = {}
    for trace in traces:
        grouped.setdefault(trace.organisation, []).append(trace)
    return [_side(scan, organisation, group) for organisation, group in grouped.items()]


def _side(scan: Scan, organisation: str, traces: list[Trace]) -> _Side:
    best = [trace for trace in traces if not trace.weak] or traces
    evasion = all(trace.evasion for trace in best)
    places = scan.places((trace.start, trace.end) for trace in best[:20] if trace.end > trace.start)
    return _Side(organisation, all(trace.weak for trace in traces), evasion, places)


def _candidates(own: list[_Side], around: list[_Side]) -> Iterator[tuple[_Side, _Side]]:
    checks = 0
    for number, one in enumerate(own):
        for other in (*own[number + 1 :], *around):
            checks += 1
            if checks > _MOST_CHECKS:
                return
            yield one, other


def _hit(key: str, one: _Side, other: _Side) -> Hit:
    tags = ("evasion",) if one.evasion or other.evasion else ()
    places = sorted({*one.places, *other.places}, key=lambda place: (place.part, place.start))
    return Hit(tuple(places), tags, key, one.weak or other.weak)
