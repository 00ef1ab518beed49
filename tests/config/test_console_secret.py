"""The console works before any server has made a secret; a server never starts without one."""

import pytest

from config import ConfigError, load


def test_a_command_has_a_passing_secret_and_a_server_none(tmp_path):
    environ = {"PARVIS_DATA_DIR": str(tmp_path)}
    with pytest.raises(ConfigError, match="SECRET_KEY"):
        load(environ)
    console = {**environ, "FLASK_RUN_FROM_CLI": "true"}
    assert load(console).secret_key != load(console).secret_key
    (tmp_path / "secret_key").write_text("k3pt-beside-the-data-0123456789-abcdefgh")
    assert load(console).secret_key == load(environ).secret_key


def test_a_weak_secret_is_refused_on_the_console_too(tmp_path):
    with pytest.raises(ConfigError):
        load({"PARVIS_DATA_DIR": str(tmp_path), "PARVIS_SECRET_KEY": "short", "FLASK_RUN_FROM_CLI": "true"})
