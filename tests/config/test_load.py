import pytest

from config import ConfigError, load

GOOD = "abcdefghijklmnopqrstuvwxyz0123456789"
OTHER = "zyxwvutsrqponmlkjihgfedcba9876543210"


def test_the_secret_that_the_first_start_made_is_found_beside_the_data(tmp_path):
    (tmp_path / "secret_key").write_text(f"{GOOD}\n")
    assert load({"PARVIS_DATA_DIR": str(tmp_path)}).secret_key == GOOD
    assert load({"PARVIS_DATA_DIR": str(tmp_path), "PARVIS_SECRET_KEY": OTHER}).secret_key == OTHER


def test_a_stated_file_comes_before_the_one_beside_the_data(tmp_path):
    (tmp_path / "secret_key").write_text(GOOD)
    (tmp_path / "stated").write_text(OTHER)
    environ = {"PARVIS_DATA_DIR": str(tmp_path), "PARVIS_SECRET_KEY_FILE": str(tmp_path / "stated")}
    assert load(environ).secret_key == OTHER


@pytest.mark.parametrize("secret", ["", "secret", "a" * 50, "short-but-mixed-1"])
def test_a_missing_or_weak_secret_stops_the_start(tmp_path, secret):
    with pytest.raises(ConfigError, match="PARVIS_SECRET_KEY"):
        load({"PARVIS_DATA_DIR": str(tmp_path), "PARVIS_SECRET_KEY": secret})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PARVIS_COLOUR", "blue"),
        ("PARVIS_BIND", "everywhere"),
        ("PARVIS_WORKERS", "many"),
        ("PARVIS_WORKERS", "2"),
        ("PARVIS_NETWORKS", "10.0.0.0/99"),
        ("PARVIS_TRUSTED_PROXIES", "proxy"),
        ("PARVIS_PUBLIC_URL", "parvis.example"),
        ("PARVIS_REDIS_URL_FILE", "/nowhere"),
        ("PARVIS_FORWARDED_HEADER", "X-Real-IP"),
    ],
)
def test_what_is_unknown_unreadable_or_contradictory_stops_the_start(tmp_path, variable, value):
    environ = {"PARVIS_DATA_DIR": str(tmp_path), "PARVIS_SECRET_KEY": GOOD, variable: value}
    with pytest.raises(ConfigError, match=variable.removesuffix("_FILE")):
        load(environ)
