"""Which passwords are taken, wherever one is chosen."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.auth import actions as auth
from app.auth import passwords
from app.kernel import settings
from app.kernel.action import action
from app.kernel.errors import Invalid
from tests.make import PASSWORD, make_person, person_of


def refused(person, password):
    with pytest.raises(Invalid) as refusal:
        auth.set_password(None, person, password)
    return refusal.value.fields["password"]


@pytest.fixture
def ana():
    return person_of(
        make_person("anne.martin", name="Anne-Lise Martin", email="al.mart@works.example", password=True)
    )


@pytest.mark.parametrize("password", ["", "short", "elevenchars", "x" * 201])
def test_length_counts_first(ana, password):
    assert str(passwords.SHORTEST) in refused(ana, password)


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "Password1234!", "P@ssw0rd2026", "iloveyou2026", "qwertyuiop12", "azertyuiop12",
        "motdepasse2026", "Motdepasse12!", "MotDePasse!!", "bonjourbonjour", "soleil123456", "Marseille13!",
        "aaaaaaaaaaaa", "123456789012", "abcdefghijkl", "abcabcabcabcabc", "12/05/198412/05/1984",
        "bienvenue2026", "changezmoi2026", "passwordpasswordpasswordpassword",
    ],
)  # fmt: skip
def test_what_everybody_chooses_isnt_taken(ana, password):
    refused(ana, password)


@pytest.mark.parametrize(
    "password",
    [
        "anne.martin2026",
        "anne.martinanne.martin",
        "annelisemartin",
        "Anne-Lise Martin",
        "martin-anne-lise",
        "al.mart12345",
    ],
)
def test_what_is_known_of_the_person_isnt_taken(ana, password):
    refused(ana, password)


def test_the_name_of_the_company_isnt_taken(ana):
    auth.set_password(None, ana, "zorglubrinelle12")
    action(settings.put)("company_name", "Zorglubrinelle")
    for password in ("zorglubrinelle12", "Zorglubrinelle!", "zorglubrinelle zorglubrinelle"):
        refused(ana, password)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "chevalcorrectpile",
        "le canapé mange des nuages",
        "a much longer passphrase",
        "кот сидит на крыше",
    ],
)
def test_words_that_have_nothing_to_do_with_each_other_are(ana, password):
    auth.set_password(None, ana, password)


def test_what_is_generated_is_taken(ana):
    for _turn in range(20):
        auth.set_password(None, ana, passwords.generated())


def test_one_is_told_on_the_page(sign_in, ana):
    browser = sign_in(make_person("bo", password=True))
    given = {"current": PASSWORD, "new": "password1234", "again": "password1234"}
    answer = browser.post("/me/password", data=given)
    assert answer.status_code == 422
    assert "password1234" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["join", "reset"])
def test_links_keep_to_it_too(anonymous, path):
    from app.accounts import actions
    from app.accounts.terms import NewInvitation

    root = make_person("root", roles=["admin"])
    if path == "join":
        asked = {"login": "noa.petit", "name": "Noa Petit", "segment": "employee"}
        _made, secret = actions.invite(root, NewInvitation.parse(asked))
    else:
        secret = auth.make_reset_link(root, person_of(make_person("noa.petit")))
    given = {"password": "noa.petit2026", "again": "noa.petit2026", "locale": "fr"}
    assert anonymous.post(f"/{path}/{secret}", data=given).status_code == 422
    given = {**given, "password": PASSWORD, "again": PASSWORD}
    assert anonymous.post(f"/{path}/{secret}", data=given).status_code == 303


def test_the_console_keeps_to_it_too(app, ana):
    given = app.test_cli_runner().invoke(
        args=["people", "password", "anne.martin", "--password-stdin"], input="password1234\n"
    )
    assert given.exit_code != 0
    auth.check_password("anne.martin", PASSWORD, address="127.0.0.1")


def test_the_lists_are_read_when_they_are_needed_only():
    code = "import sys, app.auth.passwords; sys.exit('zxcvbn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_longest_is_weighed_in_no_time(ana):
    """Long repetitions make the weighing slow: only so much of it is looked at."""
    seen = []
    auth_guesses = passwords._guesses

    def noted(password, words):
        seen.append(len(password))
        return auth_guesses(password, words)

    passwords._guesses, before = noted, passwords._guesses
    try:
        refused(ana, "ab" * 100)
    finally:
        passwords._guesses = before
    assert max(seen) <= 72
