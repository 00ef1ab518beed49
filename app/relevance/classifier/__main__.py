"""`python -m app.relevance.classifier`: samples in, a model out. A process gentle to the others."""

from __future__ import annotations

import json
import os
import sys


def main() -> None:
    """Read {"task", "samples": [[text, value, is_seed, is_professional]]}; write the model's bytes."""
    os.nice(10)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from app.relevance.classifier.model import to_bytes
    from app.relevance.classifier.train import Sample, train

    asked = json.load(sys.stdin.buffer)
    model = train(asked["task"], [Sample(*values) for values in asked["samples"]])
    sys.stdout.buffer.write(to_bytes(model))


if __name__ == "__main__":
    main()
