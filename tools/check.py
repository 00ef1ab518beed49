"""All checks of `make check`, one after the other; says at the end which of them complained."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv/bin"

CHECKS: dict[str, list[str]] = {
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    "lint": [str(BIN / "ruff"), "check", "--quiet", "."],
    "types": [str(BIN / "mypy")],
    "import contracts": [str(BIN / "lint-imports")],
    "templates": [str(BIN / "djlint"), "templates", "--lint", "--quiet"],
    "translations": [str(BIN / "python"), "-m", "tools.translations", "check"],
}


def main() -> int:
    complaints = [name for name, command in CHECKS.items() if not passes(name, command)]
    print(f"Not in order: {', '.join(complaints)}." if complaints else "All checks passed.")
    return 1 if complaints else 0


def passes(name: str, command: list[str]) -> bool:
    print(f"· {name}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
