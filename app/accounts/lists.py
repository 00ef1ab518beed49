"""Taking over a list of people: looked at first, then all of its good lines or none."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, insert, select, update

from app.accounts import policy
from app.accounts.importing import Known, check_again, read_list
from app.accounts.models import PeopleImport
from app.kernel import audit, clock, store
from app.kernel.action import action, announce
from app.kernel.db import db
from app.kernel.errors import Conflict, NotFound
from app.kernel.ids import new_id
from app.kernel.policy import require
from app.people import actions as people
from app.people.actor import Actor
from app.people.events import PeopleImported, PersonChanged
from app.people.models import EMPLOYEE, Person, Team
from app.people.queries import folded

_FIELDS = ("name", "name_key", "email", "title", "site", "team_id", "manager_id", "locale")


def get_list(actor: Actor, import_id: int) -> PeopleImport:
    """A list that the actor sent, or NotFound."""
    found = db.session.get(PeopleImport, import_id)
    if found is None or found.by_id != actor.id or not policy.can_invite(actor):
        raise NotFound
    return found


@action
def prepare(actor: Actor, content: bytes) -> PeopleImport:
    """Read a list and keep what was read, so that it can be looked at before it counts."""
    require(policy.can_invite(actor))
    read = read_list(content, _known())
    made = PeopleImport(by_id=actor.id, rows=read.rows, problems=[list(one) for one in read.problems])
    db.session.add(made)
    db.session.flush()
    return made


@action
def take_over(actor: Actor, prepared: PeopleImport) -> None:
    """Add who is new and change who is known, all of the good lines or none; once.

    An empty cell changes nothing, and a second time nothing is different. New accounts have no password: who
    they belong to gets in by the identity provider or with a link. Conflict when a line isn't good any more.
    """
    require(policy.can_invite(actor) and prepared.by_id == actor.id)
    mine = update(PeopleImport).where(PeopleImport.id == prepared.id, PeopleImport.applied_at.is_(None))
    if store.changed(mine.values(applied_at=clock.now())) != 1:
        return
    if check_again(prepared.rows, _known()):
        raise Conflict(_("People were changed meanwhile: send the list again to see what has become of it."))
    added, changed = _write(actor, prepared.rows)
    db.session.refresh(prepared)
    audit.record(
        "people.imported",
        actor.id,
        f"import:{prepared.id}",
        added=added,
        changed=changed,
        left_out=len(prepared.problems),
        roles={row["login"]: row["roles"] for row in prepared.rows if row["is_new"] and row["roles"]},
    )


def _write(actor: Actor, rows: list[dict[str, Any]]) -> tuple[int, int]:
    present = {one.login: one for one in db.session.scalars(select(Person)).all()}
    ids = {login: one.id for login, one in present.items()}
    ids |= {row["login"]: new_id() for row in rows if row["login"] not in ids}
    teams = _teams(rows)
    new = [_new(row, ids, teams) for row in rows if row["login"] not in present]
    if new:
        db.session.execute(insert(Person), new)
        _set_managers([(ids[r["login"]], ids.get(r["manager"])) for r in rows if r["login"] not in present])
    changed = _change(rows, present, ids, teams)
    _give_roles(actor, rows, present)
    known = {row["login"] for row in rows} & set(present)
    announce(PeopleImported(person_ids=tuple(one["id"] for one in new) + tuple(changed)))
    for row in rows:
        if row["login"] in known and ids[row["login"]] in changed and "name" in changed[ids[row["login"]]]:
            announce(PersonChanged(person_id=ids[row["login"]]))
    return len(new), len(changed)


def _new(row: dict[str, Any], ids: dict[str, int], teams: dict[str, int]) -> dict[str, Any]:
    return {
        "id": ids[row["login"]],
        "login": row["login"],
        "name": row["name"],
        "name_key": folded(f"{row['name']} {row['login']}")[:160],
        "email": row["email"] or None,
        "title": row["title"],
        "site": row["site"],
        "team_id": teams.get(row["team"].casefold()),
        "roles": row["roles"],
        "locale": row["locale"] or "fr",
        "segment": EMPLOYEE,
        "created_at": clock.now(),
    }


def _set_managers(pairs: list[tuple[int, int | None]]) -> None:
    """Once everybody is there: a list names people in any order."""
    values = [{"id": person_id, "manager_id": above} for person_id, above in pairs if above is not None]
    _update(values)


def _change(
    rows: list[dict[str, Any]], present: dict[str, Person], ids: dict[str, int], teams: dict[str, int]
) -> dict[int, set[str]]:
    """Which people are different now, and in what."""
    changed: dict[int, set[str]] = {}
    values = []
    for row in rows:
        if (one := present.get(row["login"])) is None:
            continue
        wanted = _wanted(row, one, ids, teams)
        different = {name for name in _FIELDS if wanted[name] != getattr(one, name)}
        if different:
            changed[one.id] = different
            values.append({"id": one.id, "version": one.version + 1, **wanted})
    _update(values)
    return changed


def _update(values: list[dict[str, Any]]) -> None:
    """Rows that all say the same columns, at one go; what was loaded of them is read again."""
    if not values:
        return
    table, columns = store.table(Person), [name for name in values[0] if name != "id"]
    one = table.update().where(table.c.id == bindparam("of_id"))
    one = one.values({name: bindparam(f"to_{name}", type_=table.c[name].type) for name in columns})
    given = [{"of_id": row["id"], **{f"to_{name}": row[name] for name in columns}} for row in values]
    db.session.connection().execute(one, given)
    db.session.expire_all()


def _wanted(row: dict[str, Any], one: Person, ids: dict[str, int], teams: dict[str, int]) -> dict[str, Any]:
    name = row["name"]
    return {
        "name": name,
        "name_key": folded(f"{name} {one.login}")[:160],
        "email": row["email"] or one.email,
        "title": row["title"] or one.title,
        "site": row["site"] or one.site,
        "team_id": teams.get(row["team"].casefold(), one.team_id) if row["team"] else one.team_id,
        "manager_id": ids[row["manager"]] if row["manager"] else one.manager_id,
        "locale": row["locale"] or one.locale,
    }


def _give_roles(actor: Actor, rows: list[dict[str, Any]], present: dict[str, Person]) -> None:
    """One by one, so that each is in the log, and somebody always runs the place."""
    for row in rows:
        one = present.get(row["login"])
        if one is not None and row["roles"] and sorted(row["roles"]) != sorted(one.roles):
            people.set_roles(actor, one, row["roles"])


def _teams(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Teams by name whatever the case; those that aren't there yet are made."""
    known = {name.casefold(): number for name, number in db.session.execute(select(Team.name, Team.id)).all()}
    missing = {row["team"].casefold(): row["team"] for row in rows if row["team"]}
    made = [
        {"id": new_id(), "name": name, "created_at": clock.now()}
        for key, name in missing.items()
        if key not in known
    ]
    if made:
        db.session.execute(insert(Team), made)
    return known | {str(one["name"]).casefold(): int(str(one["id"])) for one in made}


def _known() -> Known:
    rows = db.session.execute(
        select(Person.id, Person.login, Person.email, Person.segment, Person.manager_id)
    ).all()
    logins = {row.id: row.login for row in rows}
    return Known(
        segments={row.login: row.segment for row in rows},
        managers={row.login: logins[row.manager_id] for row in rows if row.manager_id},
        emails={row.email: row.login for row in rows if row.email},
    )
