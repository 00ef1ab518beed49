"""What people wrote: threads read from the content files, and series filled in from patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import cast, get_args

from app.demo.chance import chance
from app.demo.reading import CONTENT, text, words
from app.demo.shapes import Outcome, PostKind

KINDS = get_args(PostKind)


@dataclass(frozen=True)
class Said:
    """A comment as written, before it has a time."""

    author: str
    body: str
    is_answer: bool = False
    outcome: Outcome = "published"
    reports: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Reply:
    """A short comment that fits a pattern: it `answers` the line before it, or is `by_author` of the post."""

    body: str
    answers: bool
    by_author: bool
    english: bool


@dataclass(frozen=True)
class Thread:
    """A post as written, before it has a time; `age` in days where it matters, `replies` to draw from."""

    space: str
    author: str
    kind: PostKind
    title: str | None
    body: str
    edits: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()
    files: tuple[str, ...] = ()
    age: float | None = None
    pinned: bool = False
    outcome: Outcome = "published"
    reports: tuple[tuple[str, str, str], ...] = ()
    replies: tuple[Reply, ...] = ()


@dataclass
class _Options:
    """The last field of a heading: `pin,age=2,file=pdf:budget,held=mix,report=login:clause:why`."""

    pinned: bool = False
    age: float | None = None
    files: list[str] = field(default_factory=list)
    outcome: Outcome = "published"
    reports: list[tuple[str, str, str]] = field(default_factory=list)

    @classmethod
    def read(cls, source: str) -> _Options:
        options = cls()
        for item in re.split(r",(?=[a-z]+=|pin|edit)", source):
            options._take(*item.strip().partition("=")[::2])
        return options

    def _take(self, name: str, value: str) -> None:
        if name == "pin":
            self.pinned = True
        elif name == "age":
            self.age = float(value)
        elif name == "file":
            self.files.append(value)
        elif name in ("held", "flagged"):
            self.outcome = cast(Outcome, name)
        elif name == "report":
            login, clause, why = value.split(":", 2)
            self.reports.append((login, clause, why))


def threads() -> list[list[Thread]]:
    """The hand-written threads, one list a file, each in the order it was lived."""
    paths = sorted((CONTENT / "posts").glob("*.txt"))
    return [[_thread(source) for source in _parts(path.read_text(encoding="utf-8"), "===")] for path in paths]


def _parts(source: str, mark: str) -> list[str]:
    """What stands between lines that begin with the mark."""
    return [part.strip() for part in re.split(rf"^{re.escape(mark)} ", source, flags=re.MULTILINE)[1:]]


def _thread(source: str) -> Thread:
    first, *rest = re.split(r"^--- ", source, flags=re.MULTILINE)
    head, _, written = first.partition("\n")
    space, author, kind, *more = (part.strip() for part in head.split(" | "))
    options = _Options.read(",".join(more))
    body, *edits = written.split("\n+++\n")
    title, body = _title(body.strip())
    return Thread(
        space=space,
        author=author,
        kind=_kind(kind),
        title=title,
        body=body,
        edits=tuple(edit.strip() for edit in edits),
        said=tuple(_said(part) for part in rest),
        files=tuple(options.files),
        age=options.age,
        pinned=options.pinned,
        outcome=options.outcome,
        reports=tuple(options.reports),
    )


def _kind(name: str) -> PostKind:
    if name not in KINDS:
        raise ValueError(f"no such kind of post: {name}")
    return cast(PostKind, name)


def _title(body: str) -> tuple[str | None, str]:
    if not body.startswith("# "):
        return None, body
    title, _, rest = body[2:].partition("\n")
    return title.strip(), rest.strip()


def _said(part: str) -> Said:
    head, _, body = part.partition("\n")
    author, _, rest = head.strip().partition(" ")
    options = _Options.read(rest.removeprefix(">").strip())
    return Said(author, body.strip(), rest.startswith(">"), options.outcome, tuple(options.reports))


def series(seed: int) -> list[list[Thread]]:
    """The parametrised posts, one list a series: patterns in turn, authors and figures by chance."""
    vocabulary = dict(_vocabulary())
    return [
        list(_series(part, vocabulary, chance(seed, "series", number))) for number, part in _numbered_series()
    ]


def _numbered_series() -> Iterator[tuple[int, str]]:
    return enumerate(_parts(text("fill.txt"), "%%"))


def _vocabulary() -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in text("fill.txt").splitlines():
        if line.startswith("@"):
            name, _, values = line[1:].partition(":")
            yield name, tuple(value.strip() for value in values.split(";"))


def _series(source: str, vocabulary: dict[str, tuple[str, ...]], draws: Random) -> Iterator[Thread]:
    head, _, written = source.partition("\n")
    space, authors, kind, times, *files = (part.strip() for part in head.split(" | "))
    patterns, names = [_pattern(part) for part in written.split("\n~\n")], list(words(authors))
    draws.shuffle(names)
    for turn in range(int(times)):
        pattern, said = patterns[turn % len(patterns)]
        body, drawn = fill(pattern, vocabulary, draws), tuple(files) if turn in (4, 8) else ()
        yield Thread(space, names[turn % len(names)], _kind(kind), None, body, files=drawn, replies=said)


def _pattern(source: str) -> tuple[str, tuple[Reply, ...]]:
    body, *said = source.strip().split("\n--- ")
    return body, tuple(_reply(line) for line in said)


def _reply(line: str) -> Reply:
    body = line.removeprefix("> ").removeprefix("< ")
    english = body.startswith("en: ")
    return Reply(body.removeprefix("en: "), line[0] in "<>", line[0] == "<", english)


def fill(pattern: str, vocabulary: dict[str, tuple[str, ...]], draws: Random) -> str:
    """The pattern with its slots filled: a list by name, a range of figures, a lot number."""
    body = re.sub(r"\{([^}]+)\}", lambda slot: _value(slot[1], vocabulary, draws), pattern)
    body = re.sub(r"\b([dD])e le ", r"\1u ", body)
    return body[0].upper() + body[1:]


def _value(slot: str, vocabulary: dict[str, tuple[str, ...]], draws: Random) -> str:
    if slot == "lot":
        return f"24-{draws.randint(1200, 1980)}"
    if slot in vocabulary:
        return draws.choice(vocabulary[slot])
    low, high = slot.split("-")
    if "," not in slot:
        return str(draws.randint(int(low), int(high)))
    return f"{draws.uniform(float(low.replace(',', '.')), float(high.replace(',', '.'))):.1f}".replace(
        ".", ","
    )
