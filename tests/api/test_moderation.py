from tests.make import make_comment, make_post


def _item(client):
    status, page = client("GET", "/moderation/items?state=pending")
    assert status == 200
    return page["items"][0]


def test_a_moderator_takes_and_releases_what_waits(api, world, held):
    mod, bo = api(world.mod), api(world.bo)
    item = _item(mod)
    assert (item["kind"], item["entry"], item["state"]) == ("hold", {"kind": "post", "id": held.id}, "pending")
    path = f"/moderation/items/{item['id']}"
    case = mod("GET", path)[1]
    assert "Bolt" in case["body"]
    assert [f["clause"] for f in case["findings"]] == case["clauses"] == ["4.2"]
    assert "ana" not in mod.raw("GET", path).text.lower()

    status, taken = mod("POST", f"{path}/claim")
    assert (status, taken["state"], taken["lease"]["mine"]) == (200, "leased", True)
    assert mod("DELETE", f"{path}/claim")[0] == 204
    begin = bo("GET", "/changes")[1]["next"]
    decision = {"outcome": "release", "clause": "4.2", "reason": "Agreed with both.", "version": case["version"]}
    status, made = mod("POST", f"{path}/decisions", decision)
    assert (status, made["outcome"], made["clause"]) == (201, "release", "4.2")
    assert bo("GET", f"/posts/{held.id}")[1]["author"]["name"] == "Ana"
    assert "post.created" in [c["name"] for c in bo("GET", f"/changes?since={begin}")[1]["items"]]


def test_who_is_late_gets_the_present_state(api, world, held):
    mod = api(world.mod)
    item = _item(mod)
    path = f"/moderation/items/{item['id']}/decisions"
    decision = {"outcome": "reject", "clause": "4.2", "reason": "No.", "version": item["version"]}
    assert mod("POST", path, decision)[0] == 201
    status, told = mod("POST", path, decision)
    assert (status, told["code"], told["state"], told["outcome"]) == (409, "stale", "decided", "reject")


def test_only_those_who_review_see_the_queue(api, world, held):
    item = _item(api(world.mod))
    for who in (world.bo, world.cli, world.ana):
        assert api(who)("GET", "/moderation/items")[0] == 403
    path = f"/moderation/items/{item['id']}"
    assert api(world.bo).raw("GET", path).data == api(world.bo).raw("GET", "/moderation/items/999999").data
    assert api(world.bo)("POST", f"{path}/claim")[0] == 404


def test_moderators_hear_of_the_queue_but_not_of_their_own_cases(api, world, mixing):
    mod, other = api(world.mod), api(world.bo)
    begin = mod("GET", "/changes")[1]["next"]
    make_post(world.ana, world.open, mixing)
    assert "queue.changed" in [c["name"] for c in mod("GET", f"/changes?since={begin}")[1]["items"]]
    assert other("GET", f"/changes?since={begin}")[1]["items"] == []
    own = make_post(world.mod, world.open, "Fine")
    before = mod("GET", "/changes")[1]["next"]
    assert api(world.ana)("POST", f"/posts/{own.id}/reports", {"clause": "1.1"})[0] == 202
    assert mod("GET", f"/changes?since={before}")[1]["items"] == []


def test_a_report_is_received_once_and_tells_nobody_who_made_it(api, world):
    post = make_post(world.ana, world.open)
    comment = make_comment(world.ana, post)
    bo = api(world.bo)
    for path in (f"/posts/{post.id}", f"/comments/{comment.id}"):
        first = bo("POST", f"{path}/reports", {"clause": "4.2", "comment": "Look"})
        assert (first[0], first[1]["outcome"]) == (202, None)
        assert bo("POST", f"{path}/reports", {"clause": "4.2"}) == first
        assert api(world.ana)("POST", f"{path}/reports", {"clause": "4.2"})[0] == 403
        assert bo("POST", f"{path}/reports", {"clause": "9.9"})[0] in {202, 422}
    assert api(world.cli)("POST", f"/posts/{post.id}/reports", {"clause": "4.2"})[0] == 404
    case = api(world.mod)("GET", f"/moderation/items/{_item(api(world.mod))['id']}")[1]
    assert [s["comment"] for s in case["signals"]] == ["Look"]
    assert "bo" not in str(case["signals"]).lower().replace("body", "")
