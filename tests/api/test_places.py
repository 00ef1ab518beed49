import pytest

from tests.make import make_post, person_of

MISSING = 999_999_999


def _names(page):
    return [item["name"] for item in page[1]["items"]]


def test_everyone_sees_their_own_spaces_only(api, world):
    assert _names(api(world.ana)("GET", "/spaces")) == ["Closed", "Open", "Secret", "With Acme", "With Bolt"]
    assert _names(api(world.bo)("GET", "/spaces")) == ["Closed", "Open", "With Acme", "With Bolt"]
    assert _names(api(world.cli)("GET", "/spaces")) == ["With Acme"]
    assert _names(api(world.sup)("GET", "/spaces")) == ["With Bolt"]


def test_hidden_is_missing_to_the_last_byte(api, world):
    secret = make_post(world.ana, world.secret)
    cases = [
        (world.bo, [f"/spaces/{world.secret.id}", f"/spaces/{world.secret.id}/posts", f"/posts/{secret.id}"]),
        (world.cli, [f"/spaces/{world.open.id}/members", f"/people/{world.bo.id}", f"/people/{world.sup.id}"]),
        (world.bo, [f"/spaces/{world.client.id}/posts"]),
    ]
    for who, paths in cases:
        missing = api(who).raw("GET", f"/posts/{MISSING}")
        for path in paths:
            found = api(who).raw("GET", path)
            assert (found.status_code, found.data) == (404, missing.data), path
            assert "ETag" not in found.headers
            assert sorted(found.headers.keys()) == sorted(missing.headers.keys())
    for method, path in [("POST", "comments"), ("PUT", "bookmark"), ("PUT", "reactions/like"), ("DELETE", "")]:
        body = {"body": "x"} if method == "POST" else None
        hidden = api(world.bo).raw(method, f"/posts/{secret.id}/{path}".rstrip("/"), body)
        missing = api(world.bo).raw(method, f"/posts/{MISSING}/{path}".rstrip("/"), body)
        assert (hidden.status_code, hidden.data) == (404, missing.data)


def test_partners_meet_only_those_of_their_spaces(api, world):
    assert _names(api(world.cli)("GET", "/people")) == ["Ana", "Cli"]
    assert _names(api(world.cli)("GET", "/people?q=su")) == []
    assert _names(api(world.bo)("GET", "/people?q=su")) == ["Sup"]
    assert api(world.cli)("GET", f"/people/{world.ana.id}")[1]["name"] == "Ana"
    assert _names(api(world.ana)("GET", "/people?q=%25")) == []


def test_a_space_is_made_changed_joined_and_left(api, world):
    ana, bo = api(world.ana), api(world.bo)
    status, space = ana("POST", "/spaces", {"name": "Garden", "visibility": "closed", "joins_freely": False})
    assert (status, space["role"], space["member_count"]) == (201, "owner", 1)
    path = f"/spaces/{space['id']}"
    assert bo("PATCH", path, {"name": "Mine"})[0] == 404
    etag = ana.raw("GET", path).headers["ETag"]
    assert ana("PATCH", path, {"about": "Plants"}, If_Match=etag)[1]["about"] == "Plants"
    assert ana("PATCH", path, {"about": "Trees"}, If_Match=etag)[0] == 412
    assert ana("POST", "/spaces", {"name": "Garden"})[0] == 422

    assert bo("PUT", f"{path}/membership") == (202, {"state": "requested"})
    assert bo("GET", f"{path}/members")[0] == 404
    assert bo("PUT", f"{path}/members/{world.bo.id}", {})[0] == 403
    assert ana("PUT", f"{path}/members/{world.bo.id}", {"role": "moderator"})[0] == 204
    members = bo("GET", f"{path}/members")[1]["items"]
    assert [(m["person"]["name"], m["role"]) for m in members] == [("Ana", "owner"), ("Bo", "moderator")]
    assert bo("DELETE", f"{path}/membership")[0] == 204
    assert bo("GET", f"{path}/members")[0] == 404
    assert api(world.mod)("PUT", f"/spaces/{world.open.id}/membership") == (200, {"state": "member"})
    assert ana("DELETE", f"/spaces/{world.open.id}/membership")[0] == 409


def test_partners_neither_make_nor_join_spaces(api, world):
    cli = api(world.cli)
    assert cli("POST", "/spaces", {"name": "Ours"})[0] == 403
    assert cli("PUT", f"/spaces/{world.open.id}/membership")[0] == 404
    assert api(world.ana)("PUT", f"/spaces/{world.client.id}/members/{world.sup.id}", {})[0] == 403


def test_who_leaves_a_space_reads_nothing_of_it_any_more(api, world):
    post = make_post(world.ana, world.client)
    cli = api(world.cli)
    assert cli("GET", f"/posts/{post.id}")[0] == 200
    assert api(world.ana)("DELETE", f"/spaces/{world.client.id}/members/{world.cli.id}")[0] == 204
    assert cli("GET", f"/posts/{post.id}")[0] == 404
    assert cli("GET", "/feed")[1]["items"] == cli("GET", "/spaces")[1]["items"] == []


def test_a_page_of_people_goes_on_where_it_ended(api, world):
    ana, seen, after = api(world.ana), [], ""
    while after is not None:
        page = ana("GET", f"/people?limit=2&after={after}")[1]
        seen += [who["name"] for who in page["items"]]
        after = page["next"]
    assert seen == ["Ana", "Bo", "Cli", "Mod", "Root", "Sup"]


def test_i_am_told_who_i_am(api, world):
    status, me = api(world.root)("GET", "/me")
    assert (status, me["login"], me["roles"]) == (200, "root", ["admin"])
    assert me["charter"] == {"version": 1, "to_accept": False}
    assert api(world.cli)("GET", "/me")[1]["segment"] == "client"


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x" * 81}, {"name": "x", "id": 1}, {"name": 1}])
def test_a_space_wants_a_proper_name(api, world, body):
    assert api(world.ana)("POST", "/spaces", body)[0] == 422


def test_the_profile_tells_team_and_manager(api, world):
    from app.people.actions import change_profile

    change_profile(world.bo, person_of(world.bo), title="Buyer", manager_id=world.ana.id)
    status, told = api(world.ana)("GET", f"/people/{world.bo.id}")
    assert (status, told["title"], told["manager"]["name"]) == (200, "Buyer", "Ana")
