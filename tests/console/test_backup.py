import os
import sqlite3
import subprocess
import sys
import tarfile

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.one_database]
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]


def flask(place, *command, code=0):
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PARVIS_")}
    environ |= {"PARVIS_DATA_DIR": str(place)}
    place.mkdir(exist_ok=True)
    secret = place / "secret_key"
    if not secret.exists():
        secret.write_text("a-secret-that-only-this-test-uses-0123456789\n")
        secret.chmod(0o600)
    done = subprocess.run([*FLASK, *command], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_a_backup_brings_people_and_files_back(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    flask(here, "db", "upgrade")
    flask(here, "people", "add", "ana", "--name", "Ana")
    stored = here / "files" / "ab" / "abc"
    stored.parent.mkdir(parents=True)
    stored.write_bytes(b"a picture")
    (here / "files" / "incoming").mkdir()
    (here / "files" / "incoming" / "half").write_bytes(b"half")
    flask(here, "backup", "create", str(tmp_path / "all.tar"))
    with tarfile.open(tmp_path / "all.tar") as archive:
        names = archive.getnames()
    assert not [name for name in names if "secret" in name or "half" in name]
    assert (tmp_path / "all.tar").stat().st_mode & 0o077 == 0

    flask(there, "backup", "restore", str(tmp_path / "all.tar"))
    assert (there / "files" / "ab" / "abc").read_bytes() == b"a picture"
    assert flask(there, "people", "list").startswith("ana\t")
    assert "whole" in flask(there, "audit", "verify")

    flask(there, "people", "add", "bo", "--name", "Bo")
    flask(there, "backup", "restore", str(tmp_path / "all.tar"), code=1)
    flask(there, "backup", "restore", "--force", str(tmp_path / "all.tar"))
    assert "bo" not in flask(there, "people", "list")


def test_what_is_no_backup_is_refused_and_nothing_is_lost(tmp_path):
    here = tmp_path / "here"
    flask(here, "db", "upgrade")
    flask(here, "people", "add", "ana", "--name", "Ana")
    (tmp_path / "rubbish.tar").write_bytes(b"rubbish")
    flask(here, "backup", "restore", "--force", str(tmp_path / "rubbish.tar"), code=1)
    with sqlite3.connect(here / "parvis.sqlite3") as connection:
        assert connection.execute("SELECT login FROM people").fetchall() == [("ana",)]
    connection.close()
