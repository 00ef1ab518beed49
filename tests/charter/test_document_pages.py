"""The pages on which the charter is written, discussed, signed, announced, compared and read."""

import html
import re

import pytest
from sqlalchemy import select

from app.charter import queries as charter
from app.charter.document import actions, drafting, jobs, queries
from app.charter.document.payload import mark_of_clause, mark_of_head
from app.charter.models import Rule
from app.kernel import clock
from app.kernel.db import db
from tests.charter.document_world import again, announce, check_off, people, sign_all, start, write_clause
from tests.make import accept, make_charter, make_organisation, make_person, make_space


@pytest.fixture
def who():
    make_charter(mix={"kind": "mixing", "action": "hold"})
    return people()


def _words(draft, number, **changed):
    clause = next(c for c in again(draft).clauses if c.number == number)
    names = ("title_fr", "title_en", "text_fr", "text_en", "message_fr", "message_en", "severity")
    return clause.key, {**{n: getattr(clause, n) for n in names}, "seen": mark_of_clause(clause), **changed}


def test_an_owner_writes_a_version_page_by_page(who, sign_in):
    owner = sign_in(who["owner"])
    assert owner.post("/charter/versions").location == "/charter/versions/2/edit"
    outline = owner.get("/charter/versions/2/edit").text
    assert "1.1" in outline
    draft = queries.in_preparation(who["owner"])
    head = {"title_fr": "Charte 2", "title_en": "Charter 2", "preamble_fr": "Avant", "preamble_en": "Before",
            "notice_days": "0", "grace_days": "7", "seen": mark_of_head(again(draft))}  # fmt: skip
    assert owner.post("/charter/versions/2/head", data=head).status_code == 303
    article = again(draft).articles[0].key
    new = {"title_fr": "Neuve", "title_en": "New"}
    made = owner.post(f"/charter/versions/2/articles/{article}/clauses", data=new)
    assert made.status_code == 303
    key = made.location.rsplit("/", 1)[1]
    page = owner.get(made.location).text
    seen = re.search(r'name="seen" value="([^"]+)"', page).group(1)
    written = {**new, "text_fr": "Un", "text_en": "One", "severity": "1", "seen": seen, "preview": "1"}
    saved = owner.post(made.location, data=written)
    assert saved.location == "/charter/versions/2#clause-1.3"
    moved = owner.post(f"/charter/versions/2/clauses/{key}/move", data={"seen": "1.3", "to": "1"})
    assert moved.status_code == 303
    assert again(draft).clauses[0].title_en == "New"
    reading = owner.get("/charter/versions/2?lang=en").text
    assert "Charter 2" in reading
    assert "One" in reading
    bad = owner.post("/charter/versions/2/head", data={**head, "notice_days": "-1"})
    assert bad.status_code == 422
    assert "Charte 2" in bad.text


def test_a_conflict_shows_both_texts_and_keeps_what_was_typed(who, sign_in):
    draft = start(who["owner"])
    key, mine = _words(draft, "2.1", text_fr="Mon texte à moi")
    write_clause(who["second"], draft, "2.1", text_fr="Leur texte à eux")
    refused = sign_in(who["owner"]).post(f"/charter/versions/2/clauses/{key}", data=mine)
    assert refused.status_code == 409
    page = html.unescape(refused.text)
    assert "Mon texte à moi" in page
    assert "<del>Leur</del>" in page
    seen = re.search(r'name="seen" value="([^"]+)"', refused.text).group(1)
    assert seen != mine["seen"]
    again_sent = sign_in(who["owner"]).post(f"/charter/versions/2/clauses/{key}", data={**mine, "seen": seen})
    assert again_sent.status_code == 303
    assert next(c for c in again(draft).clauses if c.key == key).text_fr == "Mon texte à moi"


def test_from_checklist_to_announcement_on_the_page_of_where_it_stands(who, sign_in):
    draft = start(who["owner"])
    url, today = "/charter/versions/2", queries.today().isoformat()
    owner = sign_in(who["owner"])
    early = owner.post(f"{url}/announcement", data={"effective_on": today, "text_hash": draft.text_hash})
    assert early.status_code == 409
    assert owner.post(f"{url}/checklist", data={"consulted_on": "2999-01-01"}).status_code == 422
    filled = {"consulted_on": today, "informed_on": today}
    assert owner.post(f"{url}/checklist", data=filled).status_code == 303
    seal = {"text_hash": again(draft).text_hash}
    for function in ("it", "communication", "legal"):
        window = sign_in(who[function])
        assert seal["text_hash"] in window.get(f"{url}/preparation").text
        assert window.post(f"{url}/signature", data={"text_hash": "0" * 64}).status_code == 409
        assert window.post(f"{url}/signature", data=seal).status_code == 303
    assert owner.post(f"{url}/announcement", data={"effective_on": "2020-01-01", **seal}).status_code == 422
    assert owner.post(f"{url}/announcement", data={"effective_on": today, **seal}).status_code == 303
    jobs.put_into_force()
    assert charter.version_in_force().number == 2
    page = sign_in(who["plain"]).get("/charter").text
    for function in ("It", "Communication", "Legal"):
        assert f'<p class="signature__name">{function}</p>' in page
    assert seal["text_hash"] in page


def test_what_is_announced_stands_on_the_page_of_the_one_in_force_with_its_changes(who, sign_in):
    draft = write_clause(who["owner"], start(who["owner"], notice_days=3), "1.2", text_fr="texte neuf")
    plain = sign_in(who["plain"])
    assert plain.get("/charter/versions/2").status_code == 404
    assert plain.get("/charter/versions/2/changes").status_code == 404
    assert "/charter/versions/2" not in plain.get("/charter").text
    assert "/charter/versions/2" not in plain.get("/charter/versions").text
    announce(who, draft, days=3)
    assert "/charter/versions/2/changes" in plain.get("/charter").text
    changes = plain.get("/charter/versions/2/changes").text
    assert "<del>text</del>" in changes
    assert 'id="clause-1.2"' in changes
    assert 'id="clause-1.1"' not in changes
    assert plain.get("/charter/versions/2/edit").status_code == 403
    assert plain.get("/charter/versions/2/preparation").status_code == 403


def test_the_reader_chooses_the_language_of_the_text(who, sign_in):
    plain = sign_in(who["plain"])
    assert "text fr" in plain.get("/charter").text
    english = plain.get("/charter?lang=en").text
    assert "text en" in english
    assert '<article class="charter" lang="en">' in english
    plain.post("/charter/acceptance", data={"version": "1", "accept": "1", "language": "en"})
    assert charter.acceptance(who["plain"], charter.version_in_force()).locale == "en"


def test_which_version_counted_on_a_day(who, sign_in):
    plain = sign_in(who["plain"])
    today = queries.today().isoformat()
    assert "version 1 était en vigueur" in plain.get(f"/charter/versions?on={today}").text
    assert "Aucune charte" in plain.get("/charter/versions?on=2001-01-01").text
    assert plain.get("/charter/versions?on=rien").status_code == 200


def test_representatives_comment_on_the_page_and_others_find_nothing(who, sign_in):
    draft = again(drafting.start_draft(who["owner"]))
    key = draft.clauses[0].key
    rep, url = sign_in(who["rep"]), "/charter/versions/2/remarks"
    made = rep.post(url, data={"body": "Et le **télétravail** ?", "clause_key": key})
    assert made.status_code == 303
    assert "Et le **télétravail** ?" in html.unescape(sign_in(who["owner"]).get(url).text)
    assert rep.post(url, data={"body": " ", "clause_key": key}).status_code == 422
    for outsider in ("plain", "moderator", "auditor"):
        window = sign_in(who[outsider])
        assert window.get(url).status_code == 404
        assert window.post(url, data={"body": "x", "clause_key": key}).status_code == 404
    thread = made.location.rsplit("-", 1)[1]
    assert rep.post(f"{url}/{thread}/resolution", data={"done": "1"}).status_code == 403
    assert sign_in(who["owner"]).post(f"{url}/{thread}/resolution", data={"done": "1"}).status_code == 303
    assert sign_in(who["owner"]).post(f"{url}/404/resolution", data={"done": "1"}).status_code == 404


def test_admins_say_who_signs(who, sign_in):
    admin = sign_in(who["admin"])
    assert admin.post("/charter/signatories", data={"person": "plain", "function": "it"}).status_code == 303
    assert "Plain" in admin.get("/charter/signatories").text
    assert admin.post("/charter/signatories", data={"person": "nobody", "function": "it"}).status_code == 422
    plain = who["plain"].id
    assert admin.post(f"/charter/signatories/{plain}/remove").status_code == 303
    assert sign_in(who["owner"]).get("/charter/signatories").status_code == 403


def test_a_partner_reads_the_charter_and_nothing_around_it(who, sign_in):
    guest = make_organisation("Acme", "client")
    partner = sign_in(make_person("cli", segment="client", organisation_id=guest.id))
    drafting.start_draft(who["owner"])
    assert partner.get("/charter").status_code == 200
    for path in ("preparation", "edit", "remarks", "changes", "quiz"):
        assert partner.get(f"/charter/versions/2/{path}").status_code == 404


def test_grace_lets_those_write_who_accepted_before_and_nobody_else(who, sign_in):
    accept(who["plain"])
    new = make_person("new")
    space = make_space(who["plain"], new)
    version = announce(who, start(who["owner"], grace_days=5))
    jobs.put_into_force()
    said = {"body": "Bonjour", "space_id": str(space.id)}
    assert sign_in(who["plain"]).post("/posts", data=said).status_code == 303
    assert sign_in(new).post("/posts", data=said).status_code == 403
    with clock.at(version.accept_by):
        assert sign_in(who["plain"]).post("/posts", data=said).status_code == 403


def test_clauses_of_another_version_show_no_rules_of_today(who, sign_in):
    announce(who, start(who["owner"]))
    jobs.put_into_force()
    assert db.session.scalars(select(Rule.key)).all() == ["mix"]
    plain = sign_in(who["plain"])
    assert "clause__rules" in plain.get("/charter").text
    assert "clause__rules" not in plain.get("/charter/versions/1").text


def test_a_withdrawn_signature_or_version_can_be_taken_back_on_the_page(who, sign_in):
    draft = sign_all(who, check_off(who["owner"], start(who["owner"], notice_days=1)))
    url = "/charter/versions/2"
    assert sign_in(who["it"]).post(f"{url}/signature/remove").status_code == 303
    actions.sign(who["it"], draft, text_hash=draft.text_hash)
    assert sign_in(who["owner"]).post(f"{url}/reopen").status_code == 303
    announce(who, again(draft), days=1)
    assert sign_in(who["owner"]).post(f"{url}/withdrawal").status_code == 303
    assert sign_in(who["plain"]).get(url).status_code == 404


@pytest.mark.parametrize("sent", [{"effective_on": "jamais"}, {"effective_on": "2026-01-01"}, {}])
def test_an_announcement_whose_form_is_not_offered_is_refused_in_words(who, sign_in, sent):
    """Not written, not signed: the page has no such field to put the sentence under."""
    start(who["owner"])
    for text_hash in ({}, {"text_hash": "0"}):
        answer = sign_in(who["owner"]).post("/charter/versions/2/announcement", data={**sent, **text_hash})
        assert answer.status_code in (409, 422)
        assert 'class="notice notice--bad"' in answer.text
