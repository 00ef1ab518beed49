"""A company in which somebody gave a project's secret name away, again and again.

python -m tests.journeys.rule_company     as tests.journeys.company
"""

from __future__ import annotations

import json
import sys

from flask_migrate import upgrade

from app import create_app
from app.charter import actions as charter
from app.charter.learning import actions as learning
from app.charter.queries import version_in_force
from app.kernel.db import db
from tests import make

SAID = ("Le projet Orphée avance", "Orphée : la maquette est prête", "Qui suit Orphée ?")
FREE = ("Le projet avance", "La maquette est prête", "Qui suit le chantier ?")


def main() -> None:
    app = create_app()
    with app.app_context():
        upgrade()
        fill()
        db.session.remove()
    json.dump({"ids": {}, "rules": []}, sys.stdout)


def fill() -> None:
    """Two owners, a moderator, two who write, one who has everything to learn; and what was said so far."""
    make.make_mixing_rule()
    charter.save_rule(None, "pii.email", kind="email", action="nudge", clause="2.1", params={})
    person = _person
    owners = [
        person("claire", "Claire Morel", roles=["charter_owner"]),
        person("odile", "Odile Pons", roles=["charter_owner"]),
    ]
    person("rachid", "Rachid Benali", roles=["staff_representative"])
    mo, ana, bo = (
        person("mo", "Mo Dérat", roles=["moderator"]),
        person("ana", "Ana Duval"),
        person("bo", "Bo Martin"),
    )
    noe = person("noe", "Noé Wang")
    make.make_organisation("Boréalis", "client")
    make.make_organisation("Boulonex", "supplier")
    make.accept(*owners, mo, ana, bo)
    space = make.make_space(ana, bo, mo, noe, name="Production")
    for number in range(8):
        for said in (*SAID, *FREE):
            make.make_post(ana if number % 2 else bo, space, f"{said} ({number})")
    _ask_newcomers()


def _ask_newcomers() -> None:
    """One question that whoever accepts the charter from now on has answered."""
    version = version_in_force()
    asked = learning.Asked("Qui lit la charte ?", "Who reads the charter?", ["Personne", "Tous"], ["Nobody", "All"], 1,
                           "Chacun la lit.", "Everybody reads it.", "1.1")  # fmt: skip
    learning.save_question(None, version, asked)
    learning.require_quiz(None, version, required=True)


def _person(login: str, name: str, **more: object) -> make.Actor:
    return make.make_person(login, name=name, password=True, **more)


if __name__ == "__main__":
    main()
