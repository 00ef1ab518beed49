"""The whole suite: features on SQLite and on PostgreSQL side by side, then browsers and several processes.

python -m tools.suite            everything
python -m tools.suite -k word    what follows goes to pytest, for one pass on SQLite
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
APART = "browser or deployment"
# Nothing in these asks a database; the engine has no database at all.
WITHOUT_DATABASE = ("tests/charter/engine", "tests/tools", "tests/config", "tests/rules/test_translations.py")


def main() -> int:
    if sys.argv[1:]:
        return subprocess.run([*PYTEST, *sys.argv[1:]], cwd=ROOT, check=False).returncode
    started = time.monotonic()
    failed = side_by_side()
    failed |= run("in browsers and in several processes", ["-m", APART])
    print(f"The whole suite took {time.monotonic() - started:.0f} s.", flush=True)
    return failed


def side_by_side() -> int:
    """PostgreSQL beside SQLite: two processes for two cores, with as much to do each; the second one speaks
    when the first is done.
    """
    skipped = [f"--ignore={path}" for path in WITHOUT_DATABASE]
    with tempfile.TemporaryFile("w+") as said:
        on_postgresql = ["-m", f"not ({APART})", *skipped]
        codes: list[int] = []
        others = Thread(target=lambda: codes.extend(_both(said, on_postgresql)))
        others.start()
        failed = run("on SQLite", ["-m", f"not ({APART} or matrix)"])
        others.join()
        said.seek(0)
        print(f"\n== on PostgreSQL, then the matrix of who sees what\n{said.read()}", flush=True)
    return failed or int(len(codes) != 2 or any(codes))


def _both(said: IO[str], on_postgresql: list[str]) -> Iterator[int]:
    """One after the other, without a word; the second one on SQLite."""
    for arguments, database in ((on_postgresql, "postgresql"), (["-m", "matrix"], "sqlite")):
        environ = {**os.environ, "PARVIS_TEST_DATABASE": database}
        yield subprocess.run(
            [*PYTEST, *arguments], cwd=ROOT, env=environ, stdout=said, stderr=subprocess.STDOUT, check=False
        ).returncode


def run(where: str, arguments: list[str]) -> int:
    print(f"\n== {where}", flush=True)
    return subprocess.run([*PYTEST, *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
