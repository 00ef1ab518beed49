"""The company of the deployment tests, written to the database of the environment; prints its ids as JSON."""

from __future__ import annotations

import json
from typing import Any

from flask_migrate import upgrade

from app import create_app
from app.auth import actions as auth
from app.kernel import keys
from app.kernel.db import db
from tests import make

READERS, MODERATORS = 30, 6
MIXED = "Acme rencontre Boulonex lundi"


def main() -> None:
    app = create_app()
    with app.app_context():
        upgrade()
        told = _company()
        db.session.remove()
    print(json.dumps(told))


def _company() -> dict[str, Any]:
    make.make_organisation("Acme", "client")
    make.make_organisation("Boulonex", "supplier")
    make.make_mixing_rule()
    who = {login: make.make_person(login) for login in ("ana", "bo", "cy", "gone")}
    who["root"] = make.make_person("root", roles=["admin"])
    who |= {f"mo{n}": make.make_person(f"mo{n}", roles=["moderator"]) for n in range(MODERATORS)}
    who |= {f"r{n}": make.make_person(f"r{n}") for n in range(READERS)}
    make.accept(*who.values())
    spaces = {
        "open": make.make_space(who["ana"], name="Production"),
        "closed": make.make_space(who["ana"], who["bo"], name="Direction", visibility="closed"),
    }
    return {
        "ids": {login: actor.id for login, actor in who.items()},
        "tokens": {login: auth.make_token(None, actor.id, name="test") for login, actor in who.items()},
        "sessions": {login: _session(who[login]) for login in ("bo", "gone")},
        "spaces": {name: space.id for name, space in spaces.items()},
    }


def _session(who: Any) -> str:
    secret = auth.open_session(who, login=who.login, address="127.0.0.10", device="test")
    return f"{secret}.{keys.mac('session', secret)}"


if __name__ == "__main__":
    main()
