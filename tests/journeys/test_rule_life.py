"""A rule from somebody's first idea until it bites; and what a newcomer learns, signs and runs into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import House, Visitor, cookie_jar, serving
from tests.journeys.test_main_job import decide, publish

RULE = "/charter/rules/lex.orphee"


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A company of its own: its rules would bind the people of the other journeys."""
    with serving("tests.journeys.rule_company") as served:
        yield served


@pytest.fixture(scope="module")
def cookies(browser: Browser, house: House) -> Callable[[str], list[Any]]:
    return cookie_jar(browser, house)


def test_a_rule_goes_from_an_idea_to_being_live_and_then_it_bites(visit):
    owner, author = visit("claire", "/charter/rules"), visit("ana")
    _write(owner)
    _refuse_before_it_is_tried(owner)
    _backtest(owner)
    _try_in_silence(owner, author)
    _cap(owner)
    publish(author, "Orphée sort lundi")
    expect(author.see("post-card", has_text="Orphée sort lundi")).to_be_visible()
    _press(owner, "Demander sa mise en vigueur à un autre responsable")
    expect(owner.page.get_by_role("button", name="La mettre en vigueur", exact=True)).to_have_count(0)
    other = visit("odile", RULE)
    expect(other.page.get_by_text("Claire Morel demande sa mise en vigueur")).to_be_visible()
    _press(other, "La mettre en vigueur")
    expect(other.see(".panel .badge", has_text="En vigueur").first).to_be_visible()
    _bites(author, visit("bo"), visit("mo", "/moderation"))
    author.go("/charter")
    expect(author.see("#clause-3\\.1 .clause__rules")).to_contain_text("Le nom du projet reste entre nous.")


def test_a_newcomer_learns_signs_and_is_hinted_nudged_held_and_mends_it(visit):
    noe, bo = visit("noe", "/charter/welcome"), visit("bo")
    _learn(noe)
    _sign(noe)
    noe.go("/").wait_live().expect_fault("409 POST")
    _is_hinted_and_nudged(noe)
    publish(noe, "Boulonex livre Boréalis jeudi")
    held = noe.see(".held", has_text="jeudi")
    expect(held).to_contain_text("Article 4.2")
    assert bo.page.get_by_text("Boréalis jeudi").count() == 0
    held.get_by_role("link", name="Modifier").click()
    noe.see("textarea[name=body]").fill("Boulonex livre jeudi")
    noe.page.get_by_role("button", name="Enregistrer").click()
    noe.page.wait_for_url("**done=saved")
    expect(noe.see("post-card, .post", has_text="Boulonex livre jeudi").first).to_be_visible()
    bo.go("/")
    expect(bo.see("post-card", has_text="Boulonex livre jeudi")).to_be_visible()
    mo = visit("mo", "/moderation")
    expect(mo.see(".queue__item", has_text="jeudi")).to_have_count(0)


# --- the rule -----------------------------------------------------------------------------


def _write(owner: Visitor) -> None:
    owner.page.get_by_role("link", name="Écrire une règle").click()
    owner.page.get_by_role("link", name="Une liste de mots et d’expressions").click()
    owner.page.get_by_label("Nom de la règle").fill("lex.orphee")
    owner.page.get_by_label("Mots et expressions").fill("Orphée")
    owner.page.get_by_label("Ce qui s’ensuit").select_option("hold")
    owner.page.get_by_label("Clause dont elle découle").select_option("3.1")
    owner.page.get_by_label("Ce que lit l’auteur, en français").fill("Le nom du projet reste entre nous.")
    owner.page.get_by_label("Elle doit détecter ceux-ci").fill("Le projet Orphée avance")
    owner.page.get_by_label("Elle doit laisser passer ceux-ci").fill("Orphelin de projet")
    owner.see("textarea[name=try_text]").fill("Voici ORPHEE en vrai")
    expect(owner.see(".tried mark")).to_have_text("ORPHEE")
    owner.page.get_by_role("button", name="Enregistrer en brouillon").click()
    owner.page.wait_for_url(f"**{RULE}?done=saved")
    expect(owner.see(".rule-says")).to_contain_text("Orphée")


def _refuse_before_it_is_tried(owner: Visitor) -> None:
    step = owner.see(".step--closed", has_text="La déclarer éprouvée")
    expect(step).to_contain_text("Essayez-la d’abord sur les messages passés.")
    expect(owner.page.get_by_role("button", name="La déclarer éprouvée")).to_have_count(0)


def _backtest(owner: Visitor) -> None:
    owner.see("summary", has_text="Essais sur les messages passés").click()
    owner.page.get_by_role("button", name="Essayer", exact=True).click()
    owner.page.wait_for_url(f"**{RULE}/backtests/*")
    expect(owner.see("[data-state=done]")).to_be_attached()
    expect(owner.see(".figure", has_text="détections").first).to_contain_text("24")
    owner.page.get_by_role("link", name="Étiqueter l’échantillon").click()
    owner.page.get_by_role("button", name="Ouvrir l’extrait").click()
    for place in range(1, 25):
        expect(owner.see("#label-title")).to_have_text(f"Détection {place} sur 24")
        expect(owner.see(".label__text mark")).to_have_text("Orphée")
        owner.page.keyboard.press("y")
    expect(owner.page.get_by_text("Juste dans 100 %")).to_be_visible()
    owner.go(RULE)
    _press(owner, "La déclarer éprouvée")


def _try_in_silence(owner: Visitor, author: Visitor) -> None:
    _press(owner, "Commencer sa marche à blanc")
    publish(author, "Orphée prend forme")
    expect(author.see("post-card", has_text="Orphée prend forme")).to_be_visible()
    expect(author.see(".held")).to_have_count(0)


def _cap(owner: Visitor) -> None:
    owner.go(RULE)
    _press(owner, "La laisser agir, limitée au signalement")
    expect(owner.see(".badge", has_text="Limitée au signalement").first).to_be_visible()


def _bites(author: Visitor, reader: Visitor, moderator: Visitor) -> None:
    publish(author, "Le budget d’Orphée est signé")
    held = author.see(".held", has_text="est signé")
    expect(held).to_contain_text("Le nom du projet reste entre nous.")
    expect(held.locator("a[href*='clause-3.1']")).to_be_visible()
    moderator.page.reload()
    moderator.see(".queue__item", has_text="est signé").click()
    expect(moderator.see("mark.spot").first).to_contain_text("Orphée")
    assert reader.page.get_by_text("est signé").count() == 0
    moderator.see("[data-key=c]").click()
    decide(moderator, "x", "Ce nom n’est pas encore public.")
    expect(author.see(".held", has_text="est signé")).to_contain_text("Ce nom n’est pas encore public.")


def _press(who: Visitor, name: str) -> None:
    who.page.get_by_role("button", name=name, exact=True).click()
    who.page.wait_for_url("**done=saved")


# --- the newcomer -------------------------------------------------------------------------


def _learn(noe: Visitor) -> None:
    clauses = 0
    while noe.see("[data-next]").is_visible():
        noe.see("[data-next]").click()
        clauses += 1
    assert clauses == 11
    noe.page.get_by_role("link", name="Répondre aux questions").click()
    noe.page.get_by_label("Personne", exact=True).check()
    noe.page.get_by_role("button", name="Vérifier mes réponses").click()
    expect(noe.see(".question__why")).to_contain_text("Chacun la lit.")
    noe.page.get_by_label("Tous", exact=True).check()
    noe.page.get_by_role("button", name="Vérifier mes réponses").click()


def _sign(noe: Visitor) -> None:
    noe.page.get_by_label("J’ai lu la version 1 de la charte et je l’accepte.").check()
    noe.page.get_by_role("button", name="Accepter et entrer").click()
    noe.page.wait_for_url("**done=accepted")


def _is_hinted_and_nudged(noe: Visitor) -> None:
    noe.see("summary.composer__line").click()
    noe.see(".composer textarea[name=body]").fill("Écrivez à jean.dupont@example.org pour les plans")
    hint = noe.see(".hint--nudge").first
    expect(hint).to_be_visible()
    expect(hint.locator(".hint__quote")).to_have_text("jean.dupont@example.org")
    expect(hint.locator("a[href*='clause-2.1']")).to_be_visible()
    noe.see(".composer [data-send]").click()
    noe.see("[name=justification]").fill("Il l’a demandé lui-même")
    noe.page.get_by_role("button", name="Envoyer tel quel").click()
    expect(noe.see("post-card", has_text="jean.dupont@example.org")).to_be_visible()
