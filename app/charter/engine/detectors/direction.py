"""Marks that make text read otherwise than it is written."""

import re
from collections.abc import Iterator
from typing import Final

from ..scan import Hit, Scan
from ..spec import RuleSpec
from .base import Build, Detector

_OVERRIDE: Final = re.compile("[\u202d\u202e]")


def compile_bidi(_rule: RuleSpec, _build: Build) -> Detector:
    """Directional overrides, in text and in file names; right-to-left languages need neither."""
    return _detect


def _detect(scan: Scan) -> Iterator[Hit]:
    for found in _OVERRIDE.finditer(scan.document.text):
        yield Hit(scan.places([found.span()]))
