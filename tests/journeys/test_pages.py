"""Every page of the product: nothing for axe to say, no error in the console, nothing wider than a phone."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest

from tests.journeys.company import png
from tests.journeys.conftest import ROOT, House, Visitor

AXE = ROOT / "node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LARGEST_SCRIPTS, LARGEST_STYLES = 50 * 1024, 30 * 1024

# Who looks at each page, and the number that its address is about. A new page must be put here.
PAGES: dict[str, tuple[str, str]] = {
    "/": ("ana", ""),
    "/appeals/<int:appeal_id>": ("bo", "/appeals/{appeal}"),
    "/decisions/<int:decision_id>/appeal": ("bo", "/decisions/{ruling}/appeal"),
    "/moderation/items/<int:item_id>/alike": ("mo", "/moderation/items/{item}/alike"),
    "/moderation/items/<int:item_id>/transfer": ("mo", "/moderation/items/{item}/transfer"),
    "/moderation/measures": ("mo", ""),
    "/moderation/health": ("sen", ""),
    "/moderation/watch": ("sen", ""),
    "/moderation/duty": ("sen", ""),
    "/charter/figures": ("ana", ""),
    "/charter/figures/report": ("ana", "/charter/figures/report?quarter={quarter}"),
    "/moderation/replies": ("sen", ""),
    "/moderation/replies/<int:reply_id>": ("sen", "/moderation/replies/{reply}"),
    "/<any(posts,comments):kind>/<int:entry_id>/delete": ("ana", "/posts/{post}/delete"),
    "/<any(posts,comments):kind>/<int:entry_id>/edit": ("ana", "/posts/{post}/edit"),
    "/<any(posts,comments):kind>/<int:entry_id>/history": ("ana", "/posts/{post}/history"),
    "/<any(posts,comments):kind>/<int:entry_id>/menu": ("ana", "/posts/{post}/menu"),
    "/admin": ("adm", ""),
    "/admin/audit": ("adm", ""),
    "/admin/company": ("adm", ""),
    "/admin/directory": ("adm", ""),
    "/admin/ldap": ("adm", ""),
    "/admin/gate": ("adm", ""),
    "/admin/gate/rules": ("adm", ""),
    "/admin/organisations": ("adm", ""),
    "/admin/organisations/<int:organisation_id>": ("adm", "/admin/organisations/{organisation}"),
    "/admin/organisations/new": ("adm", ""),
    "/admin/organisations/import": ("adm", ""),
    "/admin/organisations/imports/<int:import_id>": ("adm", "/admin/organisations/imports/{import}"),
    "/admin/people": ("adm", ""),
    "/admin/people/import": ("adm", ""),
    "/admin/people/imports/<int:import_id>": ("adm", "/admin/people/imports/{people}"),
    "/admin/people/invitations": ("adm", ""),
    "/guests": ("ana", ""),
    "/join/<secret>": ("", "/join/{invited}"),
    "/proof": ("adm", ""),
    "/reset/<secret>": ("", "/reset/{reset}"),
    "/admin/people/<int:person_id>": ("adm", "/admin/people/{ana}"),
    "/admin/rest": ("adm", ""),
    "/admin/hours": ("adm", ""),
    "/admin/roles": ("adm", ""),
    "/admin/sessions": ("adm", ""),
    "/api/docs": ("ana", ""),
    "/charter": ("ana", ""),
    "/charter/rules": ("adm", ""),
    "/charter/rules/<key>": ("adm", "/charter/rules/lex.tried"),
    "/charter/rules/<key>/backtests/<int:backtest_id>": (
        "adm",
        "/charter/rules/lex.tried/backtests/{backtest}",
    ),
    "/charter/rules/<key>/backtests/<int:backtest_id>/sample/<int:place>": (
        "adm",
        "/charter/rules/lex.tried/backtests/{backtest}/sample/0",
    ),
    "/charter/rules/<key>/edit": ("adm", "/charter/rules/lex.tried/edit"),
    "/charter/rules/<key>/versions/<int:number>": ("adm", "/charter/rules/lex.tried/versions/1"),
    "/charter/rules/new": ("adm", ""),
    "/charter/acceptances": ("adm", ""),
    "/charter/quiz": ("ana", ""),
    "/charter/signatories": ("adm", ""),
    "/charter/versions": ("ana", ""),
    "/charter/versions/<int:number>/changes": ("adm", "/charter/versions/2/changes"),
    "/charter/versions/<int:number>/clauses/<key>": ("adm", "/charter/versions/2/clauses/1.1"),
    "/charter/versions/<int:number>/edit": ("adm", "/charter/versions/2/edit"),
    "/charter/versions/<int:number>/preparation": ("adm", "/charter/versions/2/preparation"),
    "/charter/versions/<int:number>/quiz": ("adm", "/charter/versions/2/quiz"),
    "/charter/versions/<int:number>/remarks": ("adm", "/charter/versions/2/remarks"),
    "/charter/versions/<int:number>": ("ana", "/charter/versions/1"),
    "/charter/welcome": ("new", ""),
    "/comments/<int:comment_id>/report": ("ana", "/comments/{comment}/report"),
    "/moderation": ("mo", ""),
    "/moderation/decided": ("mo", ""),
    "/moderation/cases": ("sen", ""),
    "/moderation/cases/<int:case_id>": ("sen", "/moderation/cases/{case}"),
    "/moderation/cases/start": ("sen", "/moderation/cases/start?item={item}"),
    "/moderation/playbooks/<int:playbook_id>": ("adm", "/moderation/playbooks/{playbook}"),
    "/moderation/playbooks/new": ("adm", ""),
    "/moderation/items/<int:item_id>": ("mo", "/moderation/items/{item}"),
    "/notifications": ("ana", ""),
    "/offline": ("", ""),
    "/people": ("ana", ""),
    "/people/<int:person_id>": ("ana", "/people/{bo}"),
    "/posts/<int:post_id>": ("ana", "/posts/{post}"),
    "/posts/<int:post_id>/move": ("ana", "/posts/{post}/move"),
    "/posts/split": ("ana", ""),
    "/posts/<int:post_id>/urgency": ("ana", "/posts/{announcement}/urgency"),
    "/posts/<int:post_id>/report": ("bo", "/posts/{post}/report"),
    "/relevance": ("mo", ""),
    "/relevance/desk": ("mo", ""),
    "/reports/<int:report_id>": ("ana", "/reports/{report}"),
    "/search": ("ana", "/search?q=atelier"),
    "/sign-in": ("", ""),
    "/sign-in/code": ("", ""),
    "/spaces": ("ana", ""),
    "/spaces/<int:space_id>": ("ana", "/spaces/{open}"),
    "/spaces/<int:space_id>/about": ("ana", "/spaces/{open}/about"),
    "/spaces/<int:space_id>/edit": ("ana", "/spaces/{open}/edit"),
    "/spaces/<int:space_id>/files": ("ana", "/spaces/{open}/files"),
    "/spaces/<int:space_id>/members": ("ana", "/spaces/{open}/members"),
    "/spaces/new": ("ana", ""),
    "/saved": ("ana", ""),
    "/me": ("ana", ""),
    "/me/quiet": ("ana", ""),
    "/me/sessions": ("ana", ""),
    "/me/tokens": ("ana", ""),
    "/me/password": ("ana", ""),
    "/me/second-factor": ("ana", ""),
    "/me/drafts": ("ana", ""),
    "/me/charter": ("ana", ""),
}
# The same addresses with something else on them.
ALSO = [
    ("new", "/"), ("cli", "/"), ("cli", "/spaces/{client}"), ("cli", "/people"), ("cli", "/posts/404"), ("mo", "/"),
    ("bo", "/posts/{held}"), ("bo", "/posts/{rejected}"), ("bo", "/spaces/{closed}"), ("mo", "/moderation/items/{decided}"),
    ("adm", "/admin/people/{cli}"), ("", "/join/nowhere"), ("ana", "/?scope=following"), ("ana", "/search"), ("ana", "/?write"), ("ana", "/comments/{answer}/menu"),
    ("adm", "/charter/rules/new?kind=phrases"), ("adm", "/charter/rules/new?kind=combination"),
    ("adm", "/charter/rules/mix"), ("adm", "/charter/rules/lex.tried/backtests/{backtest}/sample/1"),
    ("adm", "/charter/versions/2"), ("adm", "/charter/versions?on=2026-01-01"), ("adm", "/charter"),
    ("ana", "/comments/{answer}/edit"), ("mo", "/spaces/{social}"), ("adm", "/"),
    ("adm", "/admin/gate?address=10.1.2.3&login=ana"),
    ("max", "/moderation/items/{appealed}"), ("bo", "/me/charter"),
    ("mo", "/moderation/playbooks/{playbook}"), ("bo", "/moderation/cases/{sealed}"), ("mo", "/moderation/cases?over=1"),
    ("adm", "/relevance"), ("mo", "/relevance/desk?task=tone"),
]  # fmt: skip
# Answers that are no pages: pieces, files, programs' business.
NO_PAGE = re.compile(
    r"/api/v1/|/scim/v2/|/static/|/files/|/drafts/|/sw\.js|/theme\.css|/manifest|/complete$|/suggest$|/card$|/held$|/count$|/list$"
    r"|/healthz|/sign-in/oidc/|/readyz|/metrics|/photo|/export|\.csv$|/raw$|/download|/logo"
)
DARK = {
    "/",
    "/posts/{post}",
    "/moderation/items/{item}",
    "/moderation/cases",
    "/moderation/cases/{case}",
    "/charter",
    "/charter/quiz",
    "/charter/versions/2/changes",
    "/charter/versions/2/edit",
    "/charter/versions/2/preparation",
    "/charter/versions/2/remarks",
    "/sign-in",
    "/admin/gate",
    "/admin/gate/rules",
    "/people/{bo}",
}


def test_every_page_is_looked_at(house):
    pages = {
        path for methods, path, _endpoint in house.rules if "GET" in methods and not NO_PAGE.search(path)
    }
    assert pages - set(PAGES) == set()


def all_pages(house: House) -> list[tuple[str, str]]:
    there = {path for methods, path, _endpoint in house.rules if "GET" in methods}
    listed = [(who, address or path) for path, (who, address) in PAGES.items() if path in there]
    return [*listed, *ALSO]


def look(visitor: Visitor, where: str) -> list[str]:
    """What is wrong with the page that is open, in sentences."""
    visitor.page.wait_for_load_state("load")
    result: dict[str, Any] = visitor.page.evaluate(
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations'], preload: false})", TAGS
    )
    wrong = [
        f"{where}: {found['id']}: {node['html'][:140]} · {node['failureSummary'].splitlines()[1].strip()[:160]}"
        for found in result["violations"]
        for node in found["nodes"][:3]
    ]
    wide = visitor.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if wide > 0:
        wrong.append(f"{where}: {wide} px wider than the window")
    lang = visitor.page.evaluate("document.documentElement.lang")
    return [*wrong, *([] if lang in {"fr", "en"} else [f"{where}: no language"])]


# Every page in both languages and at both widths; those of DARK in the other two combinations, in the dark.
LOOKS = [("fr", 390, "light"), ("en", 1280, "light"), ("fr", 1280, "dark"), ("en", 390, "dark")]


def speak(visitor: Visitor, language: str) -> None:
    """People read in the language of their choice, whatever their browser says."""
    chosen = {"title": "", "about": "", "locale": language, "theme": "auto", "time_zone": "Europe/Paris"}
    answer = visitor.page.request.post(
        f"{visitor.house.url}/me", form=chosen, headers={"Origin": visitor.house.url}, max_redirects=0
    )
    assert answer.status == 303, answer.text()


@pytest.mark.parametrize(("language", "width", "scheme"), LOOKS)
def test_axe_finds_nothing_on_any_page(house, visit, language, width, scheme):
    windows: dict[str, Visitor] = {}
    wrong: list[str] = []
    for who, address in all_pages(house):
        if scheme == "dark" and address not in DARK:
            continue
        if who not in windows:
            locale = {"fr": "fr-FR", "en": "en-GB"}[language]
            windows[who] = visit(who, "", width=width, color_scheme=scheme, locale=locale)
            windows[who].context.add_init_script(path=AXE)
            windows[who].expect_fault("404 GET", "410 GET")
            if who:
                speak(windows[who], language)
        window = windows[who].go(address.format(**house.ids))
        wrong += look(window, f"{who} {address} {width} {language} {scheme}")
    for who in set(windows) - {""}:
        speak(windows[who], "en" if who in {"bo", "max"} else "fr")
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_link_of_the_frame_leads_nowhere(house, visit):
    for who in ("ana", "mo", "adm", "cli"):
        window = visit(who, "/")
        found = window.page.eval_on_selector_all(
            "a[href^='/']", "all => all.map(a => a.getAttribute('href'))"
        )
        dead = {}
        for href in sorted({href.partition("#")[0] for href in found} - {""}):
            answer = window.page.request.get(house.url + href)
            if answer.status >= 400:
                dead[href] = answer.status
        assert not dead, (who, dead)


# --- the first page ---------------------------------------------------------------------


def test_the_feed_is_light_and_does_not_shift(house, visit):
    """Scripts and styles as they travel compressed; room for pictures before they are there."""
    window = visit("ana", "")
    _post_a_picture(window, house)
    weights: dict[str, int] = {}

    def weigh(response: Any) -> None:
        kind = response.request.resource_type
        if kind in {"script", "stylesheet"}:
            weights[response.url] = len(gzip.compress(response.body(), 6))

    window.page.on("response", weigh)
    window.context.add_init_script(
        "globalThis.shift = 0; new PerformanceObserver((list) => list.getEntries().forEach((entry) => "
        "{ if (!entry.hadRecentInput) globalThis.shift += entry.value })).observe({type: 'layout-shift', buffered: true})"
    )
    window.go("/").wait_live()
    window.page.wait_for_load_state("networkidle")
    scripts = sum(size for url, size in weights.items() if url.endswith(".js"))
    styles = sum(size for url, size in weights.items() if url.endswith(".css"))
    assert 0 < scripts <= LARGEST_SCRIPTS, (scripts, weights)
    assert 0 < styles <= LARGEST_STYLES, (styles, weights)
    sizes = window.page.eval_on_selector_all(
        ".feed img", "all => all.map(i => [i.getAttribute('width'), i.getAttribute('height')])"
    )
    assert sizes
    assert all(width and height for width, height in sizes), sizes
    assert window.page.evaluate("globalThis.shift") < 0.05


def _post_a_picture(window: Visitor, house: House) -> None:
    """What others posted meanwhile may have pushed the company's own picture to a later page."""
    same = {"Origin": house.url}
    picture = {"name": "atelier.png", "mimeType": "image/png", "buffer": png()}
    api = f"{house.url}/api/v1"
    sent = window.page.request.post(f"{api}/files", multipart={"file": picture}, headers=same)
    assert sent.status == 201, sent.text()
    written = {"body": "Le nouvel atelier", "attachments": [sent.json()["id"]]}
    told = window.page.request.post(f"{api}/spaces/{house.ids['open']}/posts", data=written, headers=same)
    assert told.status == 201, told.text()
