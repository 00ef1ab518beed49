"""Everything of the main job by links and forms alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.make import PASSWORD


@pytest.fixture
def plain(visit):
    def window(login: str = "", path: str = "/", **more):
        return visit(login, path, js=False, **more)

    return window


def write(window, body: str) -> None:
    if not window.see(".composer textarea").is_visible():
        window.see("summary.composer__line").click()
    window.see("#composer-space").select_option(label="Production")
    window.see(".composer textarea[name=body]").fill(body)
    window.see(".composer [data-send]").click()


def test_signing_in_reading_and_signing_out(plain):
    window = plain(path="/people").expect_fault("422")
    expect(window.page).to_have_url(re.compile("/sign-in"))
    window.see("[name=login]").fill("gone")
    window.see("[name=password]").fill("not this one at all")
    window.see("main button").click()
    expect(window.see(".notice")).to_be_visible()
    expect(window.see("[name=login]")).to_have_value("gone")
    window.see("[name=password]").fill(PASSWORD)
    window.see("main button").click()
    expect(window.page).to_have_url(re.compile("/people$"))
    window.go("/").see("a.more, .more a").first.click()
    expect(window.see("post-card").first).to_be_visible()


def test_posting_editing_reading_its_history_and_deleting(plain):
    ana = plain("ana")
    write(ana, "Sans script, **tout** marche")
    expect(ana.see("post-card strong", has_text="tout")).to_be_visible()
    address = ana.page.url
    ana.see("[data-menu]").first.click()
    ana.page.get_by_role("link", name="Modifier").or_(ana.page.get_by_role("link", name="Edit")).first.click()
    ana.see("textarea[name=body]").fill("Sans script, **presque tout** marche")
    ana.see("main form button.button--primary").click()
    expect(ana.see("post-card strong", has_text="presque tout")).to_be_visible()
    ana.page.goto(address + "/history")
    expect(ana.see("main ins").first).to_be_visible()
    ana.page.goto(address + "/menu")
    ana.see("main a[href$='/delete']").click()
    ana.see("main form button").last.click()
    assert ana.page.request.get(address).status == 404


def test_commenting_reacting_and_reporting(plain, house):
    bo = plain("bo", f"/posts/{house.ids['post']}")
    bo.see("comment-form textarea").fill("Un mot sans script")
    bo.see("comment-form [data-send]").click()
    expect(bo.see("article.comment", has_text="Un mot sans script")).to_be_visible()
    bo.see("post-card [data-react]").click()
    bo.see("button.reaction", has_text="Bravo").click()
    bo.go(f"/posts/{house.ids['post']}")
    expect(bo.see("post-card > article .reaction[value=bravo]")).to_be_visible()
    bo.see("post-card [data-menu]").click()
    bo.see("main a[href$='/report']").click()
    bo.see("[name=clause]").first.check(force=True)
    bo.see("main form button.button--primary").click()
    expect(bo.see(".thanks")).to_be_visible()


def test_accepting_the_charter_then_posting(plain):
    new = plain("new")
    expect(new.see(".composer")).to_have_count(0)
    new.see("main a[href='/charter/welcome']").click()
    new.see("#accept").check(force=True)
    new.see("main form button.button--primary").click()
    write(new.go("/"), "Bonjour à tous")
    expect(new.see("post-card", has_text="Bonjour à tous")).to_be_visible()


def test_a_held_post_is_released_by_forms(plain):
    ana, mo = plain("ana"), plain("mo", "")
    write(ana, "Boulonex et Boréalis se voient sans script")
    expect(ana.see(".held")).to_contain_text("se voient sans script")
    mo.go("/moderation").see(".queue__item", has_text="se voient sans script").click()
    mo.see("button[data-key=c]").click()
    mo.see("input[value=release]").check(force=True)
    mo.see("#reason").fill("Vu avec le client.")
    mo.see("#decide button").click()
    expect(mo.see(".queue__item", has_text="se voient sans script")).to_have_count(0)
    expect(ana.go("/").see("post-card", has_text="se voient sans script")).to_be_visible()


def test_what_is_refused_is_shown_again_with_the_way_on(plain):
    ana = plain("ana").expect_fault("409 POST", "422 POST")
    write(ana, "Écrivez-moi à ana.duval@gmail.com pour la suite")
    expect(ana.see(".composer textarea[name=body]")).to_have_value(re.compile("ana.duval@gmail.com"))
    ana.see("[name=justification]").fill("Mon adresse publique")
    ana.see(".hint__go-on button").click()
    expect(ana.see("post-card", has_text="ana.duval@gmail.com")).to_be_visible()
    ana.go("/")
    write(ana, "Le projet ultrasecret avance")
    expect(ana.see(".hint--block")).to_be_visible()
    expect(ana.see(".composer textarea[name=body]")).to_have_value("Le projet ultrasecret avance")
