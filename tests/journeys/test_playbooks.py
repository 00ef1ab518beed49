"""From what sets a playbook going to the evidence that somebody takes away, and proof of its being whole."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

from tests.journeys.conftest import ROOT


def _flask(house, *command):
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        env=house.environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _report_danger(house, visit):
    """Bo writes something that worries ana; the number of the post."""
    same = {"Origin": house.url}
    api = f"{house.url}/api/v1"
    bo = visit("bo", "")
    written = {"body": "Plus rien n’a de sens ici"}
    made = bo.page.request.post(f"{api}/spaces/{house.ids['open']}/posts", data=written, headers=same)
    assert made.status == 201, made.text()
    post = made.json()["id"]
    told = {"clause": "danger", "comment": "Je m’inquiète"}
    sent = visit("ana", "").page.request.post(f"{api}/posts/{post}/reports", data=told, headers=same)
    assert sent.status == 202, sent.text()
    return post


def test_a_playbook_from_its_trigger_to_the_evidence(house, visit, tmp_path):
    _report_danger(house, visit)
    senior = visit("sen", "/notifications")
    senior.see("a", has_text="plan d’action").first.click()
    senior.page.wait_for_url("**/moderation/cases/*")
    senior.wait_live()
    path = senior.page.url.removeprefix(house.url)
    assert senior.see(".step").count() == 5

    # Somebody else does the first step: it appears here without a reload.
    moderator = visit("mo", path)
    first = moderator.see(".step").first
    first.locator("textarea").fill("Appel au 15 à 9 h 02 ; la personne est accompagnée.")
    first.get_by_role("button", name="Fait").click()
    moderator.see(".step--done").wait_for()
    senior.see(".step--done", has_text="Appel au 15").wait_for()

    # A colleague who belongs nowhere doesn't learn that there is a case.
    stranger = visit("new", "").expect_fault("404 GET")
    assert stranger.page.goto(house.url + path).status == 404

    senior.see("#why_bundle").fill("Pour le service de santé au travail")
    senior.see("#evidence").get_by_role("button", name="Faire le dossier").click()
    senior.see(".bundles__hash").wait_for()
    with senior.page.expect_download() as taking:
        senior.see("#evidence").get_by_role("link", name="Prendre").click()
    bundle = tmp_path / "bundle.zip"
    taking.value.save_as(bundle)

    for step in senior.see(".step[id]").all():
        if "step--done" in (step.get_attribute("class") or ""):
            continue
        name = step.get_attribute("id")
        folded = senior.see(f"#{name} details")
        if folded.get_attribute("open") is None:
            folded.locator("summary").click()
        senior.see(f"#{name} input[name=why]").fill("Déjà fait de vive voix.")
        senior.see(f"#{name}").get_by_role("button", name="Écarter").click()
        senior.see(f"#{name}.step--skipped").wait_for()
    moderator.go(path)
    moderator.see("#conclusion").fill("La personne va bien.")
    moderator.see("button", has_text="Clore le dossier").click()
    moderator.see(".room__facts .badge", has_text="Clos").wait_for()
    senior.see(".room__facts .badge", has_text="Clos").wait_for()

    status, said = _flask(house, "audit", "verify", "--bundle", str(bundle))
    assert status == 0, said
    with _altered_row(house, "case.opened", path.rpartition("/")[2]) as seq:
        status, said = _flask(house, "audit", "verify", "--bundle", str(bundle))
        assert status == 1
        assert f"Entry {seq} doesn't hold: its content was changed" in said
        assert f"log.jsonl: entry {seq} isn't in the chain" in said
        admin = visit("adm", "/admin/audit")
        admin.see("form[action='/admin/audit/verify'] button").click()
        admin.see(".notice--bad", has_text=re.compile(rf"\b{_grouped(seq)}\b")).wait_for()
    assert _flask(house, "audit", "verify", "--bundle", str(bundle))[0] == 0
    admin.go("/moderation/cases").see(".run", has_text="Manquement").first.wait_for()


def _grouped(number):
    """As French writes it."""
    return re.sub(r"(?<=\d)(?=(\d{3})+$)", "\\\\s?", str(number))


@contextmanager
def _altered_row(house, act, case):
    """One row of the log says something else meanwhile, behind the product's back."""
    place = Path(house.environ["PARVIS_DATA_DIR"]) / "parvis.sqlite3"
    with closing(sqlite3.connect(place, timeout=30, isolation_level=None)) as base:
        found = base.execute(
            "SELECT seq, record FROM audit_entries WHERE act = ? AND subject = ?", (act, f"case:{case}")
        ).fetchone()
        guards = base.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries'"
        ).fetchall()
        _write(base, guards, found[0], found[1].replace('"actor":null', '"actor":1'))
        yield found[0]
        _write(base, guards, *found)


def _write(base, guards, seq, record):
    for name, _sql in guards:
        base.execute(f"DROP TRIGGER {name}")
    base.execute("UPDATE audit_entries SET record = ? WHERE seq = ?", (record, seq))
    for _name, sql in guards:
        base.execute(sql)


def test_a_playbook_is_written_and_started_without_scripts(house, visit):
    senior = visit("sen", "/moderation/playbooks/new", js=False)
    senior.see("#title_fr").fill("Panne de badge")
    senior.see("#title_en").fill("Badge failure")
    senior.see("#step_0_title_fr").fill("Ouvrir la porte")
    senior.see("#step_0_title_en").fill("Open the door")
    senior.see("button", has_text="Enregistrer").click()
    senior.see("h1", has_text="Panne de badge").wait_for()
    senior.go("/moderation/cases/start")
    senior.see(".choice", has_text="Panne de badge").locator("input").check()
    senior.see("#why").fill("Porte B")
    senior.see("form button", has_text="Lancer").click()
    senior.see("h1", has_text="Panne de badge").wait_for()
    senior.see(".step textarea").fill("Ouverte.")
    senior.see(".step").get_by_role("button", name="Fait").click()
    senior.see(".step--done", has_text="Ouverte.").wait_for()
