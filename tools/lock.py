"""Writes the locks anew: hashes for every platform, and no address of any registry."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = [str(ROOT / ".venv/bin/uv"), "pip", "compile", "--quiet", "--python-version", "3.11", "--universal"]
PLAIN = ["--generate-hashes", "--no-annotate", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
NPM = ["npm", "install", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved"]


def main() -> int:
    for name in ("requirements", "requirements-dev", "requirements-setup", "requirements-node"):
        same = ["--constraints", "requirements.txt"] if name == "requirements-dev" else []
        subprocess.run(
            [*UV, *PLAIN, *same, f"{name}.in", "--output-file", f"{name}.txt"], cwd=ROOT, check=True
        )
    subprocess.run([*NPM, "--no-audit", "--no-fund", "--loglevel=error"], cwd=ROOT, check=True)
    clean_npm_lock(ROOT / "package-lock.json")
    return complain_about_addresses()


def clean_npm_lock(lock: Path) -> None:
    content = json.loads(lock.read_text())
    for package in content["packages"].values():
        package.pop("funding", None)
        package.pop("resolved", None)
    lock.write_text(json.dumps(content, indent=2) + "\n")


def complain_about_addresses() -> int:
    locks = [*ROOT.glob("requirements*.txt"), ROOT / "package-lock.json"]
    guilty = [lock.name for lock in locks if re.search(r"https?:|file:", lock.read_text())]
    if guilty:
        print(f"An address is left in {', '.join(guilty)}.", file=sys.stderr)
    return 1 if guilty else 0


if __name__ == "__main__":
    sys.exit(main())
