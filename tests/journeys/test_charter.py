"""A charter from its first word to somebody's acceptance, by those whose work it is, in their browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.charter_company import SIGNATORIES
from tests.journeys.conftest import House, Visitor, cookie_jar, serving

URL = "/charter/versions/2"


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A company of its own: what it signs would bind the people of the other journeys."""
    with serving("tests.journeys.charter_company") as served:
        yield served


@pytest.fixture(scope="module")
def cookies(browser: Browser, house: House) -> Callable[[str], list[Any]]:
    return cookie_jar(browser, house)


def test_a_version_is_written_discussed_signed_announced_learnt_and_accepted(visit):
    owner = visit("claire", "/charter/versions")
    _write(owner)
    _ask(owner)
    _discuss(visit("rachid", f"{URL}/remarks"), owner)
    _check_off(owner)
    for login, (name, _function) in SIGNATORIES.items():
        _sign(visit(login, f"{URL}/preparation"), name)
    _announce(owner)
    _learn_and_accept(visit("ana", "/notifications"))
    _is_not_let_through(visit("noe", "/charter/welcome"))
    owner.go("/charter/acceptances")
    expect(owner.see(".tally")).to_contain_text("1")


def _write(owner: Visitor) -> None:
    owner.page.get_by_role("button", name="Préparer une nouvelle version").click()
    owner.page.wait_for_url(f"**{URL}/edit")
    owner.see("#head > summary").click()
    owner.page.get_by_label("Titre en français").first.fill("Charte du dimanche")
    owner.page.get_by_label("Titre en anglais").first.fill("Sunday charter")
    owner.page.get_by_label("Préavis, en jours").fill("0")
    owner.page.get_by_label("Délai d’acceptation, en jours").fill("5")
    owner.see("#head").get_by_role("button", name="Enregistrer").click()
    owner.page.get_by_role("link", name="1.1").click()
    owner.page.get_by_label("Texte en français").fill("On se parle comme à table.\n\nEt l’on écoute.")
    owner.page.get_by_label("Texte en anglais").fill("We talk as at table.\n\nAnd we listen.")
    owner.page.get_by_role("button", name="Enregistrer et relire").click()
    expect(owner.see("#clause-1\\.1 .clause__text p")).to_have_count(2)
    owner.go(f"{URL}/changes")
    expect(owner.see("ins").filter(has_text="table").first).to_be_visible()


def _ask(owner: Visitor) -> None:
    owner.go(f"{URL}/quiz")
    owner.page.get_by_label("Question en français").fill("Comment se parle-t-on ?")
    owner.page.get_by_label("Question en anglais").fill("How do we talk?")
    for number, (french, english) in enumerate(
        (("Fort", "Loudly"), ("Comme à table", "As at table")), start=1
    ):
        owner.page.get_by_label(f"Réponse {number} en français").fill(french)
        owner.page.get_by_label(f"Réponse {number} en anglais").fill(english)
    owner.page.get_by_label("La réponse 2 est juste").check()
    owner.page.get_by_label("Explication en français").fill("La clause 1.1 le dit.")
    owner.page.get_by_role("button", name="Ajouter la question").click()
    expect(owner.see(".fold__title")).to_have_text("Comment se parle-t-on ?")


def _discuss(representative: Visitor, owner: Visitor) -> None:
    clause = representative.see("#clause-1\\.1")
    clause.locator("summary", has_text="Commenter").click()
    clause.get_by_label("Une remarque sur 1.1").fill("Et en réunion ?")
    clause.get_by_role("button", name="Envoyer").click()
    expect(representative.see(".remark__text")).to_have_text("Et en réunion ?")
    owner.go(f"{URL}/remarks")
    owner.page.get_by_role("button", name="Marquer comme traitée").click()
    expect(owner.see(".thread .badge")).to_have_text("Traitée")


def _check_off(owner: Visitor) -> None:
    owner.go(f"{URL}/preparation")
    for label in ("Représentants consultés le", "Personnel informé le"):
        owner.page.get_by_label(label).fill("2026-01-05")
    owner.page.get_by_role("button", name="Enregistrer").click()
    expect(owner.see(".step--done")).to_have_count(2)
    expect(owner.page.get_by_role("button", name="Annoncer à tous")).to_have_count(0)


def _sign(signatory: Visitor, name: str) -> None:
    signatory.page.get_by_role("button", name="Signer").click()
    expect(signatory.see(".signature__name", has_text=name)).to_be_visible()
    expect(signatory.page.get_by_role("button", name="Signer")).to_have_count(0)


def _announce(owner: Visitor) -> None:
    owner.go(f"{URL}/preparation")
    expect(owner.see(".signature__name")).to_have_count(3)
    owner.page.get_by_role("button", name="Annoncer à tous").click()
    owner.page.wait_for_url("**done=saved")
    owner.go("/charter")
    expect(owner.see("h1")).to_have_text("Charte du dimanche")


def _learn_and_accept(reader: Visitor) -> None:
    told = reader.page.get_by_text("La version 2 de la charte est en vigueur")
    for _look in range(20):
        if told.count():
            break
        reader.page.wait_for_timeout(500)
        reader.page.reload()
    told.first.click()
    reader.page.wait_for_url("**/charter/welcome")
    steps = 0
    while reader.see("[data-next]").is_visible():
        reader.see("[data-next]").click()
        steps += 1
    assert steps == 11
    reader.page.get_by_role("link", name="Répondre aux questions").click()
    reader.page.get_by_label("Fort").check()
    reader.page.get_by_role("button", name="Vérifier mes réponses").click()
    expect(reader.see(".question__why")).to_contain_text("La clause 1.1 le dit.")
    expect(reader.page.get_by_role("button", name="Accepter et entrer")).to_have_count(0)
    reader.page.get_by_label("Comme à table").check()
    reader.page.get_by_role("button", name="Vérifier mes réponses").click()
    reader.page.get_by_label("J’ai lu la version 2 de la charte et je l’accepte.").check()
    reader.page.get_by_role("button", name="Accepter et entrer").click()
    reader.page.wait_for_url("**done=accepted")
    reader.go("/charter")
    expect(reader.see(".charter__accepted")).to_contain_text("Vous avez accepté cette version")


def _is_not_let_through(newcomer: Visitor) -> None:
    """Without scripts or with them, nobody accepts before the questions."""
    newcomer.expect_fault("409 POST")
    sent = newcomer.page.request.post(
        f"{newcomer.house.url}/charter/acceptance",
        form={"version": "2", "accept": "1"},
        headers={"Origin": newcomer.house.url},
    )
    assert sent.status == 409
