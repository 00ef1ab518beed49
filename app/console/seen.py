"""Which address the product sees for a caller, and why: read as the wall reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.auth.queries import last_entries
from app.gate import queries as gate
from app.gate.address import Address, Resolver, canonical

GOOD, NOTE, BAD = "ok", "note", "BAD"
Line = tuple[str, str]
_SEVERAL = 3


def explain(resolver: Resolver, header: str, peer: str, value: str | None) -> Iterator[Line]:
    """What happens to a request of this peer with this forwarding header, hop by hop, in words."""
    address = canonical(peer)
    if address is None:
        yield BAD, f"“{peer[:80]}” isn't an address: such a caller is unknown and refused."
    elif address not in resolver.trusted:
        named = f"PARVIS_TRUSTED_PROXIES ({resolver.trusted or 'empty'})"
        ignored = "" if value is None else f"; its {header} changes nothing"
        yield GOOD, f"{address} connects and isn't named in {named}{ignored}: Parvis sees {address}."
        yield _entry(address)
    elif value is None:
        yield BAD, f"{address} is a trusted proxy but sent no {header}: the caller is unknown and refused."
    else:
        yield GOOD, f"{address} connects and is a trusted proxy{_by(resolver, address)}: its {header} counts."
        yield from _walk(resolver, header, value)


def lately() -> Iterator[Line]:
    """Where people came from when they signed in last: one address for all of them is a proxy's."""
    entries = last_entries()
    if not entries:
        return
    addresses, people = {entry.address for entry in entries}, {entry.person_id for entry in entries}
    newest = entries[0]
    yield (
        GOOD,
        f"Who signed in last was seen at {newest.address}; `flask doctor --peer …` explains an address.",
    )
    if len(addresses) == 1 and len(people) >= _SEVERAL:
        yield (
            NOTE,
            f"All of the last {len(people)} people were seen at {newest.address}: if that is a proxy, "
            "name it in PARVIS_TRUSTED_PROXIES.",
        )


def _walk(resolver: Resolver, header: str, value: str) -> Iterator[Line]:
    for hop, is_ours in resolver.hops(value):
        if hop is None:
            yield (
                BAD,
                f"The next of {header} from the right can't be read: the caller is unknown and refused.",
            )
            return
        if not is_ours:
            yield GOOD, f"{hop} is the first from the right that is no proxy of ours: Parvis sees {hop}."
            yield _entry(hop)
            return
        yield GOOD, f"{hop} is a trusted hop{_by(resolver, hop)}: skipped."
    yield BAD, f"{header} holds nothing but proxies: the caller is unknown and refused."


def _by(resolver: Resolver, address: Address) -> str:
    named: Sequence[str] = [
        str(entry) for entry in resolver.trusted if entry.version == address.version and address in entry
    ]
    return f" (by {named[0]})" if named else ""


def _entry(address: Address) -> Line:
    verdict = gate.now().wall(address)
    if not verdict.admits:
        return BAD, f"{address} may not enter: " + (
            "no rule fits." if verdict.place is None else f"rule {verdict.place + 1} says so."
        )
    return GOOD, f"{address} may enter, by rule {(verdict.place or 0) + 1}; `flask gate show` lists them."
