"""A company that is about to change its charter.

python -m tests.journeys.charter_company     as tests.journeys.company
"""

from __future__ import annotations

import json
import sys

from flask_migrate import upgrade

from app import create_app
from app.charter.document import actions
from app.kernel.db import db
from tests import make

SIGNATORIES = {"ines": ("Inès Tanguy", "it"), "colin": ("Colin Maurel", "communication"),
               "lea": ("Léa Garnier", "legal")}  # fmt: skip


def main() -> None:
    app = create_app()
    with app.app_context():
        upgrade()
        fill()
        db.session.remove()
    json.dump({"ids": {}, "rules": []}, sys.stdout)


def fill() -> None:
    """An owner, a representative, three who sign, somebody who accepted and somebody who has not."""
    make.make_charter()
    make.make_person("claire", name="Claire Morel", password=True, roles=["charter_owner"])
    make.make_person("rachid", name="Rachid Benali", password=True, roles=["staff_representative"])
    for login, (name, function) in SIGNATORIES.items():
        who = make.make_person(login, name=name, password=True)
        actions.appoint(None, make.person_of(who), function)
    ana = make.make_person("ana", name="Ana Duval", password=True)
    make.make_person("noe", name="Noé Wang", password=True)
    make.accept(ana)
    make.make_space(ana, name="Production")


if __name__ == "__main__":
    main()
