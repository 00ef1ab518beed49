"""News reaches open pages by itself, and what was missed is fetched without doubles."""

from __future__ import annotations

import re

from playwright.sync_api import expect


def post(window, house, body: str) -> dict:
    answer = window.page.request.post(
        f"{house.url}/api/v1/spaces/{house.ids['open']}/posts",
        data={"body": body},
        headers={"Origin": house.url},
    )
    assert answer.status == 201, answer.text()
    return answer.json()


def call(window, house, method: str, path: str, **data):
    more = {"data": data} if data else {}
    answer = window.page.request.fetch(
        f"{house.url}/api/v1{path}", method=method, headers={"Origin": house.url}, **more
    )
    assert answer.ok, (answer.status, answer.text())
    return answer


def test_comments_reactions_edits_and_removals_are_seen_at_once(visit, house):
    ana, bo = visit("ana", ""), visit("bo", locale="en-GB").wait_live()
    made = post(ana, house, "Suivi en direct")
    card = bo.see(f"#post-{made['id']}")
    expect(card).to_be_visible()
    call(ana, house, "PUT", f"/posts/{made['id']}/reactions/bravo")
    expect(card.locator("article .reaction[value=bravo]").first).to_contain_text("1")
    call(ana, house, "POST", f"/posts/{made['id']}/comments", body="Premier mot")
    expect(card.locator("article.comment")).to_contain_text("Premier mot")
    expect(card.locator(".card__count")).to_have_text(re.compile("1"))
    version = call(ana, house, "GET", f"/posts/{made['id']}").headers["etag"]
    changed = ana.page.request.patch(
        f"{house.url}/api/v1/posts/{made['id']}", data={"body": "Suivi corrigé"},
        headers={"Origin": house.url, "If-Match": version},
    )  # fmt: skip
    assert changed.ok, changed.text()
    expect(card).to_contain_text("Suivi corrigé")
    call(ana, house, "DELETE", f"/posts/{made['id']}")
    expect(card).to_have_count(0)


def test_a_thread_shows_who_writes_and_what_comes(visit, house):
    address = f"/posts/{house.ids['post']}"
    ana, bo = visit("ana", address).wait_live(), visit("bo", address, locale="en-GB").wait_live()
    ana.see("comment-form textarea").press_sequentially("Je", delay=20)
    expect(bo.see(".thread__typing")).to_contain_text("Ana Duval")
    ana.see("comment-form textarea").fill("Je réponds")
    ana.see("comment-form [data-send]").click()
    expect(bo.see("article.comment", has_text="Je réponds")).to_have_count(1)
    expect(ana.see("article.comment", has_text="Je réponds")).to_have_count(1)
    expect(bo.see(".thread__typing")).to_be_empty()


def test_the_badge_counts_what_is_new_for_me_alone(visit, house):
    bo, ana = visit("bo", locale="en-GB").wait_live(), visit("ana").wait_live()
    badge = bo.see(".rail live-counter[data-name=unread]")
    before = int(badge.text_content() or 0)
    mine = ana.see(".rail live-counter[data-name=unread]").text_content()
    post(ana, house, "Un mot pour @bo")
    expect(badge).to_have_text(str(before + 1))
    expect(bo.page).to_have_title(re.compile(rf"^\({before + 1}\)"))
    assert ana.see(".rail live-counter[data-name=unread]").text_content() == mine


def test_a_reader_further_down_is_told_and_not_moved(visit, house):
    bo, ana = visit("bo", locale="en-GB").wait_live(), visit("ana", "")
    bo.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    at = bo.page.evaluate("scrollY")
    made = post(ana, house, "Pendant la lecture")
    expect(bo.see(".feed__pill button")).to_be_visible()
    assert bo.page.evaluate("scrollY") == at
    assert bo.see(f"#post-{made['id']}").count() == 0
    bo.see(".feed__pill button").click()
    expect(bo.see(f"#post-{made['id']}")).to_be_in_viewport()


def test_what_was_missed_while_the_line_was_cut_comes_once(visit, house):
    bo, ana = visit("bo", locale="en-GB").wait_live(), visit("ana", "")
    bo.expect_fault("ERR_INTERNET_DISCONNECTED", "WebSocket", "failed:")
    seen = post(ana, house, "Avant la coupure")
    expect(bo.see(f"#post-{seen['id']}")).to_be_visible()
    bo.context.set_offline(True)
    missed = [post(ana, house, f"Pendant la coupure {number}") for number in range(3)]
    call(ana, house, "DELETE", f"/posts/{seen['id']}")
    bo.context.set_offline(False)
    for made in missed:
        expect(bo.see(f"#post-{made['id']}")).to_have_count(1)
    expect(bo.see(f"#post-{seen['id']}")).to_have_count(0)
    after = post(ana, house, "Après la coupure")
    expect(bo.see(f"#post-{after['id']}")).to_have_count(1)
    order = bo.page.eval_on_selector_all(
        ".feed__list post-card", "all => all.slice(0, 4).map(card => card.dataset.entry)"
    )
    assert order == [str(made["id"]) for made in (after, *reversed(missed))]
