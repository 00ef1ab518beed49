"""The editor of the rules: a form that moves, tries and saves, without scripts."""

from datetime import timedelta

import pytest

from app.gate.actions import replace
from app.gate.queries import document, present
from app.kernel import clock
from tests.make import make_person

HERE = "127.0.0.0/8"


@pytest.fixture
def root():
    return make_person("root", roles=["admin"])


@pytest.fixture
def boss(sign_in, root):
    return sign_in(root)


def typed(*rules, do="save", version=0, **more):
    """The form as a browser sends it."""
    sent = {"count": len(rules), "version": version, "do": do, **more}
    for number, rule in enumerate(rules):
        sent |= {f"rule{number}-{key}": value for key, value in rule.items()}
    return sent


def test_rules_are_written_saved_and_read_back(boss):
    make_person("ana")
    answer = boss.post("/admin/gate/rules", data=typed(
        {"effect": "allow", "network": HERE, "roles": ["admin"]},
        {"effect": "read_only", "places": ["Café", "Lyon"], "segments": "employee", "hours": "Bureau",
         "persons": "ana", "sites": "Lyon, Lille", "valid_from": "2026-01-01", "valid_to": "2026-12-31"},
        places="Café: 10.3.0.0/16\nLyon: 10.1.0.0/16, 2001:db8:1::/48",
        hours="Bureau: lun-ven 8h00-18h00; sam 09:00-12:00",
        holidays="12-25 2026-05-14",
        **{"access-mode": "soft", "access-hours": "Bureau", "access-roles": "moderator"},
    ))  # fmt: skip
    assert answer.status_code == 303, answer.text
    saved = document()
    assert saved["rules"][1]["persons"] == ["ana"]
    assert saved["rules"][1]["sites"] == ["Lyon", "Lille"]
    assert saved["hours"][0]["windows"][1] == {"days": ["sat"], "from": "09:00", "to": "12:00"}
    page = boss.get("/admin/gate/rules").text
    assert "Café: 10.3.0.0/16" in page
    assert "Bureau: lun-ven 08:00-18:00; sam 09:00-12:00" in page
    assert "depuis Café ou Lyon" in boss.get("/admin/gate").text
    again = boss.post("/admin/gate/rules", data=typed({"effect": "allow", "network": HERE}, version=0))
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("do", "order"), [("up-1", "bac"), ("down-1", "acb"), ("drop-0", "bc"), ("up-0", "abc"),
                      ("down-2", "abc"), ("drop-9", "abc"), ("up-x", "abc")]
)  # fmt: skip
def test_rules_are_moved_in_the_form_and_nothing_is_saved(boss, do, order):
    rules = [{"effect": "allow", "network": HERE, "name": f"named {letter}"} for letter in "abc"]
    answer = boss.post("/admin/gate/rules", data=typed(*rules, do=do))
    assert answer.status_code == 200
    found = [answer.text.index(f'value="named {letter}"') for letter in order]
    assert found == sorted(found)
    assert answer.text.count('value="named ') == len(order)
    assert document() == {}


def test_a_rule_is_added_below_and_what_was_typed_stays(boss):
    answer = boss.post(
        "/admin/gate/rules", data=typed({"network": "10.0.0.0/99"}, do="add", hours="half a lin")
    )
    assert 'name="rule1-effect"' in answer.text
    assert "10.0.0.0/99" in answer.text
    assert "half a lin" in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        typed({"effect": "allow", "network": "10.0.0.0/99"}),
        typed({"effect": "allow"}),
        typed({"effect": "allow", "network": HERE, "persons": "nobody"}),
        typed({"effect": "allow", "network": HERE, "hours": "Never"}),
        typed({"effect": "bless", "network": HERE}),
        typed({"effect": "allow", "network": HERE, "valid_from": "soon"}),
        typed({"effect": "allow", "network": HERE, "valid_from": "2026-02-02", "valid_to": "2026-02-01"}),
        typed({"effect": "allow", "network": HERE}, hours="Bureau: lun-ven 8-18"),
        typed({"effect": "allow", "network": HERE}, hours="Bureau: lun 08:00-08:00"),
        typed({"effect": "allow", "network": HERE}, places="Lyon 10.0.0.0/8"),
        typed({"effect": "allow", "network": HERE}, places="Lyon: 10.0.0.0/8\nLyon: 10.1.0.0/16"),
        typed({"effect": "allow", "network": HERE}, holidays="Christmas"),
        typed({"effect": "allow", "network": HERE}, **{"access-mode": "hard"}),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_saved(boss, wrong):
    answer = boss.post("/admin/gate/rules", data=wrong)
    assert answer.status_code == 422
    assert "notice--bad" in answer.text
    assert document() == {}


def test_trying_shows_who_would_be_cut_and_saves_nothing(boss, sign_in):
    ana, bo = make_person("ana", name="Ana Martin"), make_person("bo", name="Bo Durand")
    sign_in(ana)
    sign_in(bo)
    rules = [
        {"effect": "refuse", "network": HERE, "persons": "ana"},
        {"effect": "allow", "network": HERE},
    ]
    page = boss.post("/admin/gate/rules", data=typed(*rules, do="try")).text
    assert "Ana Martin" in page
    assert "Bo Durand" not in page
    assert document() == {}


def test_shutting_oneself_out_is_asked_twice_and_ends_by_itself(boss, root):
    rules = [{"effect": "allow", "network": "10.20.0.0/16"}]
    asked = boss.post("/admin/gate/rules", data=typed(*rules))
    assert (asked.status_code, 'name="confirm"' in asked.text) == (422, True)
    assert boss.post("/admin/gate/rules", data=typed(*rules, confirm="1")).status_code == 303
    assert boss.get("/admin/gate").status_code == 403
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert boss.get("/admin/gate").status_code == 200


def test_rules_are_kept_from_the_new_situation(boss, root):
    book = replace(root, {"rules": [{"network": "10.20.0.0/16"}]}, address="127.0.0.1", confirmed=True)
    inside = {"environ_overrides": {"REMOTE_ADDR": "10.20.0.9"}}
    assert 'action="/admin/gate/settle"' in boss.get("/admin/gate", **inside).text
    assert boss.post("/admin/gate/settle", data={"number": book.number}, **inside).status_code == 303
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert [rule.network for rule in present().rules] == ["10.20.0.0/16"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("address=127.0.0.1", "Quelqu’un pourrait entrer de là."),
        ("address=10.0.0.1", "Personne ne pourrait entrer de là."),
        ("address=127.0.0.1&login=ana", "Ana ne pourrait pas entrer."),
        ("address=127.0.0.1&login=bo", "Bo pourrait entrer."),
        ("address=127.0.0.1&login=zed", "Personne ne se connecte avec l’identifiant"),
        ("address=here", "10.1.2.3"),
        ("address=127.0.0.1&at=later", "2026-03-10T10:00"),
        ("address=127.0.0.1&login=bo&at=2026-03-01T10:00", "Bo pourrait entrer."),
    ],
)
def test_anybody_is_tried_from_anywhere_at_any_time(boss, root, asked, said):
    make_person("ana")
    make_person("bo")
    rules = [{"effect": "refuse", "network": HERE, "persons": ["ana"]}, {"network": HERE}]
    replace(root, {"rules": rules}, address="127.0.0.1")
    assert said in boss.get(f"/admin/gate?{asked}").text


def test_the_editor_is_for_admins(sign_in):
    for who in (make_person(), make_person(roles=["moderator", "auditor", "charter_owner"])):
        assert sign_in(who).get("/admin/gate/rules").status_code == 403
        assert sign_in(who).post("/admin/gate/rules", data=typed({"network": HERE})).status_code == 403
        assert sign_in(who).post("/admin/gate/settle", data={"number": 1}).status_code == 403
