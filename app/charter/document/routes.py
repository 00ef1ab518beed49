"""Writing a draft, for charter owners."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from app.charter.document import drafting, inputs, policy, queries
from app.charter.document.payload import mark_of_article, mark_of_clause, mark_of_head
from app.charter.document.preparation import bp as preparation
from app.charter.models import Article, CharterVersion, Clause
from app.charter.reading import head_view, language
from app.kernel.difference import difference
from app.kernel.errors import Invalid, NotFound, Stale
from app.kernel.http import actor, form
from app.kernel.inputs import parse, switch
from app.kernel.policy import require

bp = Blueprint("charter_document", __name__, url_prefix="/charter")
bp.register_blueprint(preparation)
_WORDS = ("title_fr", "title_en", "text_fr", "text_en", "message_fr", "message_en")


@bp.post("/versions")
def start() -> ResponseReturnValue:
    """Begin a new version, or go on with the one on its way."""
    draft = drafting.start_draft(actor())
    return redirect(f"/charter/versions/{draft.number}/edit", code=303)


@bp.get("/versions/<int:number>/edit")
def edit(number: int) -> ResponseReturnValue:
    """The outline of a draft: its head, its articles and clauses, each with what can be done to it."""
    return _outline(_written(number))


@bp.post("/versions/<int:number>/discard")
def discard(number: int) -> ResponseReturnValue:
    """Throw the draft away."""
    drafting.discard_draft(actor(), queries.get_version(actor(), number))
    return redirect("/charter/versions?done=deleted", code=303)


@bp.post("/versions/<int:number>/head")
def save_head(number: int) -> ResponseReturnValue:
    """Title, preamble and delays."""
    version, typed = queries.get_version(actor(), number), form()
    try:
        drafting.edit_head(actor(), version, **inputs.head(typed))
    except Stale as refusal:
        return _outline(_written(number), typed=typed, conflict=str(refusal)), refusal.status
    except Invalid as refusal:
        return _outline(_written(number), typed=typed, errors=refusal.fields), refusal.status
    return _outlined(number)


@bp.post("/versions/<int:number>/articles")
def add_article(number: int) -> ResponseReturnValue:
    """A new article at the end."""
    article = drafting.add_article(actor(), queries.get_version(actor(), number), **inputs.titles(form()))
    return _outlined(number, f"#article-{article.key}")


@bp.post("/versions/<int:number>/articles/<key>")
def save_article(number: int, key: str) -> ResponseReturnValue:
    """Its title."""
    typed = form()
    drafting.edit_article(
        actor(), queries.get_version(actor(), number), key, inputs.seen(typed), **inputs.titles(typed)
    )
    return _outlined(number, f"#article-{key}")


@bp.post("/versions/<int:number>/articles/<key>/move")
def move_article(number: int, key: str) -> ResponseReturnValue:
    """Its place."""
    given = inputs.place(form())
    seen = int(given["seen"]) if given["seen"].isdecimal() else 0
    drafting.move_article(actor(), queries.get_version(actor(), number), key, seen=seen, to=given["to"])
    return _outlined(number, f"#article-{key}")


@bp.post("/versions/<int:number>/articles/<key>/remove")
def remove_article(number: int, key: str) -> ResponseReturnValue:
    """Out, with its clauses."""
    drafting.remove_article(actor(), queries.get_version(actor(), number), key, inputs.seen(form()))
    return _outlined(number)


@bp.post("/versions/<int:number>/articles/<key>/clauses")
def add_clause(number: int, key: str) -> ResponseReturnValue:
    """A new clause; its text is written on the next page."""
    clause = drafting.add_clause(actor(), queries.get_version(actor(), number), key, **inputs.titles(form()))
    return redirect(f"/charter/versions/{number}/clauses/{clause.key}", code=303)


@bp.get("/versions/<int:number>/clauses/<key>")
def clause(number: int, key: str) -> ResponseReturnValue:
    """One clause to write, in both languages side by side."""
    return _clause_page(_written(number), key)


@bp.post("/versions/<int:number>/clauses/<key>")
def save_clause(number: int, key: str) -> ResponseReturnValue:
    """Its words. When somebody else changed them meanwhile, both texts are shown and nothing is lost."""
    version, typed = queries.get_version(actor(), number), form()
    try:
        drafting.edit_clause(actor(), version, key, **inputs.clause(typed))
    except Stale as refusal:
        return _clause_page(_written(number), key, typed=typed, conflict=str(refusal)), refusal.status
    except Invalid as refusal:
        return _clause_page(_written(number), key, typed=typed, errors=refusal.fields), refusal.status
    preview = parse(typed, preview=switch())["preview"]
    return (
        redirect(f"/charter/versions/{number}#clause-{_number_of(number, key)}", code=303)
        if preview
        else _outlined(number, f"#clause-{key}")
    )


@bp.post("/versions/<int:number>/clauses/<key>/move")
def move_clause(number: int, key: str) -> ResponseReturnValue:
    """Its place, in its article or in another."""
    version, given = queries.get_version(actor(), number), inputs.place(form())
    article = given["article"] or _find(version, key)[0].key
    drafting.move_clause(actor(), version, key, seen=given["seen"], article_key=article, to=given["to"])
    return _outlined(number, f"#clause-{key}")


@bp.post("/versions/<int:number>/clauses/<key>/remove")
def remove_clause(number: int, key: str) -> ResponseReturnValue:
    """Out."""
    drafting.remove_clause(actor(), queries.get_version(actor(), number), key, inputs.seen(form()))
    return _outlined(number)


def _written(number: int) -> CharterVersion:
    """A draft that the reader may write; NotFound or Forbidden otherwise."""
    version = queries.get_version(actor(), number)
    require(policy.can_write_version(actor(), version))
    return version


def _outlined(number: int, anchor: str = "") -> ResponseReturnValue:
    return redirect(f"/charter/versions/{number}/edit?done=saved{anchor}", code=303)


def _outline(version: CharterVersion, *, typed: dict[str, Any] | None = None, **more: Any) -> str:
    names = ("title_fr", "title_en", "preamble_fr", "preamble_en", "notice_days", "grace_days")
    present = {name: getattr(version, name) for name in names}
    return render_template(
        "charter/document/edit.html",
        version={**head_view(version, language()), "mark": mark_of_head(version)},
        head={**present, **{name: typed[name] for name in names if typed and name in typed}},
        articles=[_article_view(article) for article in version.articles],
        signed=sorted(queries.signatures(version)),
        is_signed=queries.is_signed(version),
        missing=queries.problems(version),
        remarks=queries.open_remarks(version),
        **{"errors": {}, "conflict": None, "is_typed": typed is not None, **more},
    )


def _article_view(article: Article) -> dict[str, Any]:
    title = "title_en" if language() == "en" else "title_fr"
    return {
        "key": article.key,
        "number": article.number,
        "title": getattr(article, title) or article.title_fr or article.title_en,
        "title_fr": article.title_fr,
        "title_en": article.title_en,
        "mark": mark_of_article(article),
        "clauses": [
            {
                "key": clause.key,
                "number": clause.number,
                "position": clause.position,
                "title": getattr(clause, title) or clause.title_fr or clause.title_en,
                "is_whole": bool(clause.text_fr and clause.text_en and clause.title_fr and clause.title_en),
            }
            for clause in article.clauses
        ],
    }


def _clause_page(
    version: CharterVersion, key: str, *, typed: dict[str, Any] | None = None, **more: Any
) -> str:
    article, clause = _find(version, key)
    present = {name: getattr(clause, name) for name in (*_WORDS, "severity")}
    shown = {**present, **{name: typed[name] for name in present if typed and name in typed}}
    return render_template(
        "charter/document/clause.html",
        version=head_view(version, language()),
        clause={"key": key, "number": clause.number, "position": clause.position,
                "mark": mark_of_clause(clause)},
        article={"key": article.key, "number": article.number},
        articles=[_choice(one) for one in version.articles],
        wording=shown,
        present=[(name, difference(present[name], str(shown[name]).replace("\r", ""))) for name in _WORDS
                 if present[name] != str(shown[name]).replace("\r", "")],
        signed=sorted(queries.signatures(version)),
        threads=queries.remarks(actor(), version).get(key, []),
        **{"errors": {}, "conflict": None, **more},
    )  # fmt: skip


def _choice(article: Article) -> tuple[str, str]:
    return article.key, f"{article.number}. {getattr(article, f'title_{language()}')}"


def _find(version: CharterVersion, key: str) -> tuple[Article, Clause]:
    for article in version.articles:
        for clause in article.clauses:
            if clause.key == key:
                return article, clause
    raise NotFound


def _number_of(number: int, key: str) -> str:
    return _find(queries.get_version(actor(), number), key)[1].number
