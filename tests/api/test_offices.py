"""Charter, gate, log, files and what concerns me."""

import io

from app.posts.queries import drafts
from tests.make import make_comment, make_post


def test_the_charter_is_read_in_ones_language_and_accepted(api, world):
    status, charter = api(world.ana)("GET", "/charter")
    assert (status, charter["version"], len(charter["articles"])) == (200, 1, 5)
    assert charter["articles"][3]["clauses"][1]["number"] == "4.2"
    assert charter["accepted_at"].endswith("Z")


def test_a_text_is_evaluated_and_nothing_kept(api, world, mixing):
    ana = api(world.ana)
    ask = {"body": mixing, "space_id": world.client.id}
    status, told = ana("POST", "/charter/evaluate", ask)
    assert (status, told["action"], told["findings"][0]["clause"]) == (200, "hold", "4.2")
    assert told["audience"] == {"people": 2, "everyone": False, "outside": 1, "organisation": "Acme"}
    assert ana("POST", "/charter/evaluate", {**ask, "body": "Hello"})[1]["action"] == "allow"
    assert ana("GET", "/feed")[1]["items"] == list(drafts(world.ana)) == []
    assert api(world.bo)("POST", "/charter/evaluate", ask)[0] == 404
    post = make_post(world.ana, world.client, "Acme is here")
    under = {"body": "And Bolt", "space_id": world.client.id, "post_id": post.id}
    assert ana("POST", "/charter/evaluate", under)[1]["action"] == "hold"
    assert ana("POST", "/charter/evaluate", {**under, "space_id": world.open.id})[0] == 404


def test_admins_say_who_is_let_in(api, world):
    root, ana = api(world.root), api(world.ana)
    assert root("GET", "/gate/rules")[1]["stated_by"] == "operator"
    for method, path, body in [
        ("GET", "/gate/rules", None), ("PUT", "/gate/rules", {"rules": []}),
        ("POST", "/gate/simulate", {"address": "10.0.0.1"}),
    ]:  # fmt: skip
        assert ana(method, path, body)[0] == 403
    rules = [{"network": "127.0.0.0/8", "name": "Here"}, {"network": "10.1.0.0/16"}]
    status, gate = root("PUT", "/gate/rules", {"rules": rules})
    assert (status, gate["stated_by"], gate["rules"][0]["name"]) == (200, "admin", "Here")
    simulate = lambda **ask: root("POST", "/gate/simulate", ask)[1]  # noqa: E731
    assert simulate(address="::ffff:10.1.2.3") == {"address": "10.1.2.3", "admitted": True}
    assert simulate(address="10.2.0.1")["admitted"] is False
    assert simulate(address="10.2.0.1", networks=["10.2.0.0/24"])["admitted"] is True
    assert simulate(address="nonsense")["code"] == simulate(address="10.0.0.1", networks=["x"])["code"] == "invalid"
    assert root("PUT", "/gate/rules", {"rules": [{"network": "10.1.0.0/16"}]})[0] == 422
    assert root("PUT", "/gate/rules", {"rules": [{"network": "no"}]})[0] == 422


def test_the_log_is_read_by_those_who_may(api, world):
    make_post(world.ana, world.open)
    root = api(world.root)
    status, page = root("GET", f"/audit?actor={world.ana.id}&act=post.published")
    assert (status, [line["actor_id"] for line in page["items"]]) == (200, [world.ana.id])
    subject = page["items"][0]["subject"]
    assert root("GET", f"/audit?subject={subject}")[1]["items"][0]["act"] == "post.published"
    first = root("GET", "/audit?limit=1")[1]
    assert root("GET", f"/audit?limit=1&after={first['next']}")[1]["items"] != first["items"]
    assert api(world.ana)("GET", "/audit")[0] == api(world.cli)("GET", "/audit")[0] == 403


def test_a_file_is_sent_attached_and_seen_by_readers_only(api, app, world):
    ana = api(world.ana)
    text = "A note".encode()

    def send(**headers):
        return ana.upload("/files", {"file": (io.BytesIO(text), "note.txt")}, **headers)

    status, file = send(Idempotency_Key="f1")
    assert (status, file["name"], file["kind"]) == (201, "note.txt", "file")
    assert send(Idempotency_Key="f1")[1]["id"] == file["id"]
    assert api(world.bo)("GET", f"/files/{file['id']}")[0] == 404
    ask = {"body": "See", "attachments": [file["id"]]}
    status, post = ana("POST", f"/spaces/{world.open.id}/posts", ask)
    assert (status, [f["id"] for f in post["attachments"]]) == (201, [file["id"]])
    assert api(world.bo)("GET", f"/files/{file['id']}")[0] == 200
    assert api(world.cli)("GET", f"/files/{file['id']}")[0] == 404
    assert ana("GET", "/files/%00")[0] == ana("GET", "/files/nothing")[0] == 404
    assert ana.upload("/files", {})[0] == 422


def test_what_concerns_me_is_listed_and_read(api, world):
    post = make_post(world.ana, world.open)
    make_comment(world.bo, post)
    ana = api(world.ana)
    assert ana("GET", "/me")[1]["unread"]["notifications"] == 1
    status, page = ana("GET", "/notifications")
    assert (status, page["items"][0]["read"], page["items"][0]["people"][0]["name"]) == (200, False, "Bo")
    assert api(world.bo)("PUT", "/notifications/read", {"id": page["items"][0]["id"]})[0] == 404
    assert ana("PUT", "/notifications/read", {"id": page["items"][0]["id"]})[0] == 204
    assert ana("PUT", "/notifications/read")[0] == 204
    assert ana("GET", "/me")[1]["unread"]["notifications"] == 0


def test_search_finds_what_one_may_see(api, world):
    make_post(world.ana, world.open, "The turbine is ready", title="News")
    make_post(world.ana, world.client, "A turbine for Acme")
    texts = lambda who: [e["excerpt"] for e in api(who)("GET", "/search?q=turbine")[1]["items"]]  # noqa: E731
    assert texts(world.ana) == ["A turbine for Acme", "The turbine is ready"]
    assert texts(world.bo) == ["The turbine is ready"]
    assert texts(world.cli) == ["A turbine for Acme"]
    assert [p["name"] for p in api(world.bo)("GET", "/search?q=ana")[1]["people"]] == ["Ana"]
    assert api(world.sup)("GET", "/search?q=ana")[1] == {"people": [], "spaces": [], "items": [], "next": None}
    assert api(world.ana)("GET", "/search")[0] == 200
