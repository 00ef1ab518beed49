"""The document is complete and true: what is routed is declared, and a fuzzer finds no other answer."""

import json
import re

import jsonschema_rs
import pytest

from app.api.document import PREFIX, document, operations

PAGES = {"/api/docs"}


@pytest.fixture
def told(app):
    with app.test_request_context(base_url="http://127.0.0.1:8000"):
        return json.loads(json.dumps(document(app)))


def test_every_route_is_declared_and_every_declaration_routed(app, told):
    routed = {
        (method, re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.rule not in PAGES
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    declared = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}
    assert routed == declared
    assert all(path.startswith(f"{PREFIX}/") for _method, path in declared)
    assert len({(rule.rule, method) for rule, method, _operation in operations(app)}) == len(declared)


def test_everything_named_is_there_and_every_schema_is_one(told):
    text = json.dumps(told)
    named = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert named <= set(told["components"]["schemas"])
    assert set(told["components"]["schemas"]) == named
    for schema in told["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


def test_operations_have_names_of_their_own(told):
    names = [o["operationId"] for methods in told["paths"].values() for o in methods.values()]
    assert len(names) == len(set(names))


def test_the_document_is_read_by_anybody_let_in(anonymous):
    assert anonymous.get("/api/v1/openapi.json").get_json()["openapi"] == "3.1.0"
    page = anonymous.get("/api/docs")
    assert page.status_code == 200
    assert "/api/v1/spaces/{space_id}/posts" in page.text
    assert "<script>" not in page.text
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)
