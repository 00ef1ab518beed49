"""Addresses that may not be given, and addresses that aren't what they seem."""

from collections.abc import Iterator

from ..confusables import mixes_scripts, skeleton
from ..document import Link
from ..hosts import domain_key, host_of, is_under, redirect_targets, suffixes
from ..scan import Hit, Scan
from ..spec import RuleSpec
from .base import Build, Detector, document_hit, strings


def compile_deny(rule: RuleSpec, _build: Build) -> Detector:
    """Links to listed domains, and to any name below them unless `subdomains` is false."""
    domains = frozenset(domain_key(domain) for domain in strings(rule.params.get("domains")))
    below = bool(rule.params.get("subdomains", True))
    depth = int(rule.params.get("redirect_param_depth", 1))

    def is_denied(url: str) -> bool:
        host = host_of(url)
        return is_under(host, domains) if below else host in domains

    def detect(scan: Scan) -> Iterator[Hit]:
        for link in scan.document.links:
            urls = [link.url, *(redirect_targets(link.url) if depth else ())]
            if any(map(is_denied, urls)):
                yield document_hit(scan, link.start, link.end)

    return detect


def compile_allow_only(rule: RuleSpec, build: Build) -> Detector:
    """Links to anything but listed domains and the company's own."""
    domains = frozenset(
        domain_key(d) for d in (*strings(rule.params.get("domains")), build.company.domain) if d
    )

    def detect(scan: Scan) -> Iterator[Hit]:
        for link in scan.document.links:
            host = host_of(link.url)
            if host and not is_under(host, domains) and (link.explicit or "/" in link.url):
                yield document_hit(scan, link.start, link.end)

    return detect


def compile_lookalike(rule: RuleSpec, build: Build) -> Detector:
    """Hosts of mixed alphabets, or easily taken for the company's own or a listed one."""
    listed = (build.company.domain, *strings(rule.params.get("domains")))
    known = {domain_key(domain) for domain in listed if domain}
    looks = {skeleton(domain) for domain in known}

    def is_lookalike(url: str) -> bool:
        host = host_of(url)
        if not host or is_under(host, known):
            return False
        if any(mixes_scripts(label) for label in host.split(".")):
            return True
        return any(skeleton(suffix) in looks for suffix in suffixes(host))

    def detect(scan: Scan) -> Iterator[Hit]:
        for link in scan.document.links:
            if any(map(is_lookalike, (link.url, *redirect_targets(link.url)))):
                yield document_hit(scan, link.start, link.end)

    return detect


def compile_label(_rule: RuleSpec, _build: Build) -> Detector:
    """Links whose text names another host than the one they lead to."""

    def detect(scan: Scan) -> Iterator[Hit]:
        for link in scan.document.links:
            piece = scan.document.piece_at(link.start)
            if piece and piece.role == "label":
                shown, real = host_of(link.url), _target(scan, link)
                if shown and real and not is_under(real, {shown}) and not is_under(shown, {real}):
                    yield document_hit(scan, link.start, link.end)

    return detect


def _target(scan: Scan, shown: Link) -> str:
    following = (link for link in scan.document.links if link.start >= shown.end)
    nearest = min(following, key=lambda link: link.start, default=None)
    return host_of(nearest.url) if nearest else ""
