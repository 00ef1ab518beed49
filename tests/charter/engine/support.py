"""The organisations, the profile and the short way of asking that all tables share."""

import json
from pathlib import Path

from app.charter.engine import evaluate_lines

HERE = Path(__file__).parent
PROFILE = json.loads((HERE / "fx-1.json").read_text(encoding="utf-8"))

C1 = {
    "id": "C1",
    "roles": ["client"],
    "name": "Boréalis",
    "aliases": ["Boréalis SA"],
    "domains": ["borealis.example"],
    "siren": "912345675",
}
S1 = {
    "id": "S1",
    "roles": ["supplier"],
    "name": "Boulonex",
    "aliases": ["Boulonex Industrie"],
    "domains": ["boulonex.example"],
}
C2 = {
    "id": "C2",
    "roles": ["client"],
    "name": "Nord Matériaux",
    "aliases": [{"text": "NM", "match": "ctx"}],
}
C3 = {"id": "C3", "roles": ["client"], "name": "Mars Conseil", "aliases": [{"text": "Mars", "match": "cap"}]}
C4 = {"id": "C4", "roles": ["client"], "name": "Boréal", "aliases": []}
S4 = {
    "id": "S4",
    "roles": ["supplier"],
    "name": "Boréal Acier",
    "aliases": [],
    "domains": ["boreal-acier.example"],
}
S3 = {
    "id": "S3",
    "roles": ["supplier"],
    "name": "Pierre & Fils",
    "aliases": [{"text": "Pierre", "match": "ctx"}],
}
S6 = {"id": "S6", "roles": ["supplier"], "name": "İstanbul Lojistik", "aliases": []}
C6 = {"id": "C6", "roles": ["client"], "name": "Cœur d’Acier", "aliases": []}
X1 = {"id": "X1", "roles": ["client", "supplier"], "name": "Dualix", "aliases": []}
P1 = {"id": "P1", "kind": "person", "name": "Léa Martin", "of": "S1"}
P2 = {**P1, "homonym_employee": True}
MIX = ["mix:C1+S1"]


def ask(text, *entities, profile=PROFILE, **context):
    """The answer to one text under the profile."""
    case = {"id": "T", "text": text, "context": context, "entities": list(entities)}
    (answer,) = evaluate_lines(profile, [json.dumps(case)])
    assert "error" not in answer, answer
    return answer


def short(answer):
    """Action, hits and tags in one comparable line."""
    tags = " ".join(f"#{tag}" for tag in answer["tags"])
    return " ".join(filter(None, [answer["action"], *sorted(answer["hits"]), tags]))
