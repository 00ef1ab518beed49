"""One text about a client and a supplier as two, each about one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.charter import queries as charter
from app.charter.engine import Draft, sides_of
from app.kernel import clock

_SENTENCE = re.compile(r"(?<=[.!?…])[ \t]+")
PLACES = ("split-1", "split-2")


@dataclass
class Halves:
    """What is said of clients, and of suppliers; `both` are sentences that name the two."""

    client: str = ""
    supplier: str = ""
    both: tuple[str, ...] = ()


def split(body: str) -> Halves:
    """Sentence by sentence: each goes where its names belong, the others stay with what they follow."""
    halves: dict[str, list[str]] = {"client": [], "supplier": []}
    both: list[str] = []
    place = "client"
    for paragraph in re.split(r"\n{2,}", body.strip()):
        added: dict[str, list[str]] = {"client": [], "supplier": []}
        for sentence in _SENTENCE.split(paragraph):
            roles = _roles(sentence)
            if len(roles) == 2:
                both.append(sentence)
            place = next(iter(roles)) if len(roles) == 1 else place
            for role in sorted(roles) if len(roles) == 2 else [place]:
                added[role].append(sentence)
        for role, sentences in added.items():
            if sentences:
                halves[role].append(" ".join(sentences))
    told = {role: "\n\n".join(paragraphs) for role, paragraphs in halves.items()}
    return Halves(told["client"], told["supplier"], tuple(both))


def _roles(sentence: str) -> set[str]:
    """The sides that a sentence names; an organisation that is both counts as neither."""
    policy = charter.current_policy()
    found = (
        policy.registry.roles(side.organisation)
        for side in sides_of(policy, Draft(body=sentence), clock.now())
    )
    return {role for roles in found if len(roles) == 1 for role in roles}
