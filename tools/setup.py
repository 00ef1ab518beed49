"""Set-up on a bare machine: environment, locked dependencies, front-end files, translations.

Standard library only. Every step is skipped while the files it was made from are unchanged, so calling this
before each start costs a few milliseconds. `--dev` adds what the tests and checks need.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMPS = VENV / "stamps"
NODE = ROOT / "node_modules"
VENDOR = ROOT / "tools" / "vendor.json"
LOCKS = {"run": "requirements.txt", "dev": "requirements-dev.txt"}


class SetupError(Exception):
    """A sentence for whoever is at the keyboard."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also what the tests and checks need")
    dev = parser.parse_args().dev
    try:
        set_up(dev)
    except SetupError as error:
        print(f"Set-up stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Set-up stopped half-way; the next start goes on from there.", file=sys.stderr)
        return 1
    return 0


def set_up(dev: bool) -> None:
    require_python()
    make_environment()
    install_packages("dev" if dev else "run")
    install_front_end("dev" if dev else "run")
    compile_translations()
    if dev:
        install_test_programs()


def require_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  whoever calls may have an older one
        raise SetupError(
            f"Parvis needs Python 3.11 or newer and this is {sys.version.split()[0]}. "
            "Name a newer one: make run PYTHON=python3.12"
        )


# --- Python -----------------------------------------------------------------------------


def make_environment() -> None:
    """A whole one (pip comes last), and made for this folder: its programs know where they lie."""
    place = STAMPS / "place"
    whole = (BIN / "python").exists() and (BIN / "pip").exists()
    if whole and (not place.exists() or place.read_text() == str(VENV.resolve())):
        return
    say("Creating the environment in .venv")
    run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        "the environment could not be created; on Debian and Ubuntu install python3-venv first",
    )
    STAMPS.mkdir(exist_ok=True)
    place.write_text(str(VENV.resolve()))


def install_packages(kind: str) -> None:
    lock = ROOT / LOCKS[kind]
    if unchanged(STAMPS / "packages-dev", ROOT / LOCKS["dev"], ROOT / LOCKS["run"]):
        return
    if kind == "run" and unchanged(STAMPS / "packages-run", lock):
        return
    say("Installing the locked packages" + (" for tests and checks" if kind == "dev" else ""))
    fetch_installer()
    if not install_fast(lock):
        install_slowly(lock)
    remember(STAMPS / "packages-run", ROOT / LOCKS["run"])
    if kind == "dev":
        remember(STAMPS / "packages-dev", lock, ROOT / LOCKS["run"])


def fetch_installer() -> None:
    if not (BIN / "uv").exists():
        works([*pip_install(), "-r", str(ROOT / "requirements-setup.txt")])


def install_fast(lock: Path) -> bool:
    """Compiled now, as pip does it: the first start is not the slow one, whoever may write where then."""
    uv = [str(BIN / "uv"), "pip", "install", "--quiet", "--compile-bytecode", "--python", str(BIN / "python")]
    return (BIN / "uv").exists() and works([*uv, "--require-hashes", "-r", str(lock)])


def install_slowly(lock: Path) -> None:
    say("The fast installer did not manage; trying pip, which takes about a minute")
    run([*pip_install(), "-r", str(lock)], f"the packages in {lock.name} could not be installed (see above)")


def pip_install() -> "list[str]":
    pip = [str(BIN / "python"), "-m", "pip", "-qq", "--disable-pip-version-check"]
    return [*pip, "install", "--require-hashes"]


# --- front end --------------------------------------------------------------------------


def install_front_end(kind: str) -> None:
    files = json.loads(VENDOR.read_text())
    lock = ROOT / "package-lock.json"
    if not unchanged(NODE / ".stamp-dev", lock) and not (
        kind == "run" and unchanged(NODE / ".stamp-run", lock)
    ):
        say("Fetching the front-end files")
        npm_ci(kind)
        remember(NODE / f".stamp-{kind}", lock)
    for source, target in files.items():
        copy_checked(NODE / source, ROOT / target["to"], target["sha256"])


def npm_ci(kind: str) -> None:
    run(
        [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        + (["--omit=dev"] if kind == "run" else []),
        "the front-end files could not be fetched; `npm ci --ignore-scripts` says why",
    )


def npm() -> "list[str]":
    """The machine's npm, or the one that comes as a Python package."""
    if shutil.which("npm") and shutil.which("node"):
        return [str(shutil.which("npm"))]
    if not (BIN / "npm").exists():
        say("No Node.js on this machine: installing it into .venv")
        lock = ROOT / "requirements-node.txt"
        if not install_fast(lock):
            run([*pip_install(), "-r", str(lock)], "Node.js could not be installed; install it yourself")
    return [str(BIN / "npm")]


def copy_checked(source: Path, target: Path, sha256: str) -> None:
    """A vendored file is exactly the one that was reviewed, or the set-up stops."""
    if target.exists() and digest(target) == sha256:
        return
    if not source.exists() or digest(source) != sha256:
        raise SetupError(
            f"{source.name} is missing or not the file that tools/vendor.json names. "
            "Remove node_modules and try again."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


# --- translations -----------------------------------------------------------------------


def compile_translations() -> None:
    catalogues = sorted((ROOT / "translations").glob("*/LC_MESSAGES/*.po"))
    compiled = all(po.with_suffix(".mo").exists() for po in catalogues)
    if not catalogues or (compiled and unchanged(STAMPS / "translations", *catalogues)):
        return
    say("Compiling the translations")
    run(
        [str(BIN / "pybabel"), "-q", "compile", "--directory", str(ROOT / "translations")],
        "a translation could not be compiled (see above)",
    )
    remember(STAMPS / "translations", *catalogues)


# --- programs for the tests -------------------------------------------------------------


def install_test_programs() -> None:
    """The browser, the proxy and the directory of the tests; each says for itself when it cannot be had."""
    if unchanged(STAMPS / "test-programs", ROOT / "tests" / "services.py"):
        return
    run(
        [str(BIN / "python"), "-m", "tests.services", "install"],
        "the programs that the tests need could not all be installed (see above)",
    )
    remember(STAMPS / "test-programs", ROOT / "tests" / "services.py")


# --- helpers ----------------------------------------------------------------------------


def say(sentence: str) -> None:
    print(f"· {sentence}", flush=True)


def run(command: "list[str]", failure: str) -> None:
    if not works(command):
        raise SetupError(failure + ".")


def works(command: "list[str]") -> bool:
    try:
        return subprocess.run(command, cwd=ROOT, env=clean_environment(), check=False).returncode == 0
    except OSError as error:
        print(error, file=sys.stderr)
        return False


def clean_environment() -> "dict[str, str]":
    """Ours, with the environment's programs first (npm looks for node there)."""
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}


def unchanged(stamp: Path, *inputs: Path) -> bool:
    return stamp.exists() and stamp.read_text() == fingerprint(*inputs)


def remember(stamp: Path, *inputs: Path) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(fingerprint(*inputs))


def fingerprint(*inputs: Path) -> str:
    """What a step was made from: the Python that runs it and its files."""
    parts = [sys.version, *(digest(path) for path in inputs)]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
