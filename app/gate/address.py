"""Who is really calling: one canonical address for every request, or none at all."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal
from wsgiref.types import WSGIEnvironment

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Header = Literal["X-Forwarded-For", "Forwarded"]
Reason = Literal["direct", "forwarded", "unforwarded", "unreadable", "only proxies", "no peer"]

LONGEST_ADDRESS = 80  # 45 for the address, then zone, brackets and port

_BRACKETED = re.compile(r"\[([^\]]*)\](?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?")
_WITH_PORT = re.compile(r"([0-9.]+):(?:[0-9]{1,5}|_[A-Za-z0-9._-]+)")
_ZONED = re.compile(r"([0-9A-Fa-f:.]+)%[A-Za-z0-9._~-]+")
_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_QUOTED = r'"(?:[\t !#-\[\]-~]|\\[\t !-~])*"'
_PAIR = rf"({_WORD})=({_WORD}|{_QUOTED})"
_ELEMENT = re.compile(rf"{_PAIR}(?:[ \t]*;[ \t]*{_PAIR})*")
_PAIRS = re.compile(_PAIR)


def canonical(text: str) -> Address | None:
    """The one form of an address, however it was spelt; None for everything that isn't exactly one.

    Brackets and a port are dropped, a zone id too (it names a wire of this machine, not a caller), and an
    IPv4 address wrapped in IPv6 is unwrapped, so that each caller has one address and each rule one meaning.
    """
    return _canonical(text) if len(text) <= LONGEST_ADDRESS else None


@lru_cache(maxsize=4096)
def _canonical(text: str) -> Address | None:
    text = text.strip(" \t")
    if match := _BRACKETED.fullmatch(text):
        return _ipv6(match[1])
    if match := _WITH_PORT.fullmatch(text):
        return _ipv4(match[1])
    return _ipv6(text) if ":" in text else _ipv4(text)


def _ipv4(text: str) -> IPv4Address | None:
    try:
        return IPv4Address(text)
    except ValueError:
        return None


def _ipv6(text: str) -> Address | None:
    zoned = _ZONED.fullmatch(text)
    try:
        address = IPv6Address(zoned[1] if zoned else text)
    except ValueError:
        return None
    return None if address.scope_id else (address.ipv4_mapped or address)


class Networks:
    """A fixed set of networks. An empty one contains nobody."""

    __slots__ = ("_ranges", "entries")

    def __init__(self, entries: Iterable[Network] = ()) -> None:
        self.entries = tuple(entries)
        self._ranges = {version: _merged(self.entries, version) for version in (4, 6)}

    def __contains__(self, address: Address | None) -> bool:
        if address is None:
            return False
        starts, ends = self._ranges[address.version]
        number = int(address)
        place = bisect_right(starts, number) - 1
        return place >= 0 and number <= ends[place]

    def __iter__(self) -> Iterator[Network]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Networks) and self._ranges == other._ranges

    def __hash__(self) -> int:
        return hash(frozenset(self.entries))

    def __str__(self) -> str:
        return ", ".join(map(str, self.entries))


def _merged(entries: Iterable[Network], version: int) -> tuple[list[int], list[int]]:
    starts: list[int] = []
    ends: list[int] = []
    spans = sorted(
        (int(n.network_address), int(n.broadcast_address)) for n in entries if n.version == version
    )
    for start, end in spans:
        if ends and start <= ends[-1] + 1:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends


class BadNetwork(ValueError):
    """An entry that is not a network, and the network that was perhaps meant."""

    def __init__(self, entry: str, meant: Network | None = None) -> None:
        self.entry, self.meant = entry[:80], meant
        hint = f"did you mean {meant}?" if meant else "write it like 192.0.2.0/24 or 2001:db8::/32."
        super().__init__(f"“{self.entry}” is not a network; {hint}")


def parse_networks(source: str | Iterable[str]) -> Networks:
    """Networks written as CIDR or single addresses, or BadNetwork with a sentence naming the bad one."""
    entries = re.split(r"[\s,;]+", source) if isinstance(source, str) else [entry.strip() for entry in source]
    return Networks(_network(entry) for entry in entries if entry)


def _network(entry: str) -> Network:
    if not re.fullmatch(r"[0-9A-Fa-f:.]{2,45}(/[0-9]{1,3})?", entry):
        raise BadNetwork(entry)
    try:
        network = ip_network(entry, strict=False)
    except ValueError:
        raise BadNetwork(entry) from None
    if network.network_address != ip_address(entry.partition("/")[0]):
        raise BadNetwork(entry, meant=network)
    return _unmapped(network)


def _unmapped(network: Network) -> Network:
    """A network of wrapped IPv4 addresses is that network of IPv4 addresses: both sides speak alike."""
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped is None or network.prefixlen < 96:
        return network
    return IPv4Network((mapped, network.prefixlen - 96))


@dataclass(frozen=True, slots=True)
class Resolution:
    """What is known about a caller. Without an address nobody can be let in."""

    address: Address | None
    reason: Reason
    peer: Address | None = None
    proxied: bool = False  # the peer is one of our proxies, so what it says about the scheme holds too
    ignored: bool = False  # somebody who isn't one of our proxies sent forwarding headers


class Resolver:
    """Finds the caller behind our own proxies, and believes nobody else.

    Only a trusted peer may speak for others, and only through the one header that was configured. That
    header is read from the right: trusted hops are skipped, the first other one is the caller, and what
    stands further left was written by the caller and is never even parsed. From any other peer the header
    changes nothing, well formed or not: the caller is the peer itself.

    Behind a trusted proxy a missing header, a hop that can't be read where the caller should be, or nothing
    but proxies means *unknown*, and unknown is refused. Falling back on the peer there would give every
    caller the proxy's own address, which is usually loopback or internal: one slip in the configuration of
    the proxy would open the wall to everybody.

    A Unix socket has no address; it is a trusted peer only when that was said in so many words.
    """

    def __init__(
        self, trusted: Networks, header: Header = "X-Forwarded-For", *, trust_unix: bool = False
    ) -> None:
        self.trusted = trusted
        self.trust_unix = trust_unix
        self._key = "HTTP_" + header.upper().replace("-", "_")
        self._hops = _forwarded_hops if header == "Forwarded" else _plain_hops

    def resolve(self, environ: WSGIEnvironment) -> Resolution:
        """The caller of this request."""
        remote = environ.get("REMOTE_ADDR") or ""
        peer = canonical(remote)
        if peer in self.trusted or (remote == "" and self.trust_unix):
            return self._behind_proxy(peer, environ.get(self._key))
        ignored = any(map(speaks_for_others, environ))
        return Resolution(peer, "direct" if peer else "no peer", peer=peer, ignored=ignored)

    def hops(self, value: str) -> Iterator[tuple[Address | None, bool]]:
        """The hops of a trusted peer's header as they are read, nearest first, and whether each is one of our
        proxies; ends with the caller.
        """
        for hop in self._hops(value):
            yield hop, hop in self.trusted
            if hop not in self.trusted:
                return

    def _behind_proxy(self, peer: Address | None, value: str | None) -> Resolution:
        if value is None:
            return Resolution(None, "unforwarded", peer=peer, proxied=True)
        for hop in self._hops(value):
            if hop not in self.trusted:
                return Resolution(hop, "forwarded" if hop else "unreadable", peer=peer, proxied=True)
        return Resolution(None, "only proxies", peer=peer, proxied=True)


def speaks_for_others(key: str) -> bool:
    """Whether this entry of the WSGI environment is a header by which one machine names another."""
    return key.startswith("HTTP_X_FORWARDED") or key in _OTHER_NAMES


_OTHER_NAMES = frozenset(
    "HTTP_" + name
    for name in (
        "FORWARDED", "X_REAL_IP", "X_CLIENT_IP", "CLIENT_IP", "X_CLUSTER_CLIENT_IP", "TRUE_CLIENT_IP",
        "CF_CONNECTING_IP", "X_ORIGINAL_HOST", "X_ORIGINAL_URL", "X_REWRITE_URL", "X_HOST",
    )
)  # fmt: skip


def _plain_hops(value: str) -> Iterator[Address | None]:
    return map(canonical, reversed(value.split(",")))


def _forwarded_hops(value: str) -> Iterator[Address | None]:
    """Hops of an RFC 7239 header, nearest first.

    Elements are cut at every comma, quoted or not: reading from the left would let a caller open a quotation
    that swallows what our proxy has added. No address needs a comma, so an element with a quoted one is
    unreadable, which harms nobody but its author.
    """
    return map(_node, reversed(value.split(",")))


def _node(element: str) -> Address | None:
    element = element.strip(" \t")
    if not _ELEMENT.fullmatch(element):
        return None
    named = [text for name, text in _PAIRS.findall(element) if name.lower() == "for"]
    if len(named) != 1:
        return None
    node = named[0]
    return canonical(re.sub(r"\\(.)", r"\1", node[1:-1]) if node.startswith('"') else node)
