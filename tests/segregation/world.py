"""Who looks, and what happens behind their back: each act names those who may not notice it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.auth import actions as auth
from app.charter import actions as charter
from app.charter.queries import version_in_force
from app.files import actions as files
from app.kernel import clock
from app.kernel.db import db
from app.moderation import actions as moderation
from app.moderation.models import ReviewItem
from app.people import actions as people
from app.posts import actions as posts
from app.posts.inputs import Written
from app.posts.models import Entry
from app.spaces import actions as spaces
from app.spaces.models import Space
from tests.edges import world
from tests.edges.world import MIXED
from tests.make import (
    PASSWORD,
    accept,
    actor,
    make_comment,
    make_organisation,
    make_person,
    make_post,
    make_space,
    person_of,
)

# In every name and every text that is planted; the viewers search and complete it.
SIGN, LOGIN = "Zyxwort", "zyx"
PARTNERS = frozenset({"cli", "cli2", "sup"})
STAFF = frozenset({"bo", "eve", "hurt", "gone", "mod"})
NOBODY = frozenset({"left", "anonymous"})
OUTSIDE = NOBODY | PARTNERS
ALL = OUTSIDE | STAFF
NOT_REVIEWING = ALL - {"mod"}


@dataclass(frozen=True)
class Planted:
    """An act, who must not notice it, and the objects it leaves: name in an address → number."""

    name: str
    hidden_from: frozenset[str]
    act: Callable[[SimpleNamespace], dict[str, Any] | None]


def make_viewers() -> SimpleNamespace:
    """The company of the edges, with a second client, somebody suspended, and two who went."""
    c = world.make_company()
    c.other_firm = make_organisation("Crane", "client")
    c.cli2 = make_person("cli2", segment="client", organisation_id=c.other_firm.id)
    for name in ("hurt", "gone", "left", "teller"):
        setattr(c, name, make_person(name))
    accept(c.cli2, c.hurt, c.gone, c.left)
    c.client2 = make_space(
        c.ana, c.cli2, name="With Crane", kind="client", organisation_id=c.other_firm.id, visibility="closed"
    )
    c.client_post = make_post(c.ana, c.client, "For Acme")
    c.supplier_post = make_post(c.bo, c.supplier, "For Bolt")
    c.client2_post = make_post(c.ana, c.client2, "For Crane")
    for where in (c.secret, c.supplier):
        spaces.add_member(None, where, person_of(c.gone))
        spaces.remove_member(c.ana if where is c.secret else c.bo, where, person_of(c.gone))
    until = clock.now() + timedelta(days=30)
    people.restrict(c.hurt.id, {("account", 0): until}, suspended_until=until)
    people.deactivate(c.root, person_of(c.left))
    c.hurt = actor(c.hurt.id)
    return c


def again(entry: Entry) -> Entry:
    """As it is stored now, with the space it is in."""
    return db.session.scalars(
        select(Entry)
        .where(Entry.id == entry.id)
        .options(joinedload(Entry.space))
        .execution_options(populate_existing=True)
    ).one()


def _afresh(c: SimpleNamespace) -> SimpleNamespace:
    """The same company, its spaces read again."""
    spaces_ = {
        name: db.session.get_one(Space, one.id) for name, one in vars(c).items() if isinstance(one, Space)
    }
    return SimpleNamespace(**{**vars(c), **spaces_})


def _secret_post(c: SimpleNamespace) -> dict[str, Any]:
    kept = files.upload(c.ana, io.BytesIO(SIGN.encode()), f"{SIGN}.txt")
    text = f"{SIGN} told to @bo #{LOGIN}tag"
    post = make_post(c.ana, c.secret, text, attachments=[kept.id])
    comment = make_comment(c.bo, again(post), f"{SIGN} yes")
    posts.react(c.bo, again(post), "like", on=True)
    return {"post_id": post.id, "comment_id": comment.id, "file_id": kept.id}


def _new_secret_space(c: SimpleNamespace) -> dict[str, Any]:
    space = make_space(c.ana, c.root, name=f"{SIGN} plans", visibility="secret")
    return {"space_id": space.id, "post_id": make_post(c.ana, space, f"{SIGN} first").id}


def _rename_secret(c: SimpleNamespace) -> None:
    spaces.change_space(
        c.ana, c.secret, name=f"{SIGN} renamed", about=SIGN, visibility="secret", joins_freely=False
    )


def _held_post(c: SimpleNamespace) -> dict[str, Any]:
    kept = files.upload(c.ana, io.BytesIO(SIGN.encode()), f"{SIGN}.txt")
    post = make_post(c.ana, c.open, f"{MIXED} {SIGN} #{LOGIN}held @bo @eve", attachments=[kept.id])
    return {"post_id": post.id, "file_id": kept.id}


def _held_comment(c: SimpleNamespace) -> dict[str, Any]:
    return {"comment_id": make_comment(c.ana, again(c.post), f"{MIXED} {SIGN}").id}


def _held_comment_among_clients(c: SimpleNamespace) -> dict[str, Any]:
    return {"comment_id": make_comment(c.ana, again(c.client_post), f"{MIXED} {SIGN}").id}


def _waiting_edit(c: SimpleNamespace) -> None:
    posts.edit(c.ana, again(c.post), Written(body=f"{MIXED} {SIGN} #{LOGIN}edit"))


def _draft(c: SimpleNamespace) -> None:
    posts.save_draft(c.ana, "post", {"body": SIGN})
    posts.save_draft(c.ana, f"comment:{c.post.id}", {"body": SIGN})


def _report(c: SimpleNamespace) -> dict[str, Any]:
    found = moderation.report(c.teller, again(c.post), clause="4.1", comment=SIGN)
    return {"report_id": found.id, "item_id": found.item_id}


def _claim(c: SimpleNamespace) -> None:
    moderation.claim(c.other_mod, db.session.get_one(ReviewItem, c.item.id))


def _new_employee(c: SimpleNamespace) -> dict[str, Any]:
    team = people.add_team(None, name=f"{SIGN} team")
    person = make_person(
        f"{LOGIN}-new", name=f"{SIGN} New", manager_id=c.ana.id, team_id=team.id, site=f"{SIGN} site"
    )
    return {"person_id": person.id}


def _new_supplier_person(c: SimpleNamespace) -> dict[str, Any]:
    person = make_person(f"{LOGIN}-sup", name=f"{SIGN} Sup", segment="supplier", organisation_id=c.bolt.id)
    return {"person_id": person.id}


def _second_client_person(c: SimpleNamespace) -> dict[str, Any]:
    """Of the same organisation, but in none of the viewer's spaces."""
    person = make_person(f"{LOGIN}-cli", name=f"{SIGN} Cli", segment="client", organisation_id=c.acme.id)
    return {"person_id": person.id}


def _new_organisation(_c: SimpleNamespace) -> dict[str, Any]:
    return {"organisation_id": make_organisation(f"{SIGN} Works", "supplier").id}


def _among_suppliers(c: SimpleNamespace) -> dict[str, Any]:
    post = make_post(c.sup, c.supplier, f"{SIGN} from us #{LOGIN}parts @ana @cli")
    comment = make_comment(c.bo, again(post), f"{SIGN} thanks")
    posts.react(c.bo, again(post), "like", on=True)
    posts.pin(c.bo, again(post), on=True)
    return {"post_id": post.id, "comment_id": comment.id}


def _among_staff(c: SimpleNamespace) -> dict[str, Any]:
    post = make_post(c.ana, c.open, f"{SIGN} for us #{LOGIN}staff @cli @sup @bo")
    comment = make_comment(c.bo, again(post), f"{SIGN} thanks @cli")
    posts.react(c.eve, again(c.post), "like", on=True)
    posts.react(c.bo, again(comment), "like", on=True)
    space = make_space(c.ana, name=f"{SIGN} hall")
    return {"post_id": post.id, "comment_id": comment.id, "space_id": space.id}


def _more_members(c: SimpleNamespace) -> None:
    spaces.add_member(None, c.secret, person_of(c.root))


def _asked_in(c: SimpleNamespace) -> None:
    spaces.join(make_person(f"{LOGIN}-asks", name=f"{SIGN} Asks"), c.client)


def _own_marks(c: SimpleNamespace) -> None:
    posts.bookmark(c.ana, again(c.post), on=True)
    posts.follow(c.ana, again(c.post), on=True)
    posts.bookmark(c.ana, again(c.client_post), on=True)


def _own_account(c: SimpleNamespace) -> None:
    auth.make_token(c.ana, c.ana.id, name=SIGN)
    auth.open_session(c.ana, login="ana", address="127.0.0.1", device=SIGN)
    auth.set_password(None, person_of(c.ana), f"{PASSWORD} again")


def _acceptance(c: SimpleNamespace) -> None:
    version = version_in_force()
    assert version is not None
    charter.accept(c.other_mod, version, locale="fr")


def _loose_file(c: SimpleNamespace) -> dict[str, Any]:
    return {"file_id": files.upload(c.ana, io.BytesIO(SIGN.encode()), f"{SIGN}-loose.txt").id}


PLANTS = (
    Planted("a post in a secret space", ALL - {"bo"}, _secret_post),
    Planted("a new secret space", ALL, _new_secret_space),
    Planted("a secret space under another name", ALL - {"bo", "mod"}, _rename_secret),
    Planted("a member more in a secret space", ALL - {"bo"}, _more_members),
    Planted("a post that waits", NOT_REVIEWING, _held_post),
    Planted("a comment that waits", NOT_REVIEWING, _held_comment),
    Planted("a comment that waits among clients", NOT_REVIEWING, _held_comment_among_clients),
    Planted("an edit that waits", NOT_REVIEWING, _waiting_edit),
    Planted("a report", OUTSIDE | {"bo", "hurt", "gone"}, _report),
    Planted("a claim", NOT_REVIEWING, _claim),
    Planted("an employee", OUTSIDE, _new_employee),
    Planted("a supplier's person", NOBODY | {"cli", "cli2"}, _new_supplier_person),
    Planted("a client's person in no space", OUTSIDE, _second_client_person),
    Planted("an organisation", OUTSIDE, _new_organisation),
    Planted("talk among suppliers", ALL - {"bo", "sup"}, _among_suppliers),
    Planted("talk among staff", OUTSIDE, _among_staff),
    Planted("somebody who asks to join", OUTSIDE, _asked_in),
    Planted("somebody's marks", ALL, _own_marks),
    Planted("somebody's account", ALL, _own_account),
    Planted("somebody's acceptance", ALL, _acceptance),
    Planted("a file in no post", ALL, _loose_file),
    Planted("a draft", ALL, _draft),
)


def plant(c: SimpleNamespace, viewer: str) -> dict[str, list[Any]]:
    """All that this viewer must not notice, done; what it left, by its name in addresses."""
    left: dict[str, list[Any]] = {}
    for one in planted_for(viewer):
        for name, number in (one.act(_afresh(c)) or {}).items():
            left.setdefault(name, []).append(number)
    left["entry_id"] = [*left.get("post_id", []), *left.get("comment_id", [])]
    return left


def planted_for(viewer: str) -> Iterable[Planted]:
    """What this viewer must not notice."""
    return [one for one in PLANTS if viewer in one.hidden_from]
