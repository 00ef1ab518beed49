"""Try rules on a file of cases: `python -m app.charter.engine --profile PROFILE < cases.jsonl`."""

import argparse
import io
import json
import sys
from pathlib import Path

from .lines import evaluate_lines


def main() -> int:
    """Answer standard input line by line; 1 if a line couldn't be read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", required=True, type=Path)
    profile = json.loads(parser.parse_args().profile.read_text(encoding="utf-8"))
    failed = False
    lines = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
    for answer in evaluate_lines(profile, lines):
        failed = failed or "error" in answer
        sys.stdout.write(json.dumps(answer) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
