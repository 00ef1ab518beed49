"""A form that is refused as a whole gives back what was written in it, to its writer only."""

from app.auth import actions as auth
from app.gate.actions import replace
from tests.make import accept, make_mixing_rule, make_person, make_space

TEXT = "A long thought <b>of mine</b>"
SHOWN = "A long thought &lt;b&gt;of mine&lt;/b&gt;"


def _form(space):
    return {"space_id": space.id, "body": TEXT, "password": "not this"}


def test_a_form_sent_after_its_session_ended_gives_back_what_was_written(sign_in):
    ana = make_person("ana")
    make_mixing_rule()
    accept(ana)
    space, browser = make_space(ana), sign_in(ana)
    auth.end_all_sessions(ana, ana.id, why="cut_by_self")
    answer = browser.post("/posts", data=_form(space))
    assert (answer.status_code, SHOWN in answer.text) == (401, True)
    assert "Vous n’êtes plus connecté" in answer.text
    assert "not this" not in answer.text
    assert "A long thought" not in sign_in(ana).get("/").text


def test_a_form_sent_after_closing_time_gives_back_what_was_written(sign_in):
    root, ana = make_person("root", roles=["admin"]), make_person("ana")
    space, browser = make_space(ana), sign_in(ana)
    night = [{"name": "never", "windows": [{"days": ["mon"], "from": "03:00", "to": "03:01"}]}]
    rules = [{"network": "127.0.0.0/8"}]
    replace(
        root,
        {"rules": rules, "hours": night, "access": {"hours": "never", "mode": "hard", "persons": ["root"]}},
        address="127.0.0.1",
    )
    answer = browser.post("/posts", data=_form(space))
    assert (answer.status_code, SHOWN in answer.text) == (403, True)


def test_nothing_is_given_back_to_another_site(sign_in):
    ana = make_person("ana")
    browser = sign_in(ana)
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "", "Origin": "http://evil.example"},
    ):
        answer = browser.post("/posts", data={"body": TEXT}, headers=headers)
        assert (answer.status_code, "A long thought" in answer.text) == (403, False)
