from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.kernel.inputs import as_typed, choice, many, optional, parse, text, whole
from app.kernel.text import LONGEST

TYPES = ("post", "article", "question", "announcement")
MOST_FILES = 10
LONGEST_TITLE, LONGEST_COMMENT, LONGEST_ALT = 160, 8_000, 300
LONGEST_DRAFT = 60_000


@dataclass(frozen=True)
class Edition:
    """What an author had before their eyes when they began to edit: what readers see, and what waits."""

    version: int
    waiting: int | None = None

    @classmethod
    def read(cls, raw: Any) -> Edition:
        """As `str` writes it: “3”, or “3.1739898” while an edit waits. ValueError for anything else."""
        version, dot, waiting = str(raw).partition(".")
        number = whole()
        return cls(int(number(version)), int(number(waiting)) if dot else None)

    def __str__(self) -> str:
        return f"{self.version}" if self.waiting is None else f"{self.version}.{self.waiting}"


@dataclass(frozen=True)
class Written:
    """What somebody wants to say, read from a form or from JSON."""

    body: str
    title: str = ""
    type: str = "post"
    attachments: tuple[str, ...] = ()
    alts: tuple[str, ...] = ()
    nudge_token: str = ""
    justification: str = ""
    parent_id: int | None = None

    @classmethod
    def post(cls, source: Mapping[str, Any], *, strict: bool = False) -> Written:
        """A post: body, perhaps title, type and files. Invalid with a sentence per field."""
        return cls._read(source, strict, body=text(longest=LONGEST), type=optional(choice(*TYPES), "post"))

    @classmethod
    def comment(cls, source: Mapping[str, Any], *, strict: bool = False) -> Written:
        """A comment, perhaps below another one."""
        return cls._read(source, strict, body=text(longest=LONGEST_COMMENT))

    @classmethod
    def _read(cls, source: Mapping[str, Any], strict: bool, **readers: Any) -> Written:
        given = parse(
            _as_lists(source),
            strict=strict,
            ignore=("publish_at",),
            title=optional(text(longest=LONGEST_TITLE, lines=False), ""),
            attachments=many(text(longest=40, lines=False), most=MOST_FILES),
            alts=many(text(longest=LONGEST_ALT, shortest=0, lines=False), most=MOST_FILES),
            nudge_token=optional(text(longest=1000, lines=False), ""),
            justification=optional(text(longest=500), ""),
            parent_id=optional(whole(), None),
            **readers,
        )
        return cls(**{**given, "attachments": tuple(given["attachments"]), "alts": tuple(given["alts"])})


def _as_lists(source: Mapping[str, Any]) -> dict[str, Any]:
    """A form sends one file as one field; JSON always sends a list."""
    lists = ("attachments", "alts")
    return {k: [v] if k in lists and isinstance(v, str) and v else v for k, v in source.items()}


def drafted(source: Mapping[str, Any]) -> dict[str, Any]:
    """What is being written at a place, unfinished as it is; Invalid for what no box of ours holds."""
    short = as_typed(longest=20)
    given = parse(
        source,
        strict=True,
        space_id=short,
        type=short,
        parent_id=short,
        post_id=short,
        title=as_typed(longest=LONGEST_DRAFT),
        body=as_typed(longest=LONGEST_DRAFT),
        attachments=many(text(longest=40, lines=False), most=MOST_FILES),
    )
    return {name: value for name, value in given.items() if value}
