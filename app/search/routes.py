from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from app.kernel.http import actor, is_fragment
from app.kernel.inputs import choice, clean, optional, parse, whole
from app.posts import cards
from app.posts import queries as posts
from app.search import directory, queries
from app.search.directory import Filters
from app.search.tags import complete_tags
from app.spaces.queries import complete_people, get_space, my_spaces

bp = Blueprint("search", __name__)
LONGEST_FILTER = 120


@bp.get("/search")
def search() -> ResponseReturnValue:
    """People, spaces and what was said; the results alone for a script, as one types."""
    given = parse(
        request.args,
        kind=optional(choice(*queries.KINDS), ""),
        space=optional(whole()),
        when=optional(choice(*queries.SPANS), ""),
    )
    q = _typed("q")
    filters = {"q": q, "kind": given["kind"], "space": str(given["space"] or ""), "when": given["when"]}
    found = queries.search(
        actor(),
        q,
        given["kind"] or None,
        request.args.get("after"),
        space_id=given["space"],
        since=queries.SPANS.get(given["when"]),
    )
    context = {
        "filters": filters,
        "query": _query(filters),
        "people": found.people,
        "spaces": found.spaces,
        "entries": found.entries,
        "next": found.next,
    }
    if is_fragment():
        return render_template("search/_results.html", **context)
    mine = [(str(space.id), space.name) for space in my_spaces(actor())]
    return render_template("search/index.html", spaces_of_mine=mine, **context)


@bp.get("/people")
def people() -> ResponseReturnValue:
    """The directory."""
    given = parse(request.args, team=optional(whole()))
    wanted = Filters(_typed("q"), given["team"], _typed("site"), _typed("skill"))
    filters = {"q": wanted.q, "team": str(wanted.team_id or ""), "site": wanted.site, "skill": wanted.skill}
    page = directory.people(actor(), wanted, after=request.args.get("after"))
    context = {"people": page.items, "next": page.next, "query": _query(filters), "filters": filters}
    if is_fragment():
        return render_template("people/_list.html", **context)
    teams = [(str(team.id), team.name) for team in directory.teams(actor())]
    return render_template("people/index.html", teams=teams, sites=directory.sites(actor()), **context)


@bp.get("/people/<int:person_id>")
def person(person_id: int) -> ResponseReturnValue:
    """Who somebody is, and what they said where the reader reads."""
    found = directory.profile(actor(), person_id)
    page = directory.posts(actor(), person_id, after=request.args.get("after"))
    written = {
        "cards": cards.html(page.items),
        "marks": posts.marks(actor(), page.items),
        "next": page.next,
        "person": _profile(found),
    }
    if is_fragment():
        return render_template("people/_posts.html", fragment=True, **written)
    return render_template(
        "people/show.html",
        manager=found.above[0] if found.above else None,
        line=list(reversed(found.above[1:])),
        reports=found.reports,
        is_me=person_id == actor().id,
        **written,
    )


@bp.get("/people/complete")
def complete() -> ResponseReturnValue:
    """Whom one may name in a space as one writes; anywhere, whom one may know."""
    given = parse(request.args, space=optional(whole()))
    space = get_space(actor(), given["space"]) if given["space"] else None
    found = complete_people(actor(), _typed("q"), space)
    return jsonify(
        [
            {
                "id": one.id,
                "login": one.login,
                "name": one.name,
                "title": one.title,
                "photo_url": one.photo_url,
            }
            for one in found
        ]
    )


@bp.get("/spaces/complete")
def complete_spaces() -> ResponseReturnValue:
    """Spaces one may know of, as one writes their name."""
    found = directory.complete_spaces(actor(), _typed("q"))
    return jsonify([{"id": space.id, "name": space.name} for space in found])


@bp.get("/tags/complete")
def complete_hashtags() -> ResponseReturnValue:
    """Hashtags used in a space that the writer reads, as they write one; anywhere, in all of those."""
    given = parse(request.args, space=optional(whole()))
    space = get_space(actor(), given["space"]) if given["space"] else None
    return jsonify([{"name": name} for name in complete_tags(actor(), _typed("q"), space)])


def _typed(name: str) -> str:
    return clean(request.args.get(name, ""), lines=False)[:LONGEST_FILTER]


def _query(filters: dict[str, str]) -> str:
    return urlencode({name: value for name, value in filters.items() if value})


def _profile(found: directory.Profile) -> dict[str, Any]:
    who = found.person
    shows_mail = not actor().is_partner or who.id == actor().id
    return {
        "id": who.id,
        "name": who.name,
        "title": who.title,
        "team": who.team,
        "site": who.site,
        "about": who.about,
        "skills": who.skills,
        "email": who.email if shows_mail else None,
        "photo_url": who.photo_url,
        "organisation_name": found.organisation_name,
        "left": found.has_left,
    }
