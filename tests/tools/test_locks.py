"""What the set-up installs is pinned, hashed, and names no address."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from tools import serve

ROOT = Path(__file__).resolve().parent.parent.parent
LOCKS = sorted(ROOT.glob("requirements*.txt"))


@pytest.mark.parametrize("lock", [*LOCKS, ROOT / "package-lock.json"], ids=lambda path: path.name)
def test_a_lock_names_no_address(lock):
    assert not re.search(r"https?:|file:|--index|--find-links", lock.read_text())


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_one_version_and_its_hashes(lock):
    packages = re.split(r"\n(?=\S)", lock.read_text().strip())
    assert packages
    assert all(re.match(r"[\w.\[\]-]+==\S+", package) and "--hash=sha256:" in package for package in packages)


def test_tests_run_on_the_versions_that_people_run_on():
    run, dev = (pins(ROOT / f"requirements{kind}.txt") for kind in ("", "-dev"))
    assert run <= dev


def pins(lock: Path) -> set[str]:
    return set(re.findall(r"^[\w.\[\]-]+==[^\s\\]+", lock.read_text(), re.M))


def test_vendored_files_are_the_reviewed_ones():
    for file in json.loads((ROOT / "tools/vendor.json").read_text()).values():
        assert hashlib.sha256((ROOT / file["to"]).read_bytes()).hexdigest() == file["sha256"]


def test_the_newest_migration_is_the_one_that_nobody_follows(tmp_path, monkeypatch):
    versions = tmp_path / "migrations/versions"
    versions.mkdir(parents=True)
    (versions / "one.py").write_text('revision = "0001"\ndown_revision = None\n')
    (versions / "two.py").write_text('revision: str = "0002"\ndown_revision: str | None = "0001"\n')
    monkeypatch.setattr(serve, "ROOT", tmp_path)
    assert serve.heads() == {"0002"}
    assert serve.applied(f"sqlite:///{tmp_path}/none.sqlite3") == set()
