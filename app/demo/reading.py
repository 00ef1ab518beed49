"""Reading the content files: tables, and French set with its own apostrophes and spaces."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).parent / "content"
NARROW = "\u202f"
APOSTROPHE = "\u2019"


def text(name: str) -> str:
    """One content file, whole."""
    return (CONTENT / name).read_text(encoding="utf-8")


def load(name: str) -> Any:
    """One JSON content file."""
    return json.loads(text(name))


def table(name: str) -> list[list[str]]:
    """The rows of a file with one record a line and bars between the fields."""
    lines = (line.strip() for line in text(name).splitlines())
    return [line.split("|") for line in lines if line and not line.startswith("#")]


def words(field: str) -> tuple[str, ...]:
    """A comma-separated field."""
    return tuple(word.strip() for word in field.split(",") if word.strip())


def french(plain: str) -> str:
    """The same text with typographic apostrophes and narrow spaces where French wants them."""
    spaced = re.sub(r" ([;:!?»])", NARROW + r"\1", plain.replace("'", APOSTROPHE))
    spaced = re.sub(r"(\d) (h|000)\b", r"\1" + NARROW + r"\2", spaced)
    return spaced.replace("« ", f"«{NARROW}")


def english(plain: str) -> str:
    """The same text with typographic apostrophes."""
    return plain.replace("'", APOSTROPHE)
