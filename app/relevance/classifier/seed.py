"""The seed set: short professional, private, blunt and insulting texts written for this purpose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "seed"


def seed_lines() -> list[dict[str, Any]]:
    """Every line of the seed set: {"lang", "text", "work"?, "tone"}."""
    files = sorted(_FOLDER.glob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
