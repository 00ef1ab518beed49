from app.posts.queries import draft, drafts
from tests.make import make_comment, make_post

MISSING = 999_999_999


def test_a_post_is_published_read_changed_and_taken_back(api, world):
    ana, bo = api(world.ana), api(world.bo)
    status, post = ana("POST", f"/spaces/{world.open.id}/posts", {"body": "Hello **all**", "title": "News"})
    assert (status, post["state"], post["title"], post["findings"]) == (201, "published", "News", [])
    assert "<strong>all</strong>" in post["body_html"]
    assert post["can"] == {"edit": True, "delete": True, "pin": True, "comment": True, "report": False}

    status, seen = bo("GET", f"/posts/{post['id']}")
    assert (status, seen["body"], seen["author"]["name"]) == (200, "Hello **all**", "Ana")
    assert not seen["can"]["edit"]

    status, changed = ana("PATCH", f"/posts/{post['id']}", {"body": "Hello again"})
    assert (status, changed["body"], changed["title"]) == (200, "Hello again", "News")
    assert bo("PATCH", f"/posts/{post['id']}", {"body": "Mine now"})[0] == 403

    status, told = bo("GET", f"/posts/{post['id']}/revisions")
    assert [r["body"] for r in told["items"]] == ["Hello **all**", "Hello again"]

    assert bo("DELETE", f"/posts/{post['id']}")[0] == 403
    assert ana("DELETE", f"/posts/{post['id']}")[0] == 204
    assert bo("GET", f"/posts/{post['id']}")[0] == ana("GET", f"/posts/{post['id']}")[0] == 404


def test_what_mixes_is_held_told_to_its_author_and_leaves_no_trace(api, world, mixing):
    ana, bo = api(world.ana), api(world.bo)
    begin = bo("GET", "/changes")[1]["next"]
    before = (bo.raw("GET", "/feed").data, bo.raw("GET", f"/spaces/{world.open.id}").data)
    status, post = ana("POST", f"/spaces/{world.open.id}/posts", {"body": mixing})
    assert (status, post["state"], post["findings"][0]["clause"]) == (201, "held", "4.2")

    assert ana("GET", f"/posts/{post['id']}")[1]["findings"] == post["findings"]
    assert bo.raw("GET", f"/posts/{post['id']}").data == bo.raw("GET", f"/posts/{MISSING}").data
    assert before == (bo.raw("GET", "/feed").data, bo.raw("GET", f"/spaces/{world.open.id}").data)
    assert bo("GET", f"/changes?since={begin}") == (200, {"items": [], "next": begin})
    assert bo("GET", "/changes")[1]["next"] == begin
    assert bo("GET", f"/spaces/{world.open.id}/posts")[1]["items"] == []


def test_moderators_read_what_waits_without_names(api, world, held):
    status, seen = api(world.mod)("GET", f"/posts/{held.id}")
    assert (status, seen["state"], seen["author"]) == (200, "held", None)
    assert "ana" not in api(world.mod).raw("GET", f"/posts/{held.id}").text.lower()


def test_a_held_comment_is_nowhere_for_others(api, world, mixing):
    post = make_post(world.bo, world.open)
    ana, bo = api(world.ana), api(world.bo)
    status, comment = ana("POST", f"/posts/{post.id}/comments", {"body": mixing})
    assert (status, comment["state"]) == (201, "held")
    assert bo("GET", f"/posts/{post.id}/comments")[1] == {"items": [], "next": None}
    assert bo("GET", f"/posts/{post.id}")[1]["comment_count"] == 0
    assert bo("GET", f"/comments/{comment['id']}")[0] == 404
    assert ana("GET", f"/comments/{comment['id']}")[0] == 200


def test_comments_are_written_answered_and_paged(api, world):
    post = make_post(world.ana, world.open)
    bo = api(world.bo)
    made = [bo("POST", f"/posts/{post.id}/comments", {"body": f"Comment {n}"})[1] for n in range(3)]
    reply = api(world.ana)(
        "POST", f"/posts/{post.id}/comments", {"body": "Thanks", "parent_id": made[0]["id"]}
    )[1]
    assert reply["parent_id"] == made[0]["id"]
    first = bo("GET", f"/posts/{post.id}/comments?limit=3")[1]
    second = bo("GET", f"/posts/{post.id}/comments?limit=3&after={first['next']}")[1]
    assert [c["id"] for c in first["items"] + second["items"]] == [*[m["id"] for m in made], reply["id"]]
    assert second["next"] is None
    assert bo("PATCH", f"/comments/{made[0]['id']}", {"body": "Better"})[1]["body"] == "Better"
    assert bo("DELETE", f"/comments/{made[0]['id']}")[0] == 204
    assert bo("GET", f"/posts/{post.id}")[1]["comment_count"] == 3


def test_a_hint_is_read_first_and_the_text_kept(api, world):
    from app.charter import actions as charter

    charter.save_rule(
        None, "hint", kind="phrases", action="nudge", clause="1.1", params={"terms": ["au bureau"]}
    )
    ana = api(world.ana)
    body = {"body": "Rendez-vous au bureau"}
    status, told = ana("POST", f"/spaces/{world.open.id}/posts", body, Idempotency_Key="k1")
    assert (status, told["code"], told["findings"][0]["action"]) == (409, "nudge", "nudge")
    assert draft(world.ana, f"space-{world.open.id}").content["body"] == body["body"]
    with_reason = {**body, "nudge_token": told["nudge_token"], "justification": "It is where we meet"}
    assert ana("POST", f"/spaces/{world.open.id}/posts", with_reason)[0] == 201
    assert ana("POST", f"/spaces/{world.open.id}/posts", with_reason)[0] == 409


def test_what_the_charter_forbids_is_blocked_and_kept_as_a_draft(api, world):
    from app.charter import actions as charter

    charter.save_rule(
        None, "never", kind="phrases", action="block", clause="1.1", params={"terms": ["mot interdit"]}
    )
    ana = api(world.ana)
    status, told = ana("POST", f"/spaces/{world.open.id}/posts", {"body": "Un mot interdit"})
    assert (status, told["code"], told["findings"][0]["clause"]) == (422, "blocked", "1.1")
    assert [d.content["body"] for d in drafts(world.ana)] == ["Un mot interdit"]


def test_a_repeated_request_has_one_effect_and_the_same_answer(api, world):
    ana = api(world.ana)
    path = f"/spaces/{world.open.id}/posts"
    first = ana.raw("POST", path, {"body": "Once"}, Idempotency_Key="abc")
    again = ana.raw("POST", path, {"body": "Once"}, Idempotency_Key="abc")
    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert len(ana("GET", path)[1]["items"]) == 1
    assert ana("POST", path, {"body": "Other"}, Idempotency_Key="abc")[0] == 422
    assert api(world.bo)("POST", path, {"body": "Once"}, Idempotency_Key="abc")[0] == 201


def test_an_edit_of_another_version_is_refused(api, world):
    post = make_post(world.ana, world.open)
    ana = api(world.ana)
    etag = ana.raw("GET", f"/posts/{post.id}").headers["ETag"]
    assert ana("PATCH", f"/posts/{post.id}", {"body": "One"}, If_Match=etag)[0] == 200
    status, told = ana("PATCH", f"/posts/{post.id}", {"body": "Two"}, If_Match=etag)
    assert (status, told["code"]) == (412, "precondition_failed")
    version = ana("GET", f"/posts/{post.id}")[1]["version"]
    assert ana("PATCH", f"/posts/{post.id}", {"body": "Two"}, If_Match=f'"{version}"')[0] == 200
    assert ana("PATCH", f"/posts/{post.id}", {"body": "Two"}, If_Match="nonsense")[0] == 412


def test_an_unchanged_read_is_not_sent_again(api, world):
    post = make_post(world.ana, world.open)
    bo = api(world.bo)
    first = bo.raw("GET", f"/posts/{post.id}")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = bo.raw("GET", f"/posts/{post.id}", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    make_comment(world.ana, post)
    assert bo.raw("GET", f"/posts/{post.id}", If_None_Match=first.headers["ETag"]).status_code == 200


def test_signs_are_put_and_taken_away(api, world):
    post = make_post(world.ana, world.open)
    comment = make_comment(world.bo, post)
    ana, bo = api(world.ana), api(world.bo)
    for path in (f"/posts/{post.id}", f"/comments/{comment.id}"):
        assert [ana("PUT", f"{path}/reactions/bravo")[0] for _ in range(2)] == [204, 204]
        seen = bo("GET", path)[1]
        assert (seen["reactions"], seen["my_reactions"]) == ({"bravo": 1}, [])
        assert ana("GET", path)[1]["my_reactions"] == ["bravo"]
        assert ana("DELETE", f"{path}/reactions/bravo")[0] == 204
        assert bo("GET", path)[1]["reactions"] == {}
        assert ana("PUT", f"{path}/reactions/nonsense")[0] == 404
    for sign in ("bookmark", "follow", "acknowledgement"):
        assert bo("PUT", f"/posts/{post.id}/{sign}")[0] == bo("DELETE", f"/posts/{post.id}/{sign}")[0] == 204
    assert bo("PUT", f"/posts/{post.id}/bookmark")[0] == 204
    assert bo("GET", f"/posts/{post.id}")[1]["bookmarked"] is True
    assert ana("PUT", f"/posts/{post.id}/pin")[0] == 204
    assert bo("PUT", f"/posts/{post.id}/pin")[0] == 403


def test_nobody_writes_before_accepting_the_charter(api, world):
    from tests.make import make_person

    new = api(make_person("new"))
    assert new("GET", "/me")[1]["charter"] == {"version": 1, "to_accept": True}
    assert new("POST", f"/spaces/{world.open.id}/posts", {"body": "Hi"})[0] == 403
    assert new("POST", "/charter/acceptance", {"version": 7})[0] == 409
    assert new("POST", "/charter/acceptance", {"version": 1})[0] == 204
    assert new("POST", f"/spaces/{world.open.id}/posts", {"body": "Hi"})[0] == 201


def test_feed_and_thread_ask_as_much_for_one_as_for_fifty(api, world, count_queries):
    ana = api(world.ana)
    post = make_post(world.ana, world.open)
    make_comment(world.bo, post)
    paths = (
        "/feed?limit=60",
        f"/spaces/{world.open.id}/posts?limit=60",
        f"/posts/{post.id}/comments?limit=60",
    )

    def counted():
        found = []
        for path in paths:
            ana("GET", path)
            with count_queries() as seen:
                assert ana("GET", path)[0] == 200
            found.append(sum("FROM settings" not in sql and "FROM gate_books" not in sql for sql in seen))
        return found

    few = counted()
    for n in range(50):
        make_comment(world.bo, make_post(world.ana, world.open, f"Post {n}"))
        make_comment(world.bo, post, f"Comment {n}")
    assert counted() == few
    assert len(ana("GET", paths[0])[1]["items"]) == 51


def test_the_feed_continues_where_it_ended(api, world):
    made = [make_post(world.ana, world.open, f"Post {n}").id for n in range(5)]
    ana, seen, after = api(world.ana), [], ""
    while after is not None:
        page = ana("GET", f"/feed?limit=2&after={after}")[1]
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
    assert seen == made[::-1]


def test_an_edit_that_waits_shows_to_its_author_alone(api, world, mixing):
    """Readers are given the same tag as before; the author, who didn't see it waiting, is told."""
    ana, bo = api(world.ana), api(world.bo)
    post = make_post(world.ana, world.open, "One")
    path = f"/posts/{post.id}"
    tags = {who: who_asks.raw("GET", path).headers["ETag"] for who, who_asks in (("ana", ana), ("bo", bo))}
    status, edited = ana("PATCH", path, {"body": mixing}, If_Match=tags["ana"])
    assert (status, edited["edit_pending"]) == (200, True)
    assert bo.raw("GET", path).headers["ETag"] == tags["bo"]
    assert ana("PATCH", path, {"body": "Two"}, If_Match=tags["ana"])[0] == 412
    newest = ana.raw("GET", path).headers["ETag"]
    assert ana("PATCH", path, {"body": "Two"}, If_Match=newest)[0] == 200
    assert bo.raw("GET", path).headers["ETag"] != tags["bo"]
