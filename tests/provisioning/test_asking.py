"""What the directory finds, and that nothing it asks becomes a statement."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.provisioning.conftest import ENTERPRISE
from tests.provisioning.test_people import refused

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


@pytest.fixture
def company(directory):
    """Three people and a group."""
    ana = directory.add(
        "ana@acme.example", externalId="E-1", title="Welder", name={"familyName": "Duval"},
        emails=[{"value": "ana@acme.example", "type": "work"}, {"value": "ana@home.example", "type": "home"}],
        **{ENTERPRISE: {"department": "Forge"}},
    )  # fmt: skip
    bo = directory.add("Bo", title="100%_sure", emails=[{"value": "bo@acme.example", "type": "home"}])
    eve = directory.add("eve", active=False)
    staff = directory.add_group("Staff", ana, bo, externalId="G-1")
    return {"ana": ana["id"], "bo": bo["id"], "eve": eve["id"], "staff": staff["id"]}


def names(directory, filter_, kind="Users"):
    found = directory.found(f"/{kind}?filter={quote(filter_)}")
    return sorted(one.get("userName", one.get("displayName")).partition("@")[0].lower() for one in found)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ('userName eq "BO"', ["bo"]),
        ('username EQ "bo"', ["bo"]),
        ('userName ne "bo"', ["ana", "eve"]),
        ('userName sw "an"', ["ana"]),
        ('userName ew "example"', ["ana"]),
        ('userName co "e"', ["ana", "eve"]),
        ('userName gt "bo"', ["eve"]),
        ('userName le "bo"', ["ana", "bo"]),
        ('externalId eq "E-1"', ["ana"]),
        ('externalId eq "e-1"', []),
        ('title eq "welder"', ["ana"]),
        ('title ne "welder"', ["bo", "eve"]),
        ("title pr", ["ana", "bo"]),
        ("not (title pr)", ["eve"]),
        ('not (title eq "Welder")', ["bo", "eve"]),
        ('title co "%"', ["bo"]),
        ('title co "_"', ["bo"]),
        ('title sw "10"', ["bo"]),
        ("title eq null", ["eve"]),
        ("active eq true", ["ana", "bo"]),
        ("active eq false", ["eve"]),
        ("active ne true", ["eve"]),
        ('emails eq "ANA@acme.example"', ["ana"]),
        ('emails.value ew "acme.example"', ["ana", "bo"]),
        ('emails[type eq "work" and value co "acme"]', ["ana"]),
        ('emails[type eq "work" and value co "home"]', []),
        ('emails[not (type eq "home")]', ["ana"]),
        ("emails pr", ["ana", "bo"]),
        ("not (emails pr)", ["eve"]),
        ('name.familyName eq "duval"', ["ana"]),
        ("name pr", ["ana"]),
        (f'{ENTERPRISE}:department eq "Forge"', ["ana"]),
        ('groups.display eq "staff"', ["ana", "bo"]),
        ('meta.created gt "2020-01-01T00:00:00Z"', ["ana", "bo", "eve"]),
        ('meta.lastModified lt "2020-01-01T00:00:00Z"', []),
        ('userName eq "bo" or (title eq "Welder" and active eq true)', ["ana", "bo"]),
        ('userName sw "a" and userName sw "b"', []),
        ('urn:ietf:params:scim:schemas:core:2.0:User:userName eq "bo"', ["bo"]),
    ],
)
def test_filters_find_whom_they_mean(directory, company, asked, expected):
    assert names(directory, asked) == expected


def test_groups_are_found_by_name_and_member(directory, company):
    assert names(directory, 'displayName eq "STAFF"', "Groups") == ["staff"]
    assert names(directory, f'members.value eq "{company["ana"]}"', "Groups") == ["staff"]
    assert names(directory, f'members[value eq "{company["eve"]}"]', "Groups") == []
    assert names(directory, f'id eq "{company["staff"]}" and externalId pr', "Groups") == ["staff"]


NASTY = [
    "' OR '1'='1",
    "'; DROP TABLE people; --",
    "\\' OR 1=1 --",
    '\\" or userName pr or userName eq \\"',
    "%",
    "_",
    "%' ESCAPE '/' OR 1=1 --",
    "*)(uid=*",
    "${jndi:ldap://x}",
    "{{7*7}}",
    ":1 %(x)s ? $1",
    "a/b\\\\c",
]


@pytest.mark.parametrize("value", NASTY)
@pytest.mark.parametrize(
    "form", ['userName {op} "{v}"', 'emails[value {op} "{v}"]', 'id {op} "{v}"', 'externalId {op} "{v}"']
)
def test_a_value_is_never_more_than_a_value(directory, company, count_queries, form, value):
    for op in ("eq", "co", "sw", "ew", "gt"):
        asked = form.format(op=op, v=value)
        with count_queries() as statements:
            answer = directory("GET", f"/Users?filter={quote(asked)}")
        if "\\'" in value:  # no escape that JSON knows
            refused(answer, 400, "invalidFilter")
        else:
            found = answer.get_json(force=True)["totalResults"]
            assert (answer.status_code, found if op != "gt" else 0) == (200, 0), asked
        assert not any("DROP" in sql or "1=1" in sql or "jndi" in sql for sql in statements)
    assert len(directory.found("/Users")) == 3


@pytest.mark.parametrize(
    "asked",
    [
        "userName",
        "userName eq",
        'userName eq "x',
        "userName eq 'x'",
        'userName = "x"',
        'userName eq "x" and',
        "(((",
        'userName eq "x"; DROP TABLE people',
        'password eq "x"',
        'unheardOf eq "x"',
        'roles[] eq "admin"',
        'deactivated_at eq "x"',
        "active gt true",
        "active eq 7",
        'meta.created gt "soon"',
        'title[value eq "x"]',
        'emails[unheardOf eq "x"]',
        'meta.version eq "x"',
        "(" * 1_200 + 'userName eq "x"' + ")" * 1_200,
        " and ".join(['userName eq "x"'] * 80),
        f'userName eq "{"x" * 3_000}"',
        "not " * 200 + "userName pr",
        "\u202e",
    ],
)
def test_what_cannot_be_asked_is_refused(directory, company, asked):
    answer = directory("GET", f"/Users?filter={quote(asked)}")
    refused(answer, 400, "invalidFilter")
    body = {"schemas": [SEARCH], "filter": asked}
    refused(directory("POST", "/Users/.search", body), 400, "invalidFilter")


def test_pages_are_counted_from_one(directory, company):
    whole = [one["id"] for one in directory.found("/Users")]
    assert sorted(whole) == sorted(company[name] for name in ("ana", "bo", "eve"))
    for start, count, expected in (
        (1, 2, whole[:2]),
        (3, 2, whole[2:]),
        (0, 1, whole[:1]),
        (9, 1, []),
        (2, 0, []),
        (1, -3, []),
    ):
        answer = directory("GET", f"/Users?startIndex={start}&count={count}").get_json(force=True)
        assert [one["id"] for one in answer.get("Resources", [])] == expected
        assert (answer["schemas"], answer["totalResults"]) == ([LIST], 3)
        assert answer["itemsPerPage"] == len(expected)
    assert directory("GET", f"/Users?startIndex={10**30}&count={10**30}").status_code == 200
    refused(directory("GET", "/Users?count=many"), 400, "invalidValue")


def test_the_order_is_as_asked(directory, company):
    def order(query):
        return [one["userName"].partition("@")[0] for one in directory.found(f"/Users?{query}")]

    assert order("sortBy=userName") == ["ana", "Bo", "eve"]
    assert order("sortBy=userName&sortOrder=descending") == ["eve", "Bo", "ana"]
    assert order("sortBy=title")[-1] == "eve", "who has none comes last"
    for wrong in ("emails", "unheardOf", "name", "password", "userName;DROP", "groups.display"):
        refused(directory("GET", f"/Users?sortBy={wrong}"), 400, "invalidPath")
    refused(directory("GET", "/Users?sortBy=userName&sortOrder=sideways"), 400, "invalidValue")


def test_only_the_attributes_asked_for_come(directory, company, count_queries):
    (one,) = directory.found('/Users?filter=userName eq "bo"&attributes=userName,emails.value')
    assert set(one) == {"schemas", "id", "userName", "emails"}
    assert set(one["emails"][0]) == {"value"}
    (one,) = directory.found('/Users?filter=userName eq "bo"&excludedAttributes=emails,id,meta')
    assert {"id", "userName"} <= set(one)
    assert not {"emails", "meta"} & set(one)
    with count_queries() as statements:
        (group,) = directory.found("/Groups?excludedAttributes=members")
    assert "members" not in group
    assert not any("scim_members" in sql for sql in statements), "what isn't shown isn't read"
    assert "members" in directory.found("/Groups")[0]
    refused(directory("GET", "/Users?attributes=id&excludedAttributes=title"), 400, "invalidValue")


def test_people_and_groups_are_searched_together(directory, company):
    body = {"schemas": [SEARCH], "filter": 'displayName eq "staff" or userName eq "bo"', "count": 10}
    answer = directory("POST", "/.search", body).get_json(force=True)
    assert (answer["totalResults"], [one["meta"]["resourceType"] for one in answer["Resources"]]) == (
        2,
        ["User", "Group"],
    )
    second = directory("POST", "/.search", {**body, "startIndex": 2, "count": 1}).get_json(force=True)
    assert [one["displayName"] for one in second["Resources"]] == ["Staff"]
    refused(
        directory("POST", "/.search", {"schemas": [SEARCH], "filter": 'unheardOf eq "x'}),
        400,
        "invalidFilter",
    )


def test_a_page_costs_the_same_for_many_as_for_few(directory, count_queries):
    def cost():
        with count_queries() as statements:
            assert directory("GET", "/Users").status_code == 200
        return len(statements)

    boss = directory.add("boss")
    more = {ENTERPRISE: {"manager": {"value": boss["id"]}}}
    directory.add_group("One", directory.add("p0", **more))
    few = cost()
    directory.add_group("Two", *[directory.add(f"p{n}", **more) for n in range(1, 8)])
    assert cost() == few


def test_the_service_describes_itself(directory):
    config = directory("GET", "/ServiceProviderConfig").get_json(force=True)
    for what, supported in (
        ("patch", True),
        ("bulk", False),
        ("filter", True),
        ("sort", True),
        ("etag", True),
    ):
        assert config[what]["supported"] is supported
    assert len(directory.found("/Schemas")) == 3
    assert {one["name"] for one in directory.found("/ResourceTypes")} == {"User", "Group"}
    assert directory("GET", "/ResourceTypes/User").status_code == 200
    refused(directory("GET", "/Schemas/urn:x"), 404)
    refused(directory("GET", '/Schemas?filter=id eq "x"'), 403)
    refused(directory("POST", "/ServiceProviderConfig", {}), 405)
