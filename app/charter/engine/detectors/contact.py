"""Phone numbers and electronic addresses of persons."""

import re
from collections.abc import Iterator
from typing import Final

from ..document import Link
from ..hosts import is_under
from ..organisations import EMAIL
from ..phones import PHONE, directory_ranges, national
from ..scan import Hit, Scan
from ..spec import RuleSpec
from .base import Build, Detector, document_hit, folded_hit, strings

_AT: Final = r" ?(?:[\[({<] ?(?:at|a|@|arobase|arobas|chez) ?[\])}>]| (?:arobase|arobas) ) ?"
_DOT: Final = r"(?: ?[\[({<] ?(?:dot|point|\.) ?[\])}>] ?| (?:dot|point) |\.)"
_SPELLED: Final = re.compile(
    rf"(?<![\w.+-])([a-z0-9][\w.+-]{{0,63}}(?:{_DOT}\w+){{0,3}}?){_AT}((?:[\w-]{{1,63}}{_DOT}){{1,5}}[^\W\d_]{{2,24}})(?!\w)"
)
_ROLES: Final = ("contact", "info", "support", "noreply", "sales", "facturation")


def compile_phone(rule: RuleSpec, build: Build) -> Detector:
    ranges = directory_ranges((*build.company.directory_phones, *strings(rule.params.get("exempt_numbers"))))

    def detect(scan: Scan) -> Iterator[Hit]:
        for found in PHONE.finditer(scan.folded.text):
            number = national(found)
            if any(first <= number <= last for first, last in ranges):
                continue
            if not _is_address(scan, found.start(), found.end()):
                yield folded_hit(scan, *found.span())

    return detect


def _is_address(scan: Scan, start: int, end: int) -> bool:
    """Whether a span lies in an address; one that dials or writes to a person isn't meant."""
    begin, stop = scan.folded.span(start, end)
    if not scan.document.roles(begin, stop) <= {"link"}:
        return False
    link = _link_at(scan.document.links, begin, stop)
    return link is None or not link.url.lower().startswith(("tel:", "mailto:", "sms:"))


def _link_at(links: list[Link], start: int, end: int) -> Link | None:
    return next((link for link in links if link.start <= start and end <= link.end), None)


def compile_email(rule: RuleSpec, build: Build) -> Detector:
    """Addresses of persons; the company's own and those of a role are nobody's."""
    domains = {build.company.domain.lower(), *strings(rule.params.get("exempt_domains"))} - {""}
    roles = frozenset(strings(rule.params.get("role_addresses", _ROLES)))

    def is_exempt(local: str, domain: str) -> bool:
        return is_under(domain, domains) or local.partition("+")[0] in roles

    def detect(scan: Scan) -> Iterator[Hit]:
        text = scan.folded.text
        for found in EMAIL.finditer(text) if "@" in text else ():
            if not is_exempt(found.group(1), found.group(2)) and not _is_address(scan, *found.span()):
                yield folded_hit(scan, *found.span())
        for found in _SPELLED.finditer(text) if _may_be_spelled(text) else ():
            local, domain = (re.sub(_DOT, ".", part).replace(" ", "") for part in found.groups())
            if not is_exempt(local, domain):
                yield document_hit(scan, *scan.folded.span(*found.span()), evasion=True)

    return detect


def _may_be_spelled(text: str) -> bool:
    return "arobas" in text or any(sign in text for sign in "[({<")
