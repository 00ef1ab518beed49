import json
from pathlib import Path

import pytest
from click.testing import Result

from app.auth import actions as auth
from app.gate.address import Resolver, parse_networks
from app.gate.queries import forget, rules
from app.kernel import audit, settings
from app.people.queries import by_login
from tests.make import PASSWORD, make_charter, make_person, person_of

ENGINE = Path(__file__).parents[1] / "charter/engine"


@pytest.fixture
def flask(app):
    """A command of `flask`."""
    runner = app.test_cli_runner()

    def run(*command: str, typed: str | None = None) -> Result:
        return runner.invoke(args=list(command), input=typed)

    return run


def test_an_admin_is_made_with_a_generated_password(flask):
    login, password = flask("people", "add", "boss", "--name", "Big Boss", "--admin").output.split()
    who = auth.check_password(login, password, address="127.0.0.1")
    assert (who.name, who.is_admin) == ("Big Boss", True)


def test_a_refusal_is_a_sentence_and_no_trace(flask):
    done = flask("people", "add", "Né!", "--name", "X")
    assert done.exit_code == 1
    assert done.output.startswith("Error: login:")
    assert flask("people", "role", "nobody").output == "Error: Nobody signs in as 'nobody'.\n"


def test_roles_are_given_and_taken(flask):
    make_person("boss", roles=["admin"])
    make_person("ana")
    assert flask("people", "role", "ana", "moderator", "auditor").output == "ana: auditor, moderator\n"
    assert flask("people", "role", "ana").output == "ana: no role\n"
    assert flask("people", "role", "boss").exit_code == 1
    assert "boss\tBoss\temployee\tadmin" in flask("people", "list").output


def test_an_account_is_closed_and_opened(flask):
    make_person("boss", roles=["admin"])
    ana = make_person("ana", password=True)
    assert flask("people", "deactivate", "ana").exit_code == 0
    assert person_of(ana).deactivated_at is not None
    assert flask("people", "reactivate", "ana").exit_code == 0
    flask("people", "password", "ana", "--password-stdin", typed="another long password\n")
    assert auth.check_password("ana", "another long password", address="127.0.0.1")
    assert PASSWORD != "another long password"


def test_tokens_are_printed(flask):
    make_person("ana")
    make_person("bo")
    assert flask("people", "token", "ana").output.startswith("pvs_")
    assert [line.split("\t")[0] for line in flask("people", "token", "--all").output.splitlines()] == [
        "ana",
        "bo",
    ]
    assert by_login("ana")


def test_one_more_network_keeps_those_that_counted(flask):
    forget()
    assert "127.0.0.0/8" in flask("gate", "show").output
    assert flask("gate", "allow", "10.20.0.0/16", "Head office").exit_code == 0
    assert [rule.network for rule in rules()] == ["127.0.0.0/8", "::1/128", "10.20.0.0/16"]
    assert flask("gate", "simulate", "10.20.3.4").exit_code == 0
    assert flask("gate", "simulate", "::ffff:10.20.3.4").exit_code == 0
    assert flask("gate", "simulate", "203.0.113.9").exit_code == 1
    assert flask("gate", "simulate", "everybody").exit_code == 2
    assert flask("gate", "allow", "10.20.0.0/99").exit_code == 1
    assert flask("gate", "reset").exit_code == 0
    assert rules() == []


def test_the_log_is_verified_and_exported(flask):
    make_person("ana")
    assert "whole" in flask("audit", "verify").output
    assert settings.get("audit_checked")["is_whole"]
    lines = [json.loads(line) for line in flask("audit", "export").output.splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, audit.length() + 1))
    assert lines[0]["hash"] == audit.digest(audit.CHAIN, 1, audit.START, lines[0]["record"])
    assert len(flask("audit", "export", "--from", "2").output.splitlines()) == len(lines) - 1


def test_cases_are_answered_line_by_line(flask, tmp_path):
    profile = ENGINE / "fx-1.json"
    case = (ENGINE / "cases/worked.jsonl").read_text(encoding="utf-8").splitlines()[0] + "\n"
    good = flask("charter", "evaluate", "--profile", str(profile), typed=case)
    assert good.exit_code == 0
    assert json.loads(good.output)["action"]
    bad = flask("charter", "evaluate", "--profile", str(profile), typed=f"rubbish\n{case}")
    assert bad.exit_code == 1
    assert len(bad.output.splitlines()) == 2
    assert flask("charter", "evaluate", "--profile", str(tmp_path / "none.json")).exit_code == 2


def test_the_charter_in_force_is_checked(flask):
    assert flask("charter", "check").exit_code == 1
    make_charter(mix={"kind": "mixing", "action": "hold"})
    assert "1 rules hold together" in flask("charter", "check").output


def test_the_doctor_says_what_is_wrong(flask):
    sick = flask("doctor")
    assert sick.exit_code == 1
    assert "BAD   Nobody can administer Parvis" in sick.output
    make_person("boss", roles=["admin"])
    well = flask("doctor")
    assert (well.exit_code, "BAD" in well.output) == (0, False)
    assert "newest migration" in well.output


def test_help_names_every_group(flask):
    help_ = flask("--help").output
    for group in ("people", "gate", "charter", "audit", "backup", "jobs", "demo", "doctor"):
        assert f"\n  {group} " in help_


def test_the_doctor_says_which_address_is_seen_and_why(app, flask, monkeypatch):
    ours = Resolver(parse_networks("127.0.0.1/32 10.9.0.0/16"))
    monkeypatch.setattr(app.extensions["wall"], "resolver", ours)
    for peer, header, code, words in [
        ("127.0.0.1", "8.8.8.8, 127.0.0.9, 10.9.0.4", 0, [
            "127.0.0.1 connects and is a trusted proxy (by 127.0.0.1/32): its X-Forwarded-For counts",
            "10.9.0.4 is a trusted hop (by 10.9.0.0/16): skipped",
            "Parvis sees 127.0.0.9", "may enter, by rule 1",
        ]),
        ("127.0.0.1", "203.0.113.9", 1, ["Parvis sees 203.0.113.9", "may not enter: no rule fits"]),
        ("::ffff:127.0.0.8", "10.0.0.1", 0, ["its X-Forwarded-For changes nothing", "Parvis sees 127.0.0.8"]),
        ("127.0.0.1", "127.0.0.9, unknown", 1, ["can't be read"]),
        ("127.0.0.1", "10.9.0.4", 1, ["nothing but proxies"]),
        ("127.0.0.1", None, 1, ["sent no X-Forwarded-For"]),
        ("nonsense", None, 1, ["isn't an address"]),
    ]:  # fmt: skip
        said = flask("doctor", "--peer", peer, *(["--forwarded", header] if header else []))
        assert said.exit_code == code, said.output
        assert [word for word in words if word not in said.output] == [], said.output
        assert "8.8.8.8" not in said.output


def test_the_doctor_notices_that_everybody_seems_to_be_a_proxy(flask):
    for login in ("ana", "bo", "cy"):
        who = make_person(login)
        auth.open_session(who, login=login, address="172.17.0.1", device="test")
    assert "All of the last 3 people were seen at 172.17.0.1" in flask("doctor").output
    auth.open_session(make_person("di"), login="di", address="172.17.0.2", device="test")
    assert "All of the last" not in flask("doctor").output
