"""The pages: what each shows to whom, what is refused, and what is typed and not lost."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import func, select

from app.kernel.db import db
from app.playbooks import actions, queries, shipping
from app.playbooks.models import EvidenceBundle, PlaybookCase, PlaybookVersion
from app.playbooks.writing import WrittenPlaybook
from tests.make import make_organisation, make_person
from tests.playbooks.world import everyone, make_company, playbook, reported, steps


def form_of(version, **changed):
    """What the editor sends for a version."""
    sent = {"title_fr": version.title_fr, "title_en": version.title_en, "summary_fr": version.summary_fr,
            "summary_en": version.summary_en, "access": version.access, "clock_hours": "",
            "reports": "danger", "base": "1", "holds": "1"}  # fmt: skip
    for n, step in enumerate(version.steps):
        sent |= {f"step_{n}_{name}": value or "" for name, value in {**step, "place": n + 1}.items()}
    return {**sent, **changed}


def test_the_nine_come_with_the_product_in_both_languages():
    assert shipping.install() == 9
    assert shipping.install() == 0
    for written in shipping.shipped():
        texts = [written, *written["steps"]]
        for one in texts:
            for name in ("title", "summary" if one is written else "text"):
                assert one[f"{name}_fr"].strip()
                assert one[f"{name}_en"].strip()
        form = form_of(
            queries.version_of(playbook(written["key"])), clock_hours=written.get("clock_hours", "")
        )
        read = WrittenPlaybook.parse(form)
        assert list(read.stored["steps"]) == [
            {"hours": None, **step} for step in written["steps"]
        ]  # the editor takes what it is given


def test_a_company_keeps_its_own_words(sign_in):
    c = make_company()
    plan = playbook("danger")
    answer = sign_in(c.sen).post(
        f"/moderation/playbooks/{plan.id}", data=form_of(queries.version_of(plan), title_en="Ours")
    )
    assert answer.status_code == 303
    assert shipping.install() == 0
    db.session.expire_all()
    assert queries.version_of(playbook("danger")).title_en == "Ours"


def test_a_case_keeps_the_version_that_it_began_with(sign_in):
    c = make_company()
    plan = playbook("danger")
    case = actions.start(c.mo, plan)
    before = queries.version_of(plan)
    form = form_of(before, title_en="Ours", step_0_title_en="Another first step")
    sign_in(c.sen).post(f"/moderation/playbooks/{plan.id}", data=form)
    shown = queries.read_case(c.mo, db.session.get(PlaybookCase, case.id))
    assert shown.number == 1
    assert "Another first step" not in [step.title for step in shown.steps]
    assert db.session.get(PlaybookVersion, before.id, populate_existing=True).title_en == before.title_en
    old = sign_in(c.adm).post(f"/moderation/playbooks/{plan.id}", data=form_of(before, title_en="Theirs"))
    assert old.status_code == 409


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title_fr": ""}, "title_fr"),
        ({"access": "all"}, "access"),
        ({"reports": "nonsense"}, "reports"),
        ({"clock_hours": "0"}, "clock_hours"),
        ({"step_1_owner": "boss"}, "step_1_owner"),
        ({"step_1_title_en": ""}, "step_1_title_en"),
        ({"step_2_hours": "many"}, "step_2_hours"),
        ({"signals[]": "nothing"}, "signals"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(sign_in, changed, field):
    c = make_company()
    plan = playbook("danger")
    form = form_of(queries.version_of(plan), summary_en="A long text that I wrote", **changed)
    answer = sign_in(c.sen).post(f"/moderation/playbooks/{plan.id}", data=form)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "A long text that I wrote" in answer.text
    assert queries.get_playbook(plan.id).current == 1


def test_steps_are_put_in_the_order_asked_for(sign_in):
    c = make_company()
    plan = playbook("danger")
    version = queries.version_of(plan)
    titles = [step["title_en"] for step in version.steps]
    form = form_of(version, step_4_place="1", step_0_place="1", **{"signals[]": ["rule_tripped"]})
    sign_in(c.sen).post(f"/moderation/playbooks/{plan.id}", data=form)
    db.session.expire_all()
    fresh = queries.version_of(playbook("danger"))
    assert [step["title_en"] for step in fresh.steps] == [titles[0], titles[4], *titles[1:4]]
    assert fresh.triggers == ["rule_tripped", "report:danger"]


def test_who_reads_writes_and_entrusts(sign_in):
    c = make_company()
    plan = playbook("whistleblowing")
    read, wrote, entrusted = set(), set(), set()
    for name, who in everyone(c).items():
        browser = sign_in(who)
        path = f"/moderation/playbooks/{plan.id}"
        read |= {name} if browser.get(path).status_code == 200 else set()
        base = str(queries.get_playbook(plan.id).current)
        form = form_of(queries.version_of(plan), access="custodians", reports="", base=base)
        wrote |= {name} if browser.post(path, data=form).status_code == 303 else set()
        given = browser.post(f"{path}/custodians", data={"custodians": "cus cus2"})
        entrusted |= {name} if given.status_code == 303 else set()
    assert read == {"mo", "max", "sen", "adm"}
    assert wrote == {"sen", "adm"}
    assert entrusted == {"adm"}


def test_custodians_are_colleagues(sign_in):
    c = make_company()
    firm = make_organisation("Zinc", "client")
    make_person("part", segment="client", organisation_id=firm.id)
    path = f"/moderation/playbooks/{playbook('whistleblowing').id}/custodians"
    for logins in ("nobody", "part", "cus part"):
        answer = sign_in(c.adm).post(path, data={"custodians": logins})
        assert answer.status_code == 422
        assert f'value="{logins}"' in answer.text


# --- cases --------------------------------------------------------------------------------------------------


def test_from_the_desk_to_a_case(sign_in):
    c = make_company()
    _entry, item = reported(c)
    browser = sign_in(c.mo)
    desk = browser.get(f"/moderation/items/{item.id}").text
    assert f"/moderation/cases/start?item={item.id}" in desk
    assert browser.get(f"/moderation/cases/start?item={item.id}").status_code == 200
    plan = playbook("harassment")
    made = browser.post("/moderation/cases", data={"playbook": plan.id, "item": item.id, "why": "Look"})
    case = db.session.scalars(select(PlaybookCase)).one()
    assert made.location == f"/moderation/cases/{case.id}"
    assert f"/moderation/cases/{case.id}" in browser.get(f"/moderation/items/{item.id}").text
    page = browser.get(made.location).text
    assert page.count('class="step__mark"') == 6
    assert "Something to look at" in page
    assert "case-room" in page


def test_a_restricted_case_says_nothing_to_who_started_it(sign_in):
    c = make_company()
    _entry, item = reported(c)
    browser = sign_in(c.mo)
    data = {"playbook": playbook("whistleblowing").id, "item": item.id}
    assert browser.post("/moderation/cases", data=data).location == "/moderation?done=passed"
    case = db.session.scalars(select(PlaybookCase)).one()
    for name, who in everyone(c).items():
        window = sign_in(who)
        seen, missing = window.get(f"/moderation/cases/{case.id}"), window.get("/moderation/cases/404404")
        if name in {"cus", "cus2"}:
            assert seen.status_code == 200
            assert str(case.id) in window.get("/moderation/cases").text
            continue
        assert seen.status_code == missing.status_code == 404, name
        assert _bare(seen) == _bare(missing), name
        assert str(case.id) not in window.get("/moderation/cases").text
        for act in ("end", "abandonment", "hold/end", "bundles", "return"):
            assert window.post(f"/moderation/cases/{case.id}/{act}", data={}).status_code == 404, (name, act)


def _bare(answer):
    """Without what is drawn anew for every page."""
    return re.sub(r'value="[0-9a-f.]{8,}[^"]*"|data-cursor="[^"]*"|404404|\d{12,}', "", answer.text)


def test_a_step_is_done_with_a_file_that_those_of_the_case_read(sign_in):
    from app.kernel.action import in_one_transaction

    c = make_company()
    case = actions.start(c.mo, playbook("harassment"))
    step = steps(case)[0]
    in_one_transaction(lambda: setattr(step, "artefact", "file"))
    path = f"/moderation/cases/{case.id}/steps/{step.id}"
    refused = sign_in(c.mo).post(f"{path}/done", data={"note": "Kept, I hope"})
    assert refused.status_code == 422
    assert "Kept, I hope" in refused.text

    def sent():
        return {"note": "Here", "file": (io.BytesIO(b"signed"), "signed.txt")}

    assert sign_in(c.mo).post(f"{path}/done", data=sent()).status_code == 303
    file_id = steps(case)[0].file_id
    with sign_in(c.sen).get(f"/files/{file_id}") as answer:
        assert answer.data == b"signed"
    assert sign_in(c.eve).get(f"/files/{file_id}").status_code == 404
    assert sign_in(c.mo).post(f"{path}/done", data=sent()).status_code == 409
    assert sign_in(c.mo).post(f"{path}/skipped", data={"why": "Late"}).status_code == 409
    assert sign_in(c.eve).post(f"{path}/skipped", data={"why": "Late"}).status_code == 404


def test_a_case_is_walked_to_its_end(sign_in):
    c = make_company()
    case = actions.start(c.mo, playbook("rule-malfunction"))
    admin, path = sign_in(c.adm), f"/moderation/cases/{case.id}"
    assert admin.post(f"{path}/end", data={}).status_code == 409
    for step in steps(case):
        assert admin.post(f"{path}/steps/{step.id}/skipped", data={"why": ""}).status_code == 422
        assert admin.post(f"{path}/steps/{step.id}/skipped", data={"why": "Tested"}).status_code == 303
    assert admin.post(f"{path}/end", data={"conclusion": "It was the list."}).status_code == 303
    assert "It was the list." in admin.get(path).text
    assert path not in admin.get("/moderation/cases").text
    assert path in admin.get("/moderation/cases?over=1").text
    assert admin.post(f"{path}/abandonment", data={"why_abandon": "x"}).status_code == 409


def test_evidence_is_made_taken_and_logged(sign_in):
    from app.kernel.audit import AuditEntry

    c = make_company()
    _entry, item = reported(c)
    case = actions.start(c.mo, playbook("harassment"), item=item)
    senior, path = sign_in(c.sen), f"/moderation/cases/{case.id}"
    assert senior.post(f"{path}/bundles", data={"why_bundle": ""}).status_code == 422
    assert senior.post(f"{path}/bundles", data={"why_bundle": "Inquiry"}).status_code == 303
    bundle = db.session.scalars(select(EvidenceBundle)).one()
    assert bundle.manifest in senior.get(path).text
    taken = senior.get(f"/moderation/bundles/{bundle.id}/download")
    assert taken.mimetype == "application/zip"
    assert taken.data == bundle.content
    assert "attachment" in taken.headers["Content-Disposition"]
    acts = select(AuditEntry.act).where(AuditEntry.subject == f"bundle:{bundle.id}")
    assert list(db.session.scalars(acts.order_by(AuditEntry.seq))) == ["evidence.made", "evidence.taken"]
    for who in (c.mo, c.adm, c.eve, c.ana):
        assert sign_in(who).get(f"/moderation/bundles/{bundle.id}/download").status_code == 404
    assert sign_in(c.mo).post(f"{path}/bundles", data={"why_bundle": "x"}).status_code == 403
    one = senior.post(f"/moderation/items/{item.id}/bundles", data={"why_bundle": "Alone"})
    assert senior.get(one.location).status_code == 200


def test_a_hold_is_lifted_for_a_reason(sign_in):
    c = make_company()
    case = actions.start(c.mo, playbook("harassment"))
    path = f"/moderation/cases/{case.id}/hold/end"
    assert sign_in(c.mo).post(path, data={"why_lift": "x"}).status_code == 403
    assert sign_in(c.sen).post(path, data={"why_lift": ""}).status_code == 422
    assert sign_in(c.sen).post(path, data={"why_lift": "Settled"}).status_code == 303
    assert sign_in(c.sen).post(path, data={"why_lift": "Again"}).status_code == 409


def test_the_lists_cost_the_same_whatever_their_length(sign_in, count_queries):
    c = make_company()
    browser = sign_in(c.sen)

    def cost():
        browser.get("/moderation/cases")
        with count_queries() as statements:
            assert browser.get("/moderation/cases").status_code == 200
        return len(statements)

    actions.start(c.mo, playbook("danger"))
    few = cost()
    for _n in range(20):
        actions.start(c.mo, playbook("danger"))
    assert cost() == few
    page = queries.cases(c.sen, is_open=True, limit=10)
    rest = queries.cases(c.sen, is_open=True, limit=30, after=None)
    assert (len(page.items), len(rest.items)) == (10, 21)
    assert db.session.scalar(select(func.count()).select_from(PlaybookCase)) == 21


def test_more_than_a_page_is_reached(sign_in):
    c = make_company()
    for _n in range(35):
        actions.start(c.mo, playbook("danger"))
    browser, seen = sign_in(c.sen), set()
    path = "/moderation/cases"
    while path:
        page = browser.get(path).text
        seen |= set(re.findall(r'href="/moderation/cases/(\d+)"', page))
        found = re.search(r'href="(/moderation/cases\?[^"]*after=[^"]+)" rel="next"', page)
        path = found[1].replace("&amp;", "&") if found else None
    assert len(seen) == 35


@pytest.mark.parametrize("value", ["x", "-1", "9" * 40, "²"])
def test_numbers_that_are_none_lead_nowhere(sign_in, value):
    c = make_company()
    browser = sign_in(c.mo)
    assert browser.post("/moderation/cases", data={"playbook": value}).status_code == 404
    plan = playbook("danger").id
    assert browser.post("/moderation/cases", data={"playbook": plan, "item": value}).status_code == 404
    assert browser.get(f"/moderation/cases/start?item={value}").status_code == 404
