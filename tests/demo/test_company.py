"""The demo company holds together: everyone named exists, every rule hangs on a clause, nothing mixes."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from app.demo.calendar import PARIS
from app.demo.company import REACTIONS, ROLES, Comment, Company, Organisation, Post, company
from app.demo.portraits import portrait

NOWS = (
    datetime(2026, 3, 10, 9, 0, tzinfo=UTC),
    datetime(2026, 11, 21, 22, 30, tzinfo=UTC),
    datetime(2027, 1, 4, 4, 0, tzinfo=UTC),
)


@pytest.fixture(scope="module", params=NOWS, ids=str)
def firm(request: pytest.FixtureRequest) -> Company:
    return company(7, request.param)


def entries(firm: Company) -> list[tuple[Post, Post | Comment]]:
    return [(post, entry) for post in firm.posts for entry in (post, *post.comments)]


def folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold())
    return re.sub(r"[\W_]+", " ", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def words_of(entry: Post | Comment) -> str:
    title = entry.title if isinstance(entry, Post) else None
    edits = [edit.body for edit in entry.edits] if isinstance(entry, Post) else []
    names = [file.name for file in entry.files] if isinstance(entry, Post) else []
    return "\n".join([title or "", entry.body, *edits, *names])


def names_of(organisation: Organisation) -> list[str]:
    contacts = [name for c in organisation.contacts for name in (c.name, c.email, c.login or c.name)]
    aliases = [alias.text for alias in organisation.aliases if alias.mode != "ctx"]
    return [
        folded(name)
        for name in (organisation.name, organisation.siren, *organisation.domains, *aliases, *contacts)
    ]


def cited(firm: Company, text: str) -> set[str]:
    """A blunt reading: every organisation one of whose names stands in the text, capitals or not."""
    said = f" {folded(text)} "
    return {o.key for o in firm.organisations if any(f" {name} " in said for name in names_of(o))}


def mixes(firm: Company, keys: set[str]) -> bool:
    roles = {o.key: o.roles for o in firm.organisations}
    return any("client" in roles[a] and "supplier" in roles[b] for a in keys for b in keys if a != b)


def test_everything_promised_is_there(firm: Company) -> None:
    visible = [post for post in firm.posts if post.outcome != "held"]
    comments = [comment for post in firm.posts for comment in post.comments]
    assert sum(person.segment == "employee" for person in firm.people) == 60
    assert 5 <= sum(person.locale == "en" for person in firm.people) <= 6
    assert {p.segment for p in firm.people if p.organisation} == {"client", "supplier"}
    assert sum("client" in o.roles for o in firm.organisations) == 4
    assert sum("supplier" in o.roles for o in firm.organisations) == 4
    assert (len(firm.spaces), len(firm.charter.articles)) == (12, 7)
    assert {space.kind for space in firm.spaces} == {"internal", "client", "supplier", "social"}
    assert {space.visibility for space in firm.spaces} == {"open", "closed", "secret"}
    assert len(firm.charter.clauses) >= 22
    assert len(visible) >= 300
    assert len(comments) >= 650
    assert len({post.body for post in firm.posts}) > 290
    assert len({comment.body for comment in comments}) > 450


def test_there_is_work_for_moderators(firm: Company) -> None:
    everything = [entry for _, entry in entries(firm)]
    assert sum(entry.outcome == "held" for entry in everything) >= 6
    assert sum(bool(entry.reports) for entry in everything) >= 5
    assert any(post.edits for post in firm.posts)
    clauses = {clause.number for clause in firm.charter.clauses}
    assert {report.clause for entry in everything for report in entry.reports} <= clauses


def test_names_and_logins_are_unique(firm: Company) -> None:
    for values in (
        [p.login for p in firm.people],
        [p.email for p in firm.people],
        [p.name for p in firm.people],
        [p.phone for p in firm.people if p.phone],
        [s.name for s in firm.spaces],
        [o.siren for o in firm.organisations],
        [t.key for t in firm.teams],
        [entry.key for _, entry in entries(firm)],
    ):
        assert len(values) == len(set(values))
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+", person.login) for person in firm.people)


def test_everybody_answers_to_somebody_and_one_person_to_nobody(firm: Company) -> None:
    staff = {p.login: p for p in firm.people if p.segment == "employee"}
    assert [p.login for p in staff.values() if p.manager is None] == ["claire.vaudrelle"]
    for person in staff.values():
        seen = set()
        while person.manager:
            assert person.login not in seen
            seen.add(person.login)
            person = staff[person.manager]  # noqa: PLW2901


def test_teams_make_one_tree_with_managers_inside(firm: Company) -> None:
    teams = {team.key: team for team in firm.teams}
    assert sum(team.parent is None for team in firm.teams) == 1
    assert all(team.parent in teams for team in firm.teams if team.parent)
    assert all(firm.person(team.manager).team == team.key for team in firm.teams)
    assert {p.team for p in firm.people if p.team} == set(teams)


def test_roles_are_all_held(firm: Company) -> None:
    held = [role for person in firm.people for role in person.roles]
    assert set(held) == set(ROLES)
    assert (held.count("moderator"), held.count("charter_owner")) == (2, 3)
    assert {s.login for s in firm.charter.signatures} == {
        p.login for p in firm.people if "charter_owner" in p.roles
    }


def test_siren_numbers_pass_luhn(firm: Company) -> None:
    for organisation in firm.organisations:
        doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(organisation.siren))]
        assert len(organisation.siren) == 9
        assert sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def test_a_space_has_its_people_and_at_most_one_organisation(firm: Company) -> None:
    for space in firm.spaces:
        members = [firm.person(member.login) for member in space.members]
        assert len({p.login for p in members}) == len(members)
        assert firm.person(space.owner).segment == "employee"
        assert (space.organisation is not None) == (space.kind in ("client", "supplier"))
        assert {p.organisation for p in members} <= {None, space.organisation}


def test_people_write_where_they_may_and_mention_who_is_there(firm: Company) -> None:
    spaces = {space.key: space for space in firm.spaces}
    for post, entry in entries(firm):
        space = spaces[post.space]
        members = {member.login for member in space.members}
        staff = {p.login for p in firm.people if p.segment == "employee"}
        allowed = members | staff if space.visibility == "open" else members
        mentioned = set(re.findall(r"(?<![\w.])@([a-z]+\.[a-z]+)", entry.body))
        assert {entry.author, *mentioned, *(r.login for r in entry.reactions)} <= allowed, entry.key
        assert {report.login for report in entry.reports} <= allowed - {entry.author}


def test_nothing_published_brings_a_client_and_a_supplier_together(firm: Company) -> None:
    spaces = {space.key: space for space in firm.spaces}
    for post in firm.posts:
        published = [e for e in (post, *post.comments) if e.outcome != "held"]
        home = {spaces[post.space].organisation} - {None}
        assert not mixes(firm, cited(firm, "\n".join(map(words_of, published))) | home), post.key


def test_the_mixing_ones_are_held(firm: Company) -> None:
    spaces = {space.key: space for space in firm.spaces}
    held = [(post, entry) for post, entry in entries(firm) if entry.outcome == "held"]
    pairs = [
        cited(firm, words_of(entry)) | ({spaces[post.space].organisation} - {None}) for post, entry in held
    ]
    assert sum(mixes(firm, keys) for keys in pairs) >= 4


def test_nothing_published_trips_the_word_lists(firm: Company) -> None:
    rules = {rule["key"]: rule["params"] for rule in firm.rules}
    lists = (rules["lex.insult"]["terms"], rules["lex.discrimination"]["terms"], rules["lex.advert"]["terms"])
    codes = [term["t"] for term in rules["lex.code"]["terms"]]
    terms = [f" {folded(term)}" for list_ in (*lists, codes) for term in list_]
    for _, entry in entries(firm):
        said = f" {folded(words_of(entry))} "
        found = [term for term in terms if any(f"{term}{ending} " in said for ending in ("", "s", "e", "es"))]
        assert bool(found) <= (entry.outcome != "published"), (entry.key, found)


def test_nothing_published_gives_contact_details(firm: Company) -> None:
    for _, entry in entries(firm):
        if entry.outcome == "published":
            assert not re.search(
                r"\w@\w+\.\w|\b0\d([ .]?\d\d){4}\b|\b[A-Z]{2}\d\d( ?\w{4}){3}", words_of(entry)
            ), entry.key


def test_time_runs_forward_and_stops_before_now(firm: Company) -> None:
    assert list(firm.posts) == sorted(firm.posts, key=lambda post: post.at)
    assert firm.posts[0].at > firm.now - timedelta(days=92)
    assert firm.charter.in_force_since < firm.posts[0].at
    for post in firm.posts:
        times = [post.at, *(comment.at for comment in post.comments)]
        assert times == sorted(times)
        later = [r.at for e in (post, *post.comments) for r in (*e.reactions, *e.reports)]
        assert all(post.at < at < firm.now for at in (*times[1:], *later, *(edit.at for edit in post.edits)))
        keys = [comment.key for comment in post.comments]
        assert all(c.parent in keys[: keys.index(c.key)] for c in post.comments if c.parent)


def test_nobody_is_called_at_night(firm: Company) -> None:
    for _, entry in entries(firm):
        local = entry.at.astimezone(PARIS)
        if "@" in entry.body:
            assert local.weekday() < 5, (entry.key, local)
            assert 6 <= local.hour < 20, (entry.key, local)


def test_reactions_are_of_the_small_set_and_once_a_person(firm: Company) -> None:
    for _, entry in entries(firm):
        people = [reaction.login for reaction in entry.reactions]
        assert len(people) == len(set(people))
        assert entry.author not in people
        assert {reaction.name for reaction in entry.reactions} <= set(REACTIONS)


def test_every_rule_hangs_on_a_clause_and_speaks_both_languages(firm: Company) -> None:
    clauses = {clause.number for clause in firm.charter.clauses}
    for rule in firm.rules:
        assert set(rule) == {"key", "kind", "action", "clause", "params", "message_fr", "message_en"}
        assert rule["clause"] in clauses
        assert rule["action"] in ("allow", "nudge", "flag", "hold", "block")
        assert rule["message_fr"] != rule["message_en"]
    profile = firm.profile()
    assert json.loads(json.dumps(profile))["rules"]["pii.card"] == {
        "kind": "card",
        "action": "block",
        "clause": "5.3",
    }
    assert {entity.get("of", entity["id"]) for entity in firm.entities()} == {
        o.key for o in firm.organisations
    }


def test_the_charter_is_whole_in_french_and_english(firm: Company) -> None:
    for clause in firm.charter.clauses:
        for said in (
            clause.title_fr,
            clause.title_en,
            clause.text_fr,
            clause.text_en,
            clause.message_fr,
            clause.message_en,
        ):
            assert said.strip()
            assert not re.search(r"[!']", said), said
        assert not re.search(r"[ \w][;:?»]", clause.text_fr + clause.message_fr), clause.number


def test_the_same_seed_gives_the_same_company_and_another_does_not() -> None:
    first, again, other = company(3, NOWS[0]), company(3, NOWS[0]), company(4, NOWS[0])
    assert first == again
    assert first.people[5].picture() == again.people[5].picture()
    assert first.posts != other.posts


def test_no_two_portraits_are_alike() -> None:
    firm = company(1, NOWS[0])
    small = {portrait(f"1/{person.login}", 40) for person in firm.people}
    assert len(small) == len(firm.people)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        company(1, NOWS[0].replace(tzinfo=None))


def test_pictures_are_small_different_and_real() -> None:
    firm = company(1, NOWS[0])
    portraits = [person.picture() for person in firm.people[::4]]
    assert len(set(portraits)) == len(portraits)
    assert max(map(len, portraits)) < 20_000
    assert Image.open(BytesIO(portraits[0])).size == (256, 256)
    files = [file for post in firm.posts for file in post.files]
    pictures = [file for file in files if file.is_picture]
    assert len({file.name for file in pictures}) >= 8
    assert all(file.alt for file in pictures)
    drawn = [file.content() for file in {file.name: file for file in pictures}.values()]
    assert {Image.open(BytesIO(content)).format for content in drawn} == {"PNG"}
    assert max(map(len, drawn)) < 40_000
    assert {"application/pdf", "text/csv", "text/plain"} <= {file.mime for file in files}
    note = next(file.content() for file in files if file.mime == "application/pdf")
    assert note.startswith(b"%PDF-1.4")
    assert note.rstrip().endswith(b"%%EOF")
