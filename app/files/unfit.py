"""Why a file isn't taken. The sentence is found by whoever talks to people; this may be raised anywhere."""

from __future__ import annotations


class Unfit(Exception):
    """`why` is one of empty, kind, mismatch, damaged, pixels, archive, nested, paths, text, markup."""

    def __init__(self, why: str, **details: object) -> None:
        super().__init__(why)
        self.why, self.details = why, details
