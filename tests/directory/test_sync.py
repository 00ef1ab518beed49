"""Taking people over from the company's directory, a real OpenLDAP server, again and again."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from app.auth.directory.trouble import Trouble
from app.auth.models import DIRECTORY, Identity
from app.directory import actions, jobs, plan
from app.directory.models import DONE, FAILED, STOPPED
from app.directory.queries import last_runs
from app.directory.synchronising import preview, synchronise
from app.files.models import File
from app.kernel import clock, sockets
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden
from app.people import actions as people
from app.people import groups
from app.people.models import Person, Team
from app.people.queries import by_login
from tests.make import actor, make_organisation, make_person
from tests.slapd import GROUPS, Slapd


def picture(colour: str = "red", side: int = 300) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, "JPEG", comment=b"secret place")
    return out.getvalue()


def crowd(slapd: Slapd, count: int) -> list[str]:
    return [slapd.person(f"p{n}") for n in range(count)]


def did(outcome) -> list[tuple[str, str]]:
    return [(step.what, step.login) for step in outcome.done]


def active() -> set[str]:
    return set(db.session.scalars(select(Person.login).where(Person.deactivated_at.is_(None))))


def test_people_come_with_what_the_directory_says_of_them(slapd, company):
    boss = slapd.person("boss", cn="Le Patron", title="Directeur", departmentNumber="Atelier")
    slapd.person("ana", cn="Ana Duval", title="Soudeuse", departmentNumber="Atelier", manager=boss,
                 preferredLanguage="en-GB, fr;q=0.5", jpegPhoto=picture())  # fmt: skip
    outcome = synchronise(company())
    assert set(did(outcome)) == {("made", "boss"), ("made", "ana"), ("manager", "ana"), ("photo", "ana")}
    ana = by_login("ana")
    assert (ana.name, ana.title, ana.email, ana.locale) == ("Ana Duval", "Soudeuse", "ana@acme.example", "en")
    assert ana.manager_id == by_login("boss").id
    team = db.session.get(Team, ana.team_id)
    assert (team.name, by_login("boss").team_id) == ("Atelier", team.id)
    photo = db.session.get(File, ana.photo_id)
    assert (photo.holder, photo.width, photo.owner_id) == ("person", 300, ana.id)


def test_the_second_time_nothing_changes_and_what_changed_there_follows(slapd, company):
    ana = slapd.person("ana", title="Soudeuse", jpegPhoto=picture())
    synchronise(company())
    assert did(synchronise(company())) == []
    slapd.put(ana, title="Cheffe d’atelier", cn="Ana Duval-Petit")
    assert did(synchronise(company())) == [("changed", "ana")]
    assert (by_login("ana").title, by_login("ana").name) == ("Cheffe d’atelier", "Ana Duval-Petit")
    assert "duval-petit" in by_login("ana").name_key


def test_a_picture_is_made_anew_and_one_s_own_choice_stays_until_the_directory_has_another(slapd, company):
    from app.files import storage

    dn = slapd.person("ana", jpegPhoto=picture())
    synchronise(company())
    ana = by_login("ana")
    first = ana.photo_id
    assert b"secret place" not in storage.path(first).read_bytes()
    people.change_profile(actor(ana.id), ana, photo_id=None)
    slapd.put(dn, title="Other")
    synchronise(company())
    assert by_login("ana").photo_id is None
    slapd.put(dn, jpegPhoto=picture("blue"))
    assert ("photo", "ana") in did(synchronise(company()))
    assert by_login("ana").photo_id not in {None, first}


@pytest.mark.parametrize(
    "content", [b"GIF89a no picture", b"<svg/>", b"\xff\xd8\xff broken", b"x" * (3 << 20)]
)
def test_what_is_no_picture_is_left_out_and_the_rest_goes_on(slapd, company, content):
    slapd.person("ana", jpegPhoto=content)
    slapd.person("bo", jpegPhoto=picture())
    assert synchronise(company()).outcome == DONE
    assert by_login("ana").photo_id is None
    assert by_login("bo").photo_id is not None


def test_whoever_is_gone_or_disabled_there_is_cut_off_here(slapd, company, sign_in, listen):
    dns = crowd(slapd, 30)
    company(most_gone=10)
    synchronise(company())
    gone, disabled, stays = (actor(by_login(f"p{n}").id) for n in range(3))
    browsers = [sign_in(who) for who in (gone, disabled, stays)]
    ears = [listen(who) for who in (gone, disabled, stays)]
    slapd.remove(dns[0])
    slapd.put(dns[1], pwdAccountLockedTime="000001010000Z")
    outcome = synchronise(company())
    assert set(did(outcome)) == {("closed", "p0"), ("closed", "p1")}
    assert [browser.get("/spaces").status_code for browser in browsers] == [303, 303, 200]
    for ear in ears:
        ear.heard()
    seated = {seat.actor.id for seat in sockets.seats.values()}
    assert seated & {gone.id, disabled.id, stays.id} == {stays.id}


def test_whoever_the_directory_has_again_comes_back_but_not_whom_an_admin_closed(slapd, company):
    dns = crowd(slapd, 30)
    synchronise(company())
    slapd.put(dns[0], pwdAccountLockedTime="000001010000Z")
    synchronise(company())
    people.deactivate(None, by_login("p1"))
    assert {"p0", "p1"} & active() == set()
    slapd.put(dns[0], pwdAccountLockedTime=[])
    assert did(synchronise(company())) == [("reopened", "p0")]
    assert {"p0", "p1"} & active() == {"p0"}


def test_people_whom_the_directory_never_knew_stay(slapd, company):
    client = make_organisation("Client")
    make_person("local")
    make_person("cli", segment="client", organisation_id=client.id, email="p0@acme.example")
    crowd(slapd, 3)
    synchronise(company())
    synchronise(company())
    assert {"local", "cli"} <= active()
    assert by_login("cli").segment == "client"


def test_far_too_many_gone_at_once_stop_it_before_anything_is_changed(slapd, company):
    dns = crowd(slapd, 10)
    synchronise(company())
    for dn in dns[:4]:
        slapd.remove(dn)
    slapd.put(dns[9], title="Changed")
    outcome = synchronise(company())
    assert (outcome.outcome, outcome.done) == (STOPPED, [])
    assert last_runs()[0].trouble == "4 of 10 accounts would be closed"
    assert len({f"p{n}" for n in range(10)} & active()) == 10
    assert by_login("p9").title == ""
    forced = synchronise(company(), force=True)
    assert set(did(forced)) == {("closed", f"p{n}") for n in range(4)} | {("changed", "p9")}


def test_an_empty_answer_closes_nobody(slapd, company):
    slapd.person("ana")
    synchronise(company())
    outcome = synchronise(company(people_filter="(uid=nobody)"))
    assert (outcome.outcome, "ana" in active()) == (STOPPED, True)


@pytest.mark.parametrize(("most", "standing", "closing", "too_many"), [
    (10, 100, 10, False), (10, 100, 11, True), (10, 3, 1, False), (10, 3, 2, True), (0, 100, 1, True),
    (100, 5, 5, False), (10, 100, 0, False),
])  # fmt: skip
def test_how_many_are_too_many(most, standing, closing, too_many):
    steps = [plan.Step(plan.CLOSED, f"p{n}") for n in range(closing)]
    assert plan.Plan(steps, 7, standing, ()).takes_too_many(most) is too_many


def test_a_directory_that_goes_away_meanwhile_closes_nobody(slapd, company, monkeypatch):
    crowd(slapd, 3)
    synchronise(company())
    made = company()
    began = made._described

    def and_away(conversation, found):
        slapd.stop()
        conversation.search(found.dn, made._anything, ["uid"])
        return began(conversation, found)

    monkeypatch.setattr(made, "_described", and_away)
    with pytest.raises(Trouble):
        synchronise(made)
    assert {"p0", "p1", "p2"} <= active()
    assert last_runs()[0].outcome == FAILED
    with pytest.raises(Trouble):
        synchronise(company())


def test_the_last_admin_stays_whatever_the_directory_says(slapd, company):
    dns = crowd(slapd, 3)
    synchronise(company())
    people.set_roles(None, by_login("p0"), ["admin"])
    slapd.remove(dns[0])
    assert did(synchronise(company())) == [("kept", "p0")]
    assert "p0" in active()


def test_a_dry_run_says_it_all_and_does_nothing(slapd, company):
    dns = crowd(slapd, 3)
    make_person("old", email="old@acme.example")
    synchronise(company())
    slapd.remove(dns[0])
    slapd.put(dns[1], title="New", manager=dns[2])
    slapd.person("old.one", mail="old@acme.example")
    slapd.person("new")
    runs = len(last_runs())
    steps = {(step.what, step.login, step.fields) for step in preview(company()).steps}
    assert steps == {
        ("closed", "p0", ()), ("changed", "p1", ("title",)), ("manager", "p1", ()), ("linked", "old", ()),
        ("made", "new", ()),
    }  # fmt: skip
    assert (len(last_runs()), by_login("p1").title, by_login("new")) == (runs, "", None)
    company(creates=False)
    assert ("skipped", "new") in {(s.what, s.login) for s in preview(company(creates=False)).steps}


def test_nobody_reports_to_themselves_even_through_others(slapd, company):
    dns = crowd(slapd, 3)
    slapd.put(dns[0], manager=dns[1])
    slapd.put(dns[1], manager=dns[0])
    slapd.put(dns[2], manager=dns[2])
    synchronise(company())
    assert [by_login(f"p{n}").manager_id for n in range(3)] == [None, None, None]
    slapd.put(dns[1], manager=dns[2])
    slapd.put(dns[2], manager=[])
    synchronise(company())
    assert by_login("p0").manager_id == by_login("p1").id
    slapd.put(dns[0], manager=dns[2])
    slapd.put(dns[1], manager=dns[0])
    synchronise(company())
    assert by_login("p1").manager_id == by_login("p0").id, "two who change places"


def test_an_address_that_somebody_has_is_left_to_them(slapd, company):
    slapd.person("ana", mail="shared@acme.example")
    company(links=frozenset({"login"}))
    make_person("bo", email="shared@acme.example")
    outcome = synchronise(company(links=frozenset({"login"})))
    assert outcome.outcome == DONE
    assert by_login("ana").email is None


def test_roles_follow_groups_in_a_synchronisation_too(slapd, company, sign_in):
    dn = slapd.person("ana")
    group = slapd.group("mods", dn)
    settings = {"roles": {"mods": "moderator"}, "groups_base": GROUPS}
    synchronise(company(**settings))
    assert by_login("ana").roles == ["moderator"]
    slapd.remove(group)
    assert did(synchronise(company(**settings))) == [("changed", "ana")]
    assert by_login("ana").roles == []


def test_logins_that_differ_only_in_what_we_cannot_write_are_two_people(slapd, company):
    slapd.person("élodie", mail=[])
    slapd.person("elodie", mail="other@acme.example")
    synchronise(company())
    synchronise(company())
    assert {"elodie", "elodie2"} <= active()
    subjects = db.session.scalars(select(Identity.subject).where(Identity.issuer == DIRECTORY)).all()
    assert len(set(subjects)) == 2


def test_one_at_a_time_and_what_died_is_given_up(slapd, company, monkeypatch):
    actions.begin_run(None)
    with pytest.raises(Conflict):
        synchronise(company())
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert synchronise(company()).outcome == DONE


def test_admins_only_may_begin_one(slapd, company):
    with pytest.raises(Forbidden):
        synchronise(company(), by=make_person("ana", roles=["moderator"]))
    assert synchronise(company(), by=make_person("root", roles=["admin"])).outcome == DONE


# --- by itself


def test_it_comes_back_when_it_is_due_and_only_with_a_directory(app, slapd, company, monkeypatch):
    slapd.person("ana")
    company(every_minutes=60)
    jobs.synchronise_when_due()
    jobs.synchronise_when_due()
    assert len(last_runs()) == 1
    later = clock.now() + timedelta(minutes=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    jobs.synchronise_when_due()
    assert len(last_runs()) == 2
    company(every_minutes=0)
    monkeypatch.setitem(app.config, "DIRECTORY", None)
    jobs.synchronise_when_due()
    assert len(last_runs()) == 2


def test_a_directory_that_is_away_is_tried_again_when_due_and_not_before(slapd, company):
    slapd.stop()
    jobs.synchronise_when_due()
    jobs.synchronise_when_due()
    assert [run.outcome for run in last_runs()] == [FAILED]


def test_asked_for_by_somebody_who_is_no_admin_any_more_nothing_runs(slapd, company):
    root, other = make_person("root", roles=["admin"]), make_person("other", roles=["admin"])
    people.set_roles(None, by_login(root.login), [])
    jobs.synchronise_now(by_id=root.id)
    assert last_runs() == []
    jobs.synchronise_now(by_id=other.id)
    assert [run.by_id for run in last_runs()] == [other.id]


# --- from the console


def test_the_console_checks_looks_up_previews_and_forces(app, slapd, company):
    run = app.test_cli_runner().invoke
    slapd.person("ana", title="Soudeuse")
    checked = run(args=["directory", "check", "ana"])
    assert checked.exit_code == 0
    assert "Soudeuse" in checked.output
    assert run(args=["directory", "check", "*"]).exit_code == 1
    tried = run(args=["directory", "sync", "--dry-run"])
    assert "made     ana" in tried.output
    assert "nothing was changed" in tried.output
    assert "1 people found, 1 changes" in run(args=["directory", "sync"]).output
    company(people_filter="(uid=nobody)")
    stopped = run(args=["directory", "sync"])
    assert (stopped.exit_code, "--force" in stopped.output) == (1, True)
    assert "closed   ana" in run(args=["directory", "sync", "--force"]).output
    slapd.stop()
    assert run(args=["directory", "check"]).exit_code == 1
    assert run(args=["directory", "sync"]).exit_code == 1


def test_without_a_directory_the_console_says_what_to_set(app):
    answer = app.test_cli_runner().invoke(args=["directory", "check"])
    assert (answer.exit_code, "PARVIS_LDAP_URL" in answer.output) == (1, True)


def test_what_admins_said_that_groups_give_follows_them(slapd, company):
    dn = slapd.person("ana")
    mods = slapd.group("Mods", dn)
    groups.grant(None, name="mods", role="moderator")
    synchronise(company(groups_base=GROUPS))
    assert by_login("ana").roles == ["moderator"]
    slapd.remove(mods)
    assert did(synchronise(company(groups_base=GROUPS))) == [("changed", "ana")]
    assert actor(by_login("ana").id).roles == frozenset()
    assert did(synchronise(company(groups_base=GROUPS))) == []
