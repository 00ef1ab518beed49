"""Models as they come out of a lesson, without the lesson: one that knows a few words."""

from __future__ import annotations

from array import array

from app.people.actor import Actor
from app.relevance import actions
from app.relevance.classifier.features import named
from app.relevance.classifier.model import TASKS, WORK, Model, Shape, to_bytes
from app.relevance.models import ModelVersion
from tests.make import accept, make_charter

CHATTER = "Qui vient voir le match ce soir avec des pizzas"
BUSINESS = "Le rapport de la réunion est dans le dossier du projet"
FIGURES = {
    "auc": 0.85,
    "judged": 200,
    "on_own": True,
    "threshold": 0.2,
    "caught": 20,
    "right": 18,
    "sought": 40,
    "low": 0.7,
    "high": 0.97,
}


def tiny(task: str = WORK, *, labels: int = 200) -> bytes:
    """Reads "match" and "pizzas" as chatter, or as insults, and "rapport" as business."""
    sign = -1.0 if task == WORK else 1.0
    told = {
        named("w:match"): 4 * sign,
        named("w:pizzas"): 4 * sign,
        named("w:rapport"): -6 * sign,
        named("w:le"): 0.1,
    }
    words = dict(sorted(told.items()))
    places = {name: at for at, name in enumerate(words)}
    shape = Shape(task, labels, 1.0, 0.0, 0.2, {**FIGURES, "labels": labels})
    return to_bytes(Model(shape, places, array("f", words.values()), array("f", [1.0] * len(words))))


def make_model(task: str = WORK, *, labels: int = 200, promoted: bool = True) -> ModelVersion:
    """A version, in force unless said otherwise."""
    version = actions.keep_model(None, tiny(task, labels=labels))
    if promoted:
        actions.promote(None, version)
    return version


def make_rules(*people: Actor, action: str = "flag", state: str = "live") -> None:
    """Work relevance and tone watched under clauses 2.1 and 3.1, accepted by those named."""
    kinds = zip(TASKS, ("2.1", "3.1"), strict=True)
    make_charter(
        **{kind: {"kind": kind, "action": action, "clause": clause, "state": state} for kind, clause in kinds}
    )
    accept(*people)
