from app.gate.queries import rules
from tests.make import make_person


def test_the_page_shows_what_counts_and_the_admin_as_seen(sign_in):
    page = sign_in(make_person(roles=["admin"])).get("/admin/gate").text
    assert "127.0.0.0/8" in page
    assert "<code>127.0.0.1</code>" in page


def test_networks_are_written_one_a_line(sign_in):
    boss = sign_in(make_person(roles=["admin"]))
    answer = boss.post("/admin/gate", data={"networks": "127.0.0.1 This machine\n\n10.20.0.0/16\tHead office\n"})
    assert answer.status_code == 303
    assert [(r.network, r.name) for r in rules()] == [("127.0.0.1", "This machine"), ("10.20.0.0/16", "Head office")]
    assert "Head office" in boss.get("/admin/gate").text


def test_a_line_that_is_no_network_is_named_and_nothing_is_saved(sign_in):
    boss = sign_in(make_person(roles=["admin"]))
    answer = boss.post("/admin/gate", data={"networks": "127.0.0.1\n10.20.0.0/99 Head office"})
    assert answer.status_code == 422
    assert "10.20.0.0/99" in answer.text
    assert boss.post("/admin/gate", data={"networks": " \n"}).status_code == 422
    assert rules() == []


def test_shutting_oneself_out_is_asked_twice(sign_in):
    boss = sign_in(make_person(roles=["admin"]))
    away = {"networks": "10.20.0.0/16"}
    answer = boss.post("/admin/gate", data=away)
    assert (answer.status_code, rules()) == (422, [])
    assert 'name="confirm"' in answer.text
    assert boss.post("/admin/gate", data={**away, "confirm": "1"}).status_code == 303
    assert [rule.network for rule in rules()] == ["10.20.0.0/16"]


def test_starting_over_brings_the_operators_networks_back(sign_in):
    boss = sign_in(make_person(roles=["admin"]))
    boss.post("/admin/gate", data={"networks": "127.0.0.1"})
    assert boss.post("/admin/gate/reset").status_code == 303
    assert rules() == []


def test_hosts_that_speak_for_others_are_shown(sign_in):
    boss = sign_in(make_person(roles=["admin"]))
    page = boss.get("/admin/gate", headers={"X-Forwarded-For": "203.0.113.9"}).text
    assert 'class="callers num"' in page
