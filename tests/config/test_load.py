import pytest

from app.auth.directory.stated import company_of
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


LDAP = {"PARVIS_LDAP_URL": "ldaps://ldap.acme.example", "PARVIS_LDAP_BASE": "dc=acme"}


@pytest.mark.parametrize(
    ("named", "stated"),
    [
        ("PARVIS_LDAP_BASE", {"PARVIS_LDAP_URL": "ldaps://ldap.acme.example"}),
        ("PARVIS_LDAP_BASE", {"PARVIS_LDAP_BASE": "dc=acme"}),
        ("PARVIS_LDAP_URL", {**LDAP, "PARVIS_LDAP_URL": "https://ldap.acme.example"}),
        ("PARVIS_LDAP_URL", {**LDAP, "PARVIS_LDAP_URL": "ldaps://ldap.acme.example/dc=acme"}),
        ("PARVIS_LDAP_BIND_DN", {**LDAP, "PARVIS_LDAP_BIND_DN": "cn=parvis"}),
        (
            "PARVIS_LDAP_STARTTLS",
            {**LDAP, "PARVIS_LDAP_URL": "ldap://ldap.acme.example", "PARVIS_LDAP_STARTTLS": "0"},
        ),
        ("PARVIS_LDAP_LOGIN_FILTER", {**LDAP, "PARVIS_LDAP_LOGIN_FILTER": "(uid=ana)"}),
        ("PARVIS_LDAP_GROUPS_BASE", {**LDAP, "PARVIS_LDAP_GROUPS_FILTER": "(member={dn})"}),
        ("PARVIS_LDAP_CA_FILE", {**LDAP, "PARVIS_LDAP_CA_FILE": "/nowhere.pem"}),
        ("PARVIS_LDAP_KIND", {**LDAP, "PARVIS_LDAP_KIND": "novell"}),
        ("PARVIS_LDAP_LINK", {**LDAP, "PARVIS_LDAP_LINK": "name"}),
        ("PARVIS_LDAP_ROLES", {**LDAP, "PARVIS_LDAP_ROLES": "admins"}),
        ("PARVIS_LDAP_TIMEOUT", {**LDAP, "PARVIS_LDAP_TIMEOUT": "0"}),
    ],
)
def test_a_directory_that_is_not_wholly_described_stops_the_start(tmp_path, named, stated):
    with pytest.raises(ConfigError, match=named):
        load({"PARVIS_DATA_DIR": str(tmp_path), "PARVIS_SECRET_KEY": GOOD, **stated})


@pytest.mark.parametrize(
    ("named", "stated"),
    [
        ("FILTER", {"PARVIS_LDAP_LOGIN_FILTER": "(uid={login}"}),
        ("FILTER", {"PARVIS_LDAP_PEOPLE_FILTER": "(uid={login})"}),
        ("PARVIS_LDAP_ROLES", {"PARVIS_LDAP_ROLES": "Parvis Admins=boss"}),
        ("PARVIS_LDAP_ATTRIBUTES", {"PARVIS_LDAP_ATTRIBUTES": "shoe=size"}),
    ],
)
def test_what_cannot_be_asked_of_a_directory_stops_the_start(tmp_path, named, stated):
    settings = load({"PARVIS_DATA_DIR": str(tmp_path), "PARVIS_SECRET_KEY": GOOD, **LDAP, **stated})
    with pytest.raises(ConfigError, match=named):
        company_of(settings)


def test_a_directory_is_read_as_it_is_stated(tmp_path):
    (tmp_path / "password").write_text("of the service\n")
    stated = {
        "PARVIS_LDAP_URL": "ldaps://one.acme.example, ldaps://two.acme.example:1636",
        "PARVIS_LDAP_BASE": "ou=People, dc=acme",
        "PARVIS_LDAP_KIND": "ad",
        "PARVIS_LDAP_BIND_DN": "cn=parvis",
        "PARVIS_LDAP_BIND_PASSWORD_FILE": str(tmp_path / "password"),
        "PARVIS_LDAP_ROLES": "Parvis Admins=admin; CN=Mods, DC=acme=moderator",
        "PARVIS_LDAP_ATTRIBUTES": "team=company",
        "PARVIS_PASSWORDS": "0",
    }
    settings = load({"PARVIS_DATA_DIR": str(tmp_path), "PARVIS_SECRET_KEY": GOOD, **stated})
    directory = company_of(settings).directory
    assert [(one.host, one.port, one.verifies) for one in directory.servers] == [
        ("one.acme.example", 636, True),
        ("two.acme.example", 1636, True),
    ]
    assert directory.roles == {"parvis admins": "admin", "cn=mods,dc=acme": "moderator"}
    assert (directory.names["team"], directory.names["id"]) == ("company", "objectGUID")
    assert "of the service" not in repr(directory)
    assert directory.bind_password == "of the service"
