import pytest

from app.people import actions as people
from app.people.models import Person
from app.kernel.db import db
from app.posts import actions as posts
from app.search import directory
from app.search.directory import Filters
from app.spaces import actions as spaces
from tests.make import actor, make_organisation, make_person, make_post, make_space, person_of


@pytest.fixture
def company():
    acme, bolt = make_organisation("Acme", "client"), make_organisation("Boulonex", "supplier")
    team = people.add_team(None, name="Méthodes")
    chief = make_person("chief", name="Chloé Roy", site="Lyon")
    boss = make_person("boss", name="Béa Petit", manager_id=chief.id, site="Lyon")
    ana = make_person("ana", name="Ana Épinay", manager_id=boss.id, team_id=team.id, site="Nantes",
                      skills=["Soudure TIG", "Excel"], email="ana@example.com")  # fmt: skip
    client = make_person(
        "cli", name="Clélia Marchand", segment="client", organisation_id=acme.id, site="Acme HQ"
    )
    supplier = make_person(
        "sup", name="Simon Marchal", segment="supplier", organisation_id=bolt.id, site="Bolt HQ"
    )
    shared = make_space(
        ana, client, name="Projet", kind="client", organisation_id=acme.id, visibility="closed"
    )
    return {"team": team, "chief": chief, "boss": boss, "ana": ana, "client": client, "supplier": supplier,
            "shared": shared}  # fmt: skip


def names(who, **filters):
    return [person.name for person in directory.people(who, Filters(**filters)).items]


def test_employees_see_everyone_and_partners_only_those_of_their_spaces(company):
    assert len(names(company["boss"])) == 5
    assert names(company["client"]) == ["Ana Épinay", "Clélia Marchand"]
    assert names(company["supplier"]) == ["Simon Marchal"]
    assert directory.sites(company["client"]) == ["Acme HQ", "Nantes"]
    assert [team.name for team in directory.teams(company["supplier"])] == []


def test_filters_by_name_team_site_and_skill(company):
    boss = company["boss"]
    assert names(boss, q="epi an") == names(boss, team_id=company["team"].id) == ["Ana Épinay"]
    assert names(boss, site="Lyon") == ["Béa Petit", "Chloé Roy"]
    assert names(boss, skill="soudure tig") == ["Ana Épinay"]
    assert names(boss, skill="soudure") == []
    assert names(company["supplier"], q="ana") == []


def test_the_list_goes_on_where_it_ended(company, monkeypatch):
    monkeypatch.setattr(directory, "PAGE", 2)
    seen, after = [], None
    for _page in range(5):
        page = directory.people(company["boss"], Filters(), after=after)
        seen += [person.name for person in page.items]
        after = page.next
        if after is None:
            break
    assert seen == names(company["boss"]) or len(seen) == len(set(seen)) == 5


def test_hidden_and_missing_people_are_the_same(company, sign_in):
    browser = sign_in(company["client"])
    assert browser.get(f"/people/{company['ana'].id}").status_code == 200
    hidden = browser.get(f"/people/{company['supplier'].id}")
    missing = browser.get("/people/123456789")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.get_data() == missing.get_data()


def test_a_profile_shows_the_line_above_and_below(company, sign_in):
    page = sign_in(company["boss"]).get(f"/people/{company['ana'].id}").get_data(as_text=True)
    assert page.index("Chloé Roy") < page.index("Béa Petit", page.index("profile__line"))
    assert "ana@example.com" in page
    assert "Soudure TIG" in page
    assert "Ana Épinay" in sign_in(company["chief"]).get(f"/people/{company['boss'].id}").get_data(
        as_text=True
    )


def test_partners_read_no_addresses_and_nobody_they_may_not_know(company, sign_in):
    page = sign_in(company["client"]).get(f"/people/{company['ana'].id}").get_data(as_text=True)
    assert "ana@example.com" not in page
    assert "Béa Petit" not in page


def test_a_profile_shows_only_posts_one_may_read(company, sign_in):
    secret = make_space(company["ana"], visibility="secret")
    make_post(company["ana"], secret, "whispered")
    make_post(company["ana"], company["shared"], "shared words")
    gone = make_post(company["ana"], company["shared"], "taken back")
    posts.take_back(company["ana"], gone)
    address = f"/people/{company['ana'].id}"
    own = sign_in(company["ana"]).get(address).get_data(as_text=True)
    assert "whispered" in own and "shared words" in own and "taken back" not in own  # noqa: PT018
    theirs = sign_in(company["client"]).get(address).get_data(as_text=True)
    assert "shared words" in theirs
    assert "whispered" not in theirs
    assert "shared words" not in sign_in(company["boss"]).get(address).get_data(as_text=True)


def test_a_manager_who_turns_in_circles_does_no_harm(company):
    chief = db.session.get(Person, company["chief"].id)
    people.change_profile(company["chief"], chief, manager_id=company["ana"].id)
    assert len(directory.profile(company["boss"], company["ana"].id).above) == 2


def test_completion_knows_only_who_may_be_named(company, sign_in):
    def completed(who, q, space=""):
        return [one["login"] for one in sign_in(who).get(f"/people/complete?q={q}&space={space}").get_json()]

    shared = company["shared"].id
    assert completed(company["boss"], "mar") == ["cli", "sup"]
    assert completed(company["client"], "") == ["ana", "cli"]
    assert completed(company["client"], "marchal") == []
    assert completed(company["ana"], "", shared) == ["ana", "cli"]
    assert sign_in(company["boss"]).get(f"/people/complete?q=a&space={shared}").status_code == 404
    spaces.remove_member(company["ana"], company["shared"], person_of(company["client"]))
    assert completed(actor(company["client"].id), "ana") == []


def test_completion_of_spaces_keeps_secrets(company, sign_in):
    make_space(company["ana"], name="Projet secret", visibility="secret")
    make_space(company["ana"], name="Projets ouverts")
    listed = [space["name"] for space in sign_in(company["boss"]).get("/spaces/complete?q=proj").get_json()]
    assert listed == ["Projet", "Projets ouverts"]
    assert sign_in(company["supplier"]).get("/spaces/complete?q=proj").get_json() == []


def test_as_many_queries_for_one_as_for_many(company, sign_in, count_queries):
    browser = sign_in(company["boss"])
    browser.get("/people")
    with count_queries() as few:
        browser.get("/people")
    for _n in range(10):
        make_person()
    with count_queries() as many:
        browser.get("/people")
    assert len(few) == len(many)
