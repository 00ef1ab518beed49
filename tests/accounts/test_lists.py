"""A list of people: read whole, shown before it counts, taken over all or not at all."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select

from app.accounts import lists
from app.accounts.importing import Known, read_list
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, NotFound
from app.people import actions as people
from app.people.models import Person, Team
from app.people.queries import by_login
from app.search.models import PERSON, SearchDocument
from tests.make import make_organisation, make_person, person_of

HEAD = "login;name;email;title;team;manager;site;roles;locale;segment\n"
NOBODY = Known({}, {}, {})


@pytest.fixture
def root():
    return make_person("root", roles=["admin"])


def content(*lines):
    return (HEAD + "\n".join(lines)).encode()


def taken(root, *lines):
    prepared = lists.prepare(root, content(*lines))
    lists.take_over(root, prepared)
    return prepared


def problems(*lines, known=NOBODY):
    return dict(read_list(content(*lines), known).problems)


def test_a_list_adds_people_their_teams_and_who_they_report_to(root):
    taken(
        root,
        "karim;Karim Haddad;Karim@works.example;Soudeur;Atelier;anne;Lyon;moderator;fr;",
        "anne;Anne Martin;;;atelier;;;;en;employee",
    )
    karim, anne = by_login("karim"), by_login("anne")
    assert (karim.name, karim.email, karim.title, karim.site) == (
        "Karim Haddad", "karim@works.example", "Soudeur", "Lyon",
    )  # fmt: skip
    assert (karim.manager_id, karim.team_id, karim.roles) == (anne.id, anne.team_id, ["moderator"])
    assert anne.locale == "en"
    assert [team.name for team in db.session.scalars(select(Team))] in (["Atelier"], ["atelier"])
    found = db.session.scalars(select(SearchDocument.subject_id).where(SearchDocument.kind == PERSON)).all()
    assert {karim.id, anne.id} <= set(found)


def test_a_second_time_changes_nothing_and_an_empty_cell_takes_nothing_away(root):
    line = "karim;Karim Haddad;karim@works.example;Soudeur;Atelier;root;Lyon;moderator;fr;"
    taken(root, line)
    before = _row("karim")
    taken(root, line)
    taken(root, "karim;Karim Haddad;;;;;;;;")
    assert _row("karim") == before
    taken(root, "karim;Karim Haddad-Roy;;Chef;;;;;;")
    after = _row("karim")
    assert (after["name"], after["title"], after["email"]) == (
        "Karim Haddad-Roy",
        "Chef",
        "karim@works.example",
    )
    assert after["version"] == before["version"] + 1


def _row(login):
    db.session.expire_all()
    one = by_login(login)
    return {column.name: getattr(one, column.name) for column in Person.__table__.columns}


def test_the_same_list_counts_once(root):
    prepared = lists.prepare(root, content("karim;Karim;;;;;;;;"))
    lists.take_over(root, prepared)
    people.change_profile(root, by_login("karim"), name="Somebody Else")
    lists.take_over(root, prepared)
    assert by_login("karim").name == "Somebody Else"


def test_nothing_is_written_before_it_is_taken_over(root):
    count = db.session.scalar(select(func.count()).select_from(Person))
    lists.prepare(root, content("karim;Karim;;;;;;;;"))
    assert db.session.scalar(select(func.count()).select_from(Person)) == count


def test_what_changed_meanwhile_stops_all_of_it(root):
    prepared = lists.prepare(root, content("anne;Anne;anne@works.example;;;;;;;", "karim;Karim;;;;;;;;"))
    make_person("other", email="anne@works.example")
    with pytest.raises(Conflict):
        lists.take_over(root, prepared)
    assert by_login("karim") is None
    db.session.refresh(prepared)
    assert prepared.applied_at is None


def test_the_last_admin_stays_one_and_then_nothing_is_taken_over(root):
    prepared = lists.prepare(root, content("root;Root;;;;;;moderator;;", "karim;Karim;;;;;;;;"))
    with pytest.raises(Conflict):
        lists.take_over(root, prepared)
    assert by_login("karim") is None


@pytest.mark.parametrize(
    "line",
    [
        ";No Login;;;;;;;;",
        "é;Name;;;;;;;;",
        "a b;Name;;;;;;;;",
        "karim;;;;;;;;;",
        "karim;K;not an address;;;;;;;",
        "karim;K;;;;;;king;;",
        "karim;K;;;;;;;de;",
        "karim;K;;;;;;;;alien",
        "karim;K;;;;;;;;client",
        "karim;K;;;;nobody;;;;",
        "karim;K;;;;karim;;;;",
        f"karim;{'K' * 121};;;;;;;;",
    ],
)
def test_a_bad_line_is_said(line):
    assert list(problems(line)) == [2]


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-2", "@SUM(A1)", '"=HYPERLINK(""http://x"")"'])
@pytest.mark.parametrize("column", [1, 3, 4, 6])
def test_no_cell_is_a_formula(column, cell):
    cells = ["karim", "Karim", "", "", "", "", "", "", "", ""]
    cells[column] = cell
    assert list(problems(";".join(cells))) == [2]


def test_one_bad_line_leaves_the_others_good_but_not_those_who_lean_on_it():
    read = read_list(
        content(
            "anne;Anne;;;;;;;;",
            "bad;;;;;;;;;",
            "karim;Karim;;;;bad;;;;",
            "lea;Léa;;;;karim;;;;",
            "anne;Twice;;;;;;;;",
        ),
        NOBODY,
    )
    assert [row["login"] for row in read.rows] == ["anne"]
    assert [line for line, _sentence in read.problems] == [3, 4, 5, 6]


def test_nobody_reports_to_themselves_through_others():
    lines = ("a1;A;;;;b1;;;;", "b1;B;;;;c1;;;;", "c1;C;;;;a1;;;;", "d1;D;;;;a1;;;;", "e1;E;;;;;;;;")
    assert list(problems(*lines)) == [2, 3, 4, 5]
    known = Known({"a1": "employee", "b1": "employee"}, {"b1": "a1"}, {})
    assert list(problems("a1;A;;;;b1;;;;", known=known)) == [2]


def test_an_address_belongs_to_one_person():
    known = Known({"anne": "employee"}, {}, {"anne@works.example": "anne"})
    assert list(problems("karim;K;anne@works.example;;;;;;;", known=known)) == [2]
    assert problems("anne;Anne;anne@works.example;;;;;;;", known=known) == {}
    assert list(problems("a1;A;x@works.example;;;;;;;", "b1;B;X@works.example;;;;;;;")) == [3]


def test_a_list_moves_nobody_between_segments(root):
    firm = make_organisation("Acme", "client")
    make_person("cli", segment="client", organisation_id=firm.id)
    prepared = lists.prepare(root, content("cli;Cli;;;;;;;;employee", "cli;Cli;;;;;;admin;;"))
    assert len(prepared.problems) == 2
    taken(root, "cli;Clara;;;;;;;;client")
    assert (by_login("cli").segment, by_login("cli").organisation_id) == ("client", firm.id)


@pytest.mark.parametrize("heading", ["", "name;email\n", "who;what\n", "\n"])
def test_a_list_without_headings_is_told_so(heading):
    read = read_list((heading + "a;b").encode(), NOBODY)
    assert read.rows == []
    assert [line for line, _sentence in read.problems] == [1]


def test_other_spellings_of_a_file_are_read():
    for raw in (
        "\ufefflogin,name\r\nanne,Anne Martin\r\n".encode(),
        b"login\tname\nanne\tAnne Martin\n",
        "name;login\nHélène Œuf;anne\n".encode("cp1252"),
        b"login;name\nanne;Anne\0 Martin\n",
    ):
        assert [row["login"] for row in read_list(raw, NOBODY).rows] == ["anne"], raw


def test_only_admins_see_and_take_over(sign_in, root):
    prepared, eve = lists.prepare(root, content("karim;Karim;;;;;;;;")), make_person("eve")
    other = make_person("other", roles=["admin"])
    with pytest.raises(Forbidden):
        lists.prepare(eve, content("karim;Karim;;;;;;;;"))
    with pytest.raises(Forbidden):
        lists.take_over(eve, prepared)
    for who in (eve, other):
        with pytest.raises(NotFound):
            lists.get_list(who, prepared.id)
    assert sign_in(eve).get(f"/admin/people/imports/{prepared.id}").status_code == 403
    assert sign_in(other).post(f"/admin/people/imports/{prepared.id}/apply").status_code == 404


def test_one_looks_before_it_counts(sign_in, root):
    browser = sign_in(root)
    lines = content("karim;Karim Haddad;;;;;;;;", "=cmd;X;;;;;;;;")
    sent = browser.post("/admin/people/import", data={"file": (io.BytesIO(lines), "people.csv")})
    assert sent.status_code == 303
    page = browser.get(sent.location).get_data(as_text=True)
    assert "Karim Haddad" in page
    told = browser.get(f"{sent.location}/problems.csv")
    assert told.mimetype == "text/csv"
    assert "attachment" in told.headers["Content-Disposition"]
    assert "3;" in told.get_data(as_text=True)
    assert by_login("karim") is None
    assert browser.post(f"{sent.location}/apply").status_code == 303
    assert by_login("karim") is not None
    acts = db.session.scalars(select(AuditEntry.act)).all()
    assert acts.count("people.imported") == 1


def test_an_empty_file_is_said(sign_in, root):
    assert sign_in(root).post("/admin/people/import", data={}).status_code == 422


@pytest.mark.slow
def test_ten_thousand_lines_take_few_statements(root, count_queries):
    lines = [
        f"p{n};Person {n};p{n}@works.example;;Team {n % 50};{'p0' if n else ''};;;;" for n in range(10_000)
    ]
    with count_queries() as seen:
        prepared = taken(root, *lines)
    assert prepared.problems == []
    assert db.session.scalar(select(func.count()).where(Person.manager_id == by_login("p0").id)) == 9_999
    assert len(seen) < 400
    assert person_of(root).roles == ["admin"]
