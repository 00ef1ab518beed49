"""Everything by keyboard: where the focus is can be seen, and it comes back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.make import PASSWORD

FOCUSED = """() => {
  const one = document.activeElement
  const style = getComputedStyle(one)
  const ring = parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== "none"
  const around = one.closest(":focus-within") && [one.parentElement, one.parentElement?.parentElement].some((box) => {
    const outer = box && getComputedStyle(box)
    return outer && (outer.boxShadow !== "none" || (parseFloat(outer.outlineWidth) > 0 && outer.outlineStyle !== "none"))
  })
  return {tag: one.tagName, ring: ring || style.boxShadow !== "none" || Boolean(around), html: one.outerHTML.slice(0, 160)}
}"""


def tab_to(window, selector: str, *, most: int = 60) -> None:
    """Presses Tab until it is there; each stop shows where one is."""
    for _step in range(most):
        window.page.keyboard.press("Tab")
        found = window.page.evaluate(FOCUSED)
        assert found["ring"], found
        if window.page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} was not reached")


def test_sign_in_post_comment_and_react(visit):
    window = visit(path="/sign-in")
    expect(window.see("[name=login]")).to_be_focused()
    window.page.keyboard.type("max")
    tab_to(window, "[name=password]")
    window.page.keyboard.type(PASSWORD)
    window.page.keyboard.press("Enter")
    window.wait_live()
    tab_to(window, "summary.composer__line")
    window.page.keyboard.press("Enter")
    expect(window.see(".composer textarea[name=body]")).to_be_focused()
    window.page.keyboard.type("Written without a mouse")
    window.page.keyboard.press("Control+Enter")
    card = window.see("post-card", has_text="Written without a mouse")
    expect(card).to_be_visible()
    tab_to(window, "[data-react]", most=90)
    window.page.keyboard.press("Enter")
    window.page.keyboard.press("Escape")
    assert window.page.evaluate("document.activeElement.matches('[data-react]')")
    window.page.keyboard.press("Enter")
    window.page.keyboard.press("Enter")
    expect(card.locator(".reaction[aria-pressed=true]")).to_have_count(1)
    assert window.page.evaluate("document.activeElement !== document.body")
    tab_to(window, "[data-say]")
    window.page.keyboard.press("Enter")
    expect(card.locator("comment-form textarea")).to_be_focused()
    window.page.keyboard.type("Nor this one")
    window.page.keyboard.press("Control+Enter")
    expect(card.locator("article.comment")).to_contain_text("Nor this one")


def test_menus_and_dialogs_give_the_focus_back(visit, house):
    window = visit("bo", f"/posts/{house.ids['post']}", locale="en-GB").wait_live()
    window.see("post-card [data-menu]").focus()
    window.page.keyboard.press("Enter")
    expect(window.see(".menu__panel a, .menu__panel button").first).to_be_focused()
    window.page.keyboard.press("Escape")
    expect(window.see("post-card [data-menu]")).to_be_focused()
    window.page.keyboard.press("Control+k")
    expect(window.see("command-palette input")).to_be_focused()
    window.page.keyboard.press("Escape")
    expect(window.see("post-card [data-menu]")).to_be_focused()


def test_a_moderator_never_needs_the_mouse(visit):
    author, window = visit("ana", ""), visit("max", "/moderation", locale="en-GB")
    author.go("/").see("summary.composer__line").click()
    author.see("#composer-space").select_option(label="Production")
    author.see(".composer textarea[name=body]").fill("Boulonex appelle Boréalis au clavier")
    author.see(".composer [data-send]").click()
    expect(author.see(".held", has_text="au clavier")).to_be_visible()
    window.go("/moderation").wait_live()
    rows = window.see(".queue__item").count()
    assert rows >= 2
    window.page.keyboard.press("j")
    expect(window.see("#case-title")).to_be_focused()
    window.page.keyboard.press("j")
    expect(window.see(".queue__item").nth(1)).to_have_attribute("aria-current", "true")
    window.page.keyboard.press("k")
    expect(window.see(".queue__item").nth(0)).to_have_attribute("aria-current", "true")
    for _step in range(rows):
        if "au clavier" in window.see(".case").inner_text():
            break
        window.page.keyboard.press("j")
        window.page.wait_for_timeout(600)
    expect(window.see(".case")).to_contain_text("au clavier")
    expect(window.see("button[data-key=c]")).to_be_visible()
    window.page.keyboard.press("c")
    expect(window.see("#decide")).to_be_visible()
    window.page.keyboard.press("a")
    expect(window.see("#reason")).to_be_focused()
    window.page.keyboard.type("Agreed with the client.")
    window.page.keyboard.press("Control+Enter")
    expect(window.see(".queue__item", has_text="au clavier")).to_have_count(0)
    expect(author.see("post-card", has_text="au clavier")).to_be_visible()
