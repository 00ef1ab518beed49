"""What was typed survives reloads, refusals, the end of a session and the loss of the network."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.make import PASSWORD


def unfold(window):
    if not window.see(".composer textarea").is_visible():
        window.see("summary.composer__line").click()
    window.see("#composer-space").select_option(label="Production")
    return window.see(".composer textarea[name=body]")


def send(window):
    window.see(".composer [data-send]").click()


@pytest.fixture(autouse=True)
def no_draft_left(visit, house):
    yield
    window = visit("ana", "").expect_fault("")
    window.page.request.delete(f"{house.url}/drafts/post", headers={"Origin": house.url})


def test_a_draft_comes_back_after_a_reload_and_in_another_browser(visit):
    ana = visit("ana").wait_live()
    unfold(ana).fill("Une idée pour l’atelier")
    expect(ana.see(".composer__state")).not_to_be_empty()
    ana.page.reload()
    expect(ana.see(".composer textarea[name=body]")).to_have_value("Une idée pour l’atelier")
    other = visit("ana")
    expect(other.see(".composer textarea[name=body]")).to_have_value("Une idée pour l’atelier")


def test_a_refusal_keeps_the_text_and_offers_a_way_out(visit):
    ana = visit("ana").wait_live().expect_fault("409 POST", "422 POST")
    unfold(ana).fill("Le dossier ultrasecret est prêt")
    send(ana)
    expect(ana.see(".hint--block")).to_be_visible()
    expect(ana.see(".hint--block .hint__quote")).to_have_text("ultrasecret")
    expect(ana.see(".composer textarea[name=body]")).to_have_value("Le dossier ultrasecret est prêt")
    unfold(ana).fill("Le dossier est prêt")
    send(ana)
    expect(ana.see("post-card", has_text="Le dossier est prêt")).to_be_visible()

    unfold(ana).fill("Mon adresse : ana.duval@example.org pour tous")
    send(ana)
    expect(ana.see(".hint--nudge").first).to_be_visible()
    ana.see("[name=justification]").fill("Adresse publique")
    ana.see(".hint__go-on button").click()
    expect(ana.see("post-card", has_text="ana.duval@example.org")).to_be_visible()
    expect(ana.see(".composer textarea[name=body]")).to_have_value("")


def test_the_end_of_a_session_leaves_the_words(visit, house):
    window = visit(path="/sign-in").expect_fault("401")
    window.see("[name=login]").fill("gone")
    window.see("[name=password]").fill(PASSWORD)
    window.see("main button").click()
    window.wait_live()
    unfold(window).fill("Juste avant la fin")
    window.page.request.post(f"{house.url}/sign-out", headers={"Origin": house.url}, max_redirects=0)
    expect(window.see("toast-note", has_text="session")).to_be_visible()
    send(window)
    expect(window.see(".composer__state a")).to_be_visible()
    window.see(".composer__state a").click()
    window.see("[name=login]").fill("gone")
    window.see("[name=password]").fill(PASSWORD)
    window.see("main button").click()
    expect(window.see(".composer textarea[name=body]")).to_have_value("Juste avant la fin")


def test_what_is_written_offline_goes_out_once_when_the_network_is_back(visit):
    ana, bo = visit("ana").wait_live(), visit("bo", locale="en-GB").wait_live()
    ana.expect_fault("ERR_INTERNET_DISCONNECTED", "WebSocket", "failed:")
    box = unfold(ana)
    ana.context.set_offline(True)
    box.fill("Écrit dans le tunnel")
    send(ana)
    expect(ana.see(".composer__state[data-tone=bad] button")).to_be_visible()
    assert bo.page.get_by_text("Écrit dans le tunnel").count() == 0
    ana.context.set_offline(False)
    expect(bo.see("post-card", has_text="Écrit dans le tunnel")).to_have_count(1)
    expect(ana.see("post-card", has_text="Écrit dans le tunnel")).to_have_count(1)


def test_what_could_not_be_sent_says_so_and_offers_to_retry(visit):
    ana = visit("ana").wait_live().expect_fault("failed:", "503 POST")
    ana.page.route("**/posts", lambda route: route.fulfill(status=503, body="", content_type="text/plain"))
    unfold(ana).fill("Encore une fois")
    send(ana)
    again = ana.see(".composer__state[data-tone=bad] button")
    expect(again).to_be_visible()
    expect(ana.see(".composer textarea[name=body]")).to_have_value("Encore une fois")
    ana.page.unroute("**/posts")
    again.click()
    expect(ana.see("post-card", has_text="Encore une fois")).to_have_count(1)
