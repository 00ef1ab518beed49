"""What an address really points to."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from .fold import INVISIBLE, fold_text

_SCHEME: Final = re.compile(r"^(?:[a-z][a-z0-9+.\-]{0,31}:)?//", re.IGNORECASE)
_LONGEST_HOST: Final = 253
_DOTS: Final = str.maketrans("。．｡", "...")


@lru_cache(maxsize=2048)
def host_of(url: str) -> str:
    """The host in lower case, as Unicode, without user, port or final dot; empty when there is none."""
    text = INVISIBLE.sub("", url).strip().replace("\\", "/").translate(_DOTS)
    if not _SCHEME.match(text):
        if re.match(r"^[a-z][a-z0-9+\-]*:(?!\d)", text, re.IGNORECASE) or text.startswith(("/", "#", "?")):
            return ""
        text = f"//{text}"
    try:
        authority = urlsplit(text).netloc
    except ValueError:
        authority = re.split(r"[/?#]", _SCHEME.sub("", text), maxsplit=1)[0]
    return _clean(authority.rpartition("@")[2])


def _clean(host: str) -> str:
    if not host.startswith("["):
        host = host.partition(":")[0]
    return ".".join(_to_unicode(label) for label in fold_case(host).strip(".").split("."))


def fold_case(host: str) -> str:
    """Case and compatibility folding only: an accent makes another host."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", host).casefold())


@lru_cache(maxsize=4096)
def _to_unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode").casefold()
    except (UnicodeError, ValueError):
        return label


def suffixes(host: str) -> Iterator[str]:
    """The host, then each domain above it, cut at dots."""
    host = host[-_LONGEST_HOST:]
    while host:
        yield host
        host = host.partition(".")[2]


def is_under(host: str, domains: Iterable[str]) -> bool:
    wanted = frozenset(domains)
    return any(suffix in wanted for suffix in suffixes(host))


def redirect_targets(url: str) -> Iterator[str]:
    """Addresses handed over in the query, decoded once."""
    query = url.partition("?")[2].partition("#")[0]
    if not query or len(query) > 8_000:
        return
    for _, value in parse_qsl(query.replace(";", "&"), max_num_fields=100) if query.count("&") < 99 else ():
        if _SCHEME.match(value) or re.match(r"www\.", value, re.IGNORECASE):
            yield value


def domain_key(domain: str) -> str:
    """A registered domain in the form of `host_of`."""
    return host_of(domain) or fold_text(domain).strip(".")
