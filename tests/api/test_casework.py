"""Leaving, putting off, noting down and imposing, for programs."""

from datetime import timedelta

from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import db
from app.moderation.models import ReviewItem
from tests.make import accept, make_person


def _path(entry):
    item = db.session.scalars(select(ReviewItem).where(ReviewItem.entry_id == entry.id)).one()
    return item, f"/moderation/items/{item.id}"


def test_a_case_is_left_put_off_and_taken_up_again(api, world, held):
    other = make_person("max", roles=["moderator"])
    accept(other)
    mod, (_item, path) = api(world.mod), _path(held)
    status, told = mod("POST", f"{path}/transfer", {"to": other.id, "note": "You know them."})
    assert (status, told["state"]) == (200, "pending")
    assert mod("GET", f"{path}/notes")[1]["items"][0]["text"] == "You know them."
    assert mod("POST", f"{path}/transfer", {"to": world.bo.id})[0] == 422
    until = (clock.now() + timedelta(hours=4)).isoformat()
    assert mod("POST", f"{path}/deferral", {"until": until})[1]["state"] == "deferred"
    assert mod("DELETE", f"{path}/deferral")[1]["state"] == "pending"
    for wrong in ("soon", "2026-01-01T10:00", (clock.now() - timedelta(hours=1)).isoformat()):
        assert mod("POST", f"{path}/deferral", {"until": wrong})[0] == 422, wrong
    assert mod("DELETE", f"{path}/deferral")[0] == 409


def test_notes_are_for_those_who_review(api, world, held):
    mod, (_item, path) = api(world.mod), _path(held)
    status, made = mod("POST", f"{path}/notes", {"text": "Seen with the team."})
    assert (status, made["mine"], made["by"]) == (201, True, world.mod.name)
    assert [one["id"] for one in mod("GET", f"{path}/notes")[1]["items"]] == [made["id"]]
    missing = "/moderation/items/404404"
    for who in (world.bo, world.cli):
        for verb, tail, body in (
            ("GET", "/notes", None), ("POST", "/notes", {"text": "x"}), ("GET", "/measures", None),
            ("POST", "/transfer", {"to": 1}), ("DELETE", "/deferral", None),
            ("POST", "/measures", {"step": "mute_day", "reason": "x"}),
        ):  # fmt: skip
            hidden, gone = (api(who).raw(verb, f"{at}{tail}", body) for at in (path, missing))
            assert (hidden.status_code, hidden.data) == (404, gone.data), (verb, tail)


def test_a_measure_rests_on_a_decision_and_is_ended(api, world, held):
    mod, (item, path) = api(world.mod), _path(held)
    wanted = {"step": "mute_day", "reason": "Again."}
    assert mod("POST", f"{path}/measures", wanted)[0] == 409
    assert mod("GET", f"{path}/measures")[1] == {"items": []}
    ruling = {"outcome": "reject", "clause": "4.2", "reason": "No.", "version": item.version}
    assert mod("POST", f"{path}/decisions", ruling)[0] == 201
    status, made = mod("POST", f"{path}/measures", wanted)
    assert (status, made["state"], made["step"]) == (201, "active", "mute_day")
    assert mod("POST", f"{path}/measures", wanted)[1]["id"] == made["id"], "twice is once"
    assert mod("POST", f"{path}/measures", {**wanted, "step": "prison"})[0] == 422
    end = f"/moderation/measures/{made['id']}/end"
    assert api(world.bo)("POST", end, {"why": "x"})[0] == 404
    assert api(world.ana)("POST", end, {"why": "x"})[0] == 404
    assert mod("POST", f"/moderation/measures/{made['id']}/confirmation")[0] in {403, 409}
    assert mod("POST", end, {"why": "Enough."})[1]["state"] == "lifted"
    assert mod("POST", end, {"why": "Enough."})[0] == 409
