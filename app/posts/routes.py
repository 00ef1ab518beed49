from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.files.actions import upload
from app.files.queries import my_loose_files
from app.kernel import inputs
from app.kernel.difference import difference
from app.kernel.errors import AppError, Conflict, Invalid, NotFound, Nudge
from app.kernel.http import actor, body, form, fragment, is_fragment, local_path
from app.kernel.text import LONGEST, to_html
from app.posts import actions, cards, moving, queries, splitting, views
from app.posts.composer import composer, kept, shown
from app.posts.held import held_view
from app.posts.inputs import Edition, Written, drafted
from app.posts.models import HELD, PUBLISHED, REACTIONS, Entry
from app.posts.policy import can_declare_urgent
from app.posts.queries import CommentView
from app.spaces.queries import get_space, writable_spaces

bp = Blueprint("posts", __name__)
_REFUSALS = (Invalid, Nudge)


@bp.post("/posts")
def create() -> ResponseReturnValue:
    """Publish; a refusal shows the box again with everything that was written."""
    given = _written_fields()
    try:
        chosen = inputs.parse(given, space_id=inputs.whole())
        space = get_space(actor(), chosen["space_id"])
        entry = actions.publish(actor(), space, Written.post(given))
    except _REFUSALS as refusal:
        _keep(given, given.get("place") or "post")
        return _refused(refusal, given)
    if given.get("place") in splitting.PLACES:
        actions.save_draft(actor(), given["place"], {})
        return redirect(
            "/posts/split?done=posted" if entry.state == PUBLISHED else "/posts/split?done=held", 303
        )
    return _sent(entry)


@bp.post("/posts/split")
def split() -> ResponseReturnValue:
    """Make two drafts of a text about a client and a supplier; what waits with it is withdrawn."""
    given = inputs.parse(
        form(),
        body=inputs.text(longest=LONGEST),
        space_id=inputs.whole(),
        entry_id=inputs.optional(inputs.whole()),
    )
    space = get_space(actor(), given["space_id"])
    halves = splitting.split(given["body"])
    for place, body_ in zip(splitting.PLACES, (halves.client, halves.supplier), strict=True):
        actions.save_draft(actor(), place, {"body": body_, "space_id": str(space.id)} if body_ else {})
    if given["entry_id"] and (entry := queries.get_post(actor(), given["entry_id"])).state == HELD:
        actions.take_back(actor(), entry)
    return redirect("/posts/split", code=303)


@bp.get("/posts/split")
def split_page() -> ResponseReturnValue:
    """The two drafts, each with its way out; home when none is left."""
    drafts = [(place, queries.draft(actor(), place)) for place in splitting.PLACES]
    left = [(place, draft.content) for place, draft in drafts if draft is not None]
    if not left:
        return redirect(f"/?done={request.args.get('done', '')}", code=303)
    titles = dict(zip(splitting.PLACES, (_("About the client"), _("About the supplier")), strict=True))
    return render_template(
        "posts/split.html",
        parts=[{"place": place, "title": titles[place], "body": told["body"]} for place, told in left],
        space=get_space(actor(), int(left[0][1]["space_id"])),
        both=splitting.split("\n\n".join(told["body"] for _place, told in left)).both,
        limit=LONGEST,
    )


@bp.post("/preview")
def preview() -> ResponseReturnValue:
    """Markdown as it will be read; nothing is stored."""
    given = inputs.parse(form(), body=inputs.text(longest=LONGEST, shortest=0))
    return str(to_html(given["body"]))


@bp.get("/posts/<int:post_id>")
def show(post_id: int) -> ResponseReturnValue:
    """A post and its comments; one's own waiting post with its state."""
    entry = queries.get_post(actor(), post_id)
    if entry.state != PUBLISHED:
        return render_template("posts/held.html", held=held_view(entry))
    return _thread_page(entry)


@bp.get("/<any(posts,comments):kind>/<int:entry_id>/held")
def held(kind: str, entry_id: int) -> ResponseReturnValue:
    """One's own waiting entry alone, as it stands; NotFound when it doesn't wait or is somebody else's."""
    entry = _get(kind, entry_id)
    waits = entry.state != PUBLISHED or entry.has_waiting_edit
    if entry.author_id != actor().id or not waits:
        raise NotFound
    return render_template("posts/_held.html", held=held_view(entry))


@bp.get("/posts/<int:post_id>/card")
def card(post_id: int) -> ResponseReturnValue:
    """The card alone."""
    entry = queries.get_post(actor(), post_id)
    found = cards.one(entry.id) if entry.state == PUBLISHED else None
    if found is None:
        raise NotFound
    return str(found)


@bp.post("/posts/<int:post_id>/comments")
def comment(post_id: int) -> ResponseReturnValue:
    """Answer; a refusal shows the thread again with what was written."""
    root = queries.get_post(actor(), post_id)
    given = _written_fields()
    try:
        entry = actions.comment(actor(), root, Written.comment(given))
    except _REFUSALS as refusal:
        _keep(given, f"comment-{post_id}")
        if is_fragment():
            raise
        draft = {
            "body": given.get("body", ""),
            "errors": getattr(refusal, "fields", {}),
            "findings": shown(_findings(refusal), {"body": str(given.get("body", ""))}),
            "nudge_token": refusal.data.get("nudge_token", ""),
        }
        return _thread_page(root, draft=draft), refusal.status
    return _sent(entry)


@bp.get("/<any(posts,comments):kind>/<int:entry_id>/menu")
def menu(kind: str, entry_id: int) -> ResponseReturnValue:
    """What one may do with an entry."""
    entry = _get(kind, entry_id)
    mark = queries.marks(actor(), [entry])[entry.id]
    context = {
        "entry": _entry_view(entry),
        "can": {
            "edit": mark["can_edit"],
            "delete": mark["can_delete"],
            "pin": mark["can_pin"],
            "report": mark["can_report"],
            "history": entry.edited_at is not None,
            "urgent": can_declare_urgent(actor(), entry),
            "move": entry.is_post and entry.state == PUBLISHED and (mark["mine"] or mark["can_pin"]),
            "acknowledge_list": False,
        },
        "is": {
            "bookmarked": mark["bookmarked"],
            "followed": mark["followed"],
            "pinned": entry.id in queries.pinned(entry.space_id),
        },
        "mine": mark["mine"],
        "counts": entry.reaction_counts,
    }
    return render_template("posts/_menu.html" if is_fragment() else "posts/menu.html", **context)


@bp.get("/<any(posts,comments):kind>/<int:entry_id>/edit")
def edit_form(kind: str, entry_id: int) -> ResponseReturnValue:
    """The text as it stands, or as one left it."""
    return _edit_page(_get(kind, entry_id))


@bp.post("/<any(posts,comments):kind>/<int:entry_id>/edit")
def edit(kind: str, entry_id: int) -> ResponseReturnValue:
    """Change one's text; a refusal or a newer text shows the form again."""
    entry = _get(kind, entry_id)
    given = _written_fields()
    read = Written.post if entry.is_post else Written.comment
    try:
        seen = inputs.parse(given, version=inputs.optional(Edition.read))["version"]
        actions.edit(actor(), entry, read(given), seen=seen)
    except (*_REFUSALS, Conflict) as refusal:
        _keep(given, f"edit-{entry_id}")
        if is_fragment():
            raise
        return _edit_page(_get(kind, entry_id), given, refusal), refusal.status
    return fragment("posts/_held.html", or_else=f"/posts/{entry.thread_id}?done=saved", held=held_view(entry))


@bp.get("/posts/<int:post_id>/move")
def move_form(post_id: int) -> ResponseReturnValue:
    """Where it may go."""
    return _move_page(queries.get_post(actor(), post_id))


@bp.post("/posts/<int:post_id>/move")
def move(post_id: int) -> ResponseReturnValue:
    """Take a post to another space; refused, the page says what stands in the way."""
    entry = queries.get_post(actor(), post_id)
    try:
        given = inputs.parse(form(), space_id=inputs.whole(), version=inputs.optional(inputs.whole()))
        to = get_space(actor(), given["space_id"])
        moving.move(actor(), entry, to, version=given["version"])
    except (Invalid, Conflict) as refusal:
        return _move_page(queries.get_post(actor(), post_id), refusal), refusal.status
    return redirect(f"/posts/{post_id}?done=moved", code=303)


@bp.get("/<any(posts,comments):kind>/<int:entry_id>/history")
def history(kind: str, entry_id: int) -> ResponseReturnValue:
    """Every text it had, word by word."""
    entry = _get(kind, entry_id)
    found = queries.revisions(actor(), entry)
    person = queries.author_tag(entry.author_id)
    told, before = [], None
    for revision in found:
        told.append(
            {
                "number": revision.number,
                "author": person,
                "at": revision.created_at,
                "note": None,
                "title_spans": difference(before.title if before else revision.title, revision.title)
                if revision.title
                else None,
                "spans": difference(before.body if before else revision.body, revision.body),
                "first": before is None,
            }
        )
        before = revision
    return render_template("posts/history.html", entry=_entry_view(entry), revisions=told[::-1])


@bp.get("/<any(posts,comments):kind>/<int:entry_id>/delete")
def delete_form(kind: str, entry_id: int) -> ResponseReturnValue:
    """Ask before what can't be undone."""
    entry = _get(kind, entry_id)
    ask = {
        "title": _("Delete this post") if entry.is_post else _("Delete this comment"),
        "text": _("It disappears for everybody, with the answers to it. This can’t be undone."),
        "action": f"/{kind}/{entry_id}/delete",
        "label": _("Delete"),
        "back": f"/posts/{entry.thread_id}",
        "fields": {},
        "danger": True,
    }
    return render_template("posts/_confirm.html" if is_fragment() else "posts/confirm.html", ask=ask)


@bp.post("/<any(posts,comments):kind>/<int:entry_id>/delete")
@bp.post("/<any(posts,comments):kind>/<int:entry_id>/withdrawal")
def delete(kind: str, entry_id: int) -> ResponseReturnValue:
    """Take back what one said, or what waits."""
    entry = _get(kind, entry_id)
    actions.take_back(actor(), entry)
    return _gone_to("/?done=deleted" if entry.is_post else f"/posts/{entry.thread_id}?done=deleted")


@bp.post("/<any(posts,comments):kind>/<int:entry_id>/reactions")
def react(kind: str, entry_id: int) -> ResponseReturnValue:
    """Put a sign, or take it away; without JavaScript the same button does both."""
    entry = _get(kind, entry_id)
    given = inputs.parse(
        form(), name=inputs.choice(*REACTIONS), _method=inputs.optional(inputs.choice("delete"), "")
    )
    actions.react(actor(), entry, given["name"], on=given["_method"] != "delete")
    return _gone_to(_place(entry))


@bp.post("/posts/<int:entry_id>/<any(bookmark,follow,pin,acknowledgement):what>")
def mark(entry_id: int, what: str) -> ResponseReturnValue:
    """Keep, follow, pin or acknowledge a post, or no longer (`_method=delete`)."""
    entry = queries.get_post(actor(), entry_id)
    on = form().get("_method") != "delete"
    marks: dict[str, Callable[..., None]] = {
        "bookmark": actions.bookmark,
        "follow": actions.follow,
        "pin": actions.pin,
        "acknowledgement": actions.acknowledge,
    }
    marks[what](actor(), entry, on=on)
    return _gone_to(_place(entry))


@bp.put("/drafts/<place>")
def save_draft(place: str) -> ResponseReturnValue:
    """Keep what is being written."""
    return {"saved_at": actions.save_draft(actor(), place, drafted(body())).isoformat()}


@bp.get("/drafts/<place>")
def get_draft(place: str) -> ResponseReturnValue:
    """What was being written."""
    draft = queries.draft(actor(), place)
    if draft is None:
        raise NotFound
    return {"content": draft.content, "saved_at": draft.saved_at.isoformat()}


@bp.delete("/drafts/<place>")
def drop_draft(place: str) -> ResponseReturnValue:
    """Forget what was being written."""
    actions.save_draft(actor(), place, {})
    return "", 204


def _thread_page(root: Entry, draft: Mapping[str, Any] | None = None) -> str:
    views.seen([root.id])
    shown_thread = queries.thread(root, after=request.args.get("after"))
    marks = queries.marks(actor(), [root, *shown_thread.items])
    following = f"/posts/{root.id}?after={shown_thread.next}" if shown_thread.next else None
    context = {"comments": cards.thread(shown_thread.items, root.id), "next": following, "marks": marks}
    if is_fragment():
        return render_template("posts/_comments.html", fragment=True, **context)
    return render_template(
        "posts/show.html",
        card=cards.whole(root),
        space=root.space,
        reply=_answered(shown_thread.items),
        draft=draft or _kept_comment(root),
        acknowledgements=_acknowledgements(root),
        side={"announcements": [], "events": [], "present": [], "present_more": 0, "quiet": None},
        waiting=[held_view(entry) for entry in queries.waiting_comments(actor(), root)],
        **context,
    )


def _answered(shown: Sequence[Any]) -> CommentView | None:
    """The comment named by ?reply=, if it is on the page."""
    ids = [row.id for row in shown if str(row.id) == request.args.get("reply")]
    return next(iter(queries.comments(ids).values()), None)


def _kept_comment(root: Entry) -> dict[str, Any] | None:
    words, _saved_at = kept(actor(), f"comment-{root.id}")
    return (
        {"body": words["body"], "errors": {}, "findings": [], "nudge_token": ""}
        if words.get("body")
        else None
    )


def _acknowledgements(root: Entry) -> dict[str, Any] | None:
    if root.type != "announcement":
        return None
    done, total, mine = queries.acknowledgements(actor(), root)
    return {"done": done, "total": total, "mine": mine, "names": None}


def _edit_page(entry: Entry, given: Mapping[str, Any] | None = None, refusal: AppError | None = None) -> str:
    if not queries.marks(actor(), [entry])[entry.id]["can_edit"]:
        raise NotFound
    revision = queries.latest_revision(entry)
    kept = queries.draft(actor(), f"edit-{entry.id}")
    given = given or (kept.content if kept else {})
    view = {
        **_entry_view(entry),
        "version": Edition(entry.version, entry.pending_id),
        "title": given.get("title", revision.title),
        "body": given.get("body", revision.body),
        "attachments": queries.attachments([revision.id]).get(revision.id, []),
    }
    return render_template(
        "posts/edit.html",
        entry=view,
        space=entry.space,
        audience=None,
        errors=getattr(refusal, "fields", {}),
        findings=shown(_findings(refusal), {n: str(view[n]) for n in ("title", "body")}) if refusal else [],
        nudge_token=refusal.data.get("nudge_token") if refusal else None,
        conflict=revision.body if isinstance(refusal, Conflict) else None,
        limit=LONGEST,
    )


def _move_page(entry: Entry, refusal: AppError | None = None) -> str:
    if entry.state != PUBLISHED or not (
        entry.author_id == actor().id or queries.marks(actor(), [entry])[entry.id]["can_pin"]
    ):
        raise NotFound
    revision = queries.latest_revision(entry)
    texts = {"title": revision.title, "body": revision.body}
    places = [(str(one.id), one.name) for one in writable_spaces(actor()) if one.id != entry.space_id]
    return render_template(
        "posts/move.html",
        entry={"id": entry.id, "version": entry.version},
        space=entry.space,
        places=places,
        errors=getattr(refusal, "fields", {}),
        said=str(refusal) if refusal else "",
        findings=shown(_findings(refusal) if refusal else [], texts),
    )


def _sent(entry: Entry) -> ResponseReturnValue:
    if entry.state != PUBLISHED:
        return fragment(
            "posts/_held.html",
            status=201,
            or_else=f"/posts/{entry.thread_id}?done=held",
            held=held_view(entry),
        )
    if not is_fragment():
        return fragment("", or_else=f"{_place(entry)}")
    return str((cards.one if entry.is_post else cards.comment)(entry.id) or ""), 201


def _refused(refusal: AppError, given: Mapping[str, Any]) -> ResponseReturnValue:
    if is_fragment():
        raise refusal
    files = my_loose_files(actor(), [f for f in given.get("attachments", []) if f])
    box = composer(
        actor(),
        written=given,
        errors=getattr(refusal, "fields", {}),
        findings=_findings(refusal),
        nudge_token=str(refusal.data.get("nudge_token", "")),
        files=files,
        is_open=True,
    )
    return render_template("posts/write.html", composer=box), refusal.status


def _written_fields() -> dict[str, Any]:
    """The form's fields; files sent with it (without JavaScript) are taken in, descriptions put in their
    order.
    """
    given = form()
    names = request.form.getlist("attachments")
    sent = [file for file in request.files.getlist("files") if file.filename]
    names += [upload(actor(), file.stream, file.filename or "").id for file in sent]
    given["attachments"] = names
    given["alts"] = [request.form.get(f"alt-{name}", "") for name in names]
    return given


def _keep(given: Mapping[str, Any], place: str) -> None:
    """What was refused isn't lost."""
    content = {
        name: given.get(name) for name in ("title", "body", "space_id", "type", "attachments", "parent_id")
    }
    if content["body"] and len(str(content["body"])) <= 2 * LONGEST:
        actions.save_draft(actor(), place[:60], {k: v for k, v in content.items() if v})


def _findings(refusal: AppError) -> list[dict[str, Any]]:
    found = refusal.data.get("findings", [])
    return found if isinstance(found, list) else []


def _get(kind: str, entry_id: int) -> Entry:
    return queries.get_post(actor(), entry_id) if kind == "posts" else queries.get_comment(actor(), entry_id)


def _entry_view(entry: Entry) -> dict[str, Any]:
    return {"id": entry.id, "kind": entry.kind, "post_id": entry.thread_id, "author_id": entry.author_id}


def _place(entry: Entry) -> str:
    return f"/posts/{entry.id}" if entry.is_post else f"/posts/{entry.thread_id}#comment-{entry.id}"


def _gone_to(place: str) -> ResponseReturnValue:
    if is_fragment():
        return "", 204
    return fragment("", or_else=local_path(place))
