"""Learning in a process of its own: it takes seconds and memory that no web process should give."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from app.relevance.classifier.seed import seed_lines

_ROOT: Final = Path(__file__).resolve().parents[3]
_LONGEST_SECONDS: Final = 1_800
Labelled = tuple[str, bool]


class Failed(RuntimeError):
    """Nothing was learnt; the message says why."""


def train_apart(task: str, labelled: Iterable[Labelled]) -> bytes:
    """The model that these labels and the seed set make, as it is stored."""
    samples = [[text, value, False, False] for text, value in labelled]
    return _run({"task": task, "samples": [*samples, *_seed(task)]})


def _seed(task: str) -> Sequence[list[object]]:
    return [
        [line["text"], bool(line[task]), True, bool(line.get("work"))]
        for line in seed_lines()
        if task in line
    ]


def _run(asked: dict[str, object]) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "app.relevance.classifier"],
        input=json.dumps(asked).encode(),
        capture_output=True,
        cwd=_ROOT,
        timeout=_LONGEST_SECONDS,
        check=False,
    )
    if done.returncode:
        raise Failed(done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"])
    return done.stdout
