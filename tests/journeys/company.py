"""The small company of the journeys: made once, by the product's own actions, before the server starts.

python -m tests.journeys.company     migrates the database of the PARVIS_ environment, fills it, says its ids in JSON
"""

from __future__ import annotations

import io
import json
import sys
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_migrate import upgrade
from sqlalchemy import insert, select

from app import create_app
from app.accounts import actions as accounts
from app.accounts import lists, stays
from app.accounts.queries import today
from app.accounts.terms import NewInvitation
from app.auth import actions as auth
from app.charter import actions as charter
from app.charter.document import actions as document
from app.charter.document import drafting, queries
from app.charter.document.payload import mark_of_clause
from app.charter.learning import actions as learning
from app.charter.queries import version_in_force
from app.charter.rulebook import actions as rulebook
from app.charter.rulebook.content import Content, Examples
from app.charter.watch import actions as watch
from app.charter.watch.inputs import Watched
from app.files import actions as files
from app.kernel import clock
from app.kernel.action import action
from app.kernel.db import db
from app.kernel.ids import new_id
from app.moderation import actions as moderation
from app.moderation import appeals, desk, measures
from app.moderation.health.period import containing
from app.moderation.models import Decision, ReviewItem
from app.moderation.queries import get_item
from app.organisations import actions as organisations
from app.playbooks import actions as playbooks
from app.playbooks import editing, shipping
from app.playbooks import queries as playbook_queries
from app.playbooks.models import Playbook
from app.posts import actions as posts
from app.posts.inputs import Written
from app.trials import actions as trials
from app.trials import queries as trial_queries
from tests import make

INSULT = {"terms": ["connard"], "inflect": "fr: s,e,es; en: s,es"}


def main() -> None:
    app = create_app()
    with app.app_context():
        upgrade()
        ids = fill()
        db.session.remove()
    rules = [[sorted(rule.methods), rule.rule, rule.endpoint] for rule in app.url_map.iter_rules()]
    json.dump({"ids": ids, "rules": rules}, sys.stdout)


def fill() -> dict[str, Any]:
    """People, spaces, charter and a few entries of every sort; what the journeys need to find again, by name."""
    make.make_mixing_rule()
    charter.save_rule(None, "lex.insult", kind="phrases", action="hold", clause="3.1", params=INSULT)
    charter.save_rule(
        None, "lex.secret", kind="phrases", action="block", clause="2.2", params={"terms": ["ultrasecret"]}
    )
    charter.save_rule(None, "pii.email", kind="email", action="nudge", clause="2.1", params={})
    client, supplier = (
        make.make_organisation("Boréalis", "client"),
        make.make_organisation("Boulonex", "supplier"),
    )
    who = _people(client.id, supplier.id)
    make.accept(*(person for login, person in who.items() if login != "new"))
    spaces = _spaces(who, client.id, supplier.id)
    _prepare_a_version(who["adm"])
    return {
        **{login: person.id for login, person in who.items()},
        **{name: space.id for name, space in spaces.items()},
        "organisation": client.id,
        **_entries(who, spaces),
        **_playbooks(who, spaces),
        **_rules(who, spaces),
        **_comings(who, spaces, client.id),
    }


def _comings(who: dict[str, Any], spaces: dict[str, Any], client_id: int) -> dict[str, Any]:
    """A partner with an end, one who waits, one who was invited, a link for a password and a list of people."""
    stays.extend(who["adm"], make.person_of(who["cli"]), today() + timedelta(days=20))
    asked = {
        "login": "lou", "name": "Lou Dehors", "segment": "client", "organisation": str(client_id), "sponsor": "ana",
        "spaces": [str(spaces["client"].id)], "ends_on": (today() + timedelta(days=9)).isoformat(), "approval": "1",
    }  # fmt: skip
    _made, waits = accounts.invite(who["adm"], NewInvitation.parse(asked))
    accounts.accept(waits, password=make.PASSWORD, locale="fr", address="127.0.0.1")
    _made, invited = accounts.invite(
        who["adm"], NewInvitation.parse({**asked, "login": "eli", "name": "Éli Hors"})
    )
    listed = lists.prepare(who["adm"], b"login;name;team\nyve;Yve Roy;Atelier\nbad login;Nul;\n")
    return {
        "invited": invited,
        "reset": auth.make_reset_link(who["adm"], make.person_of(who["bo"])),
        "people": listed.id,
    }


def _rules(who: dict[str, Any], spaces: dict[str, Any]) -> dict[str, int]:
    """A rule that was tried, a list that waits to be taken over, a text that became two."""
    version = rulebook.propose(
        who["adm"], "lex.tried",
        Content("phrases", "hold", "3.1", {"terms": ["bonjour"], "inflect": ["fr"]}, {"objects": ["post"]}),
        Examples(("Merci",), ("Bonjour à tous",)), note="Pour voir",
    )  # fmt: skip
    trial = trials.ask(who["adm"], version, months=1)
    while trials.advance(trial):
        pass
    hit = trial_queries.get_hit(trial, 0)
    trials.open_excerpt(who["adm"], hit)
    trials.label(who["adm"], hit, "right")
    for place, body in (
        ("split-1", "Boréalis est content."),
        ("split-2", "Boulonex et Boréalis sont en retard."),
    ):
        posts.save_draft(who["ana"], place, {"body": body, "space_id": str(spaces["open"].id)})
    listed = organisations.prepare_import(who["adm"], b"name;roles\nZinco;supplier\nRien;ami\n")
    return {"backtest": trial.id, "import": listed.id}


def _prepare_a_version(owner: Any) -> None:
    """A draft that somebody commented on, with a question that is there to learn only."""
    draft = drafting.start_draft(owner)
    for version in (version_in_force(), draft):
        asked = learning.Asked("Qui lit la charte ?", "Who reads the charter?", ["Tous", "Nul"], ["All", "None"], 0,
                               "Chacun la lit.", "Everybody reads it.", "1.1")  # fmt: skip
        learning.save_question(None, version, asked)
    clause = queries.tree(draft.id).clauses[0]
    drafting.edit_clause(owner, draft, clause.key, mark_of_clause(clause), text_fr="Un texte tout neuf")
    drafting.add_clause(
        owner, draft, queries.tree(draft.id).articles[0].key, title_fr="Neuve", title_en="New"
    )
    thread = document.remark(owner, draft, body="Est-ce assez clair ?", clause_key=clause.key)
    document.remark(owner, draft, body="Je le crois.", parent_id=thread.id)
    document.appoint(None, make.person_of(owner), "legal")


def _people(client_id: int, supplier_id: int) -> dict[str, Any]:
    def person(login: str, name: str, **more: Any) -> Any:
        return make.make_person(login, name=name, password=True, **more)

    return {
        "ana": person("ana", "Ana Duval", title="Chef de projet"),
        "bo": person("bo", "Bo Martin", locale="en"),
        "mo": person("mo", "Mo Dérat", roles=["moderator"]),
        "max": person("max", "Max Durand", roles=["moderator"], locale="en"),
        "sen": person("sen", "Senna Roy", roles=["senior_moderator"]),
        "zoe": person("zoe", "Zoe Blunt", roles=["senior_moderator"], locale="en"),
        "adm": person("adm", "Ada Mindel", roles=["admin"]),
        "new": person("new", "Noé Wang"),
        "gone": person("gone", "Guy Onfray"),
        "cli": person("cli", "Clio Ent", segment="client", organisation_id=client_id),
        "sup": person("sup", "Sam Up", segment="supplier", organisation_id=supplier_id),
    }


def _spaces(who: dict[str, Any], client_id: int, supplier_id: int) -> dict[str, Any]:
    staff = [who[login] for login in ("ana", "bo", "mo", "max", "gone", "new")]
    ana, bo, cli, sup = who["ana"], who["bo"], who["cli"], who["sup"]
    closed = {"visibility": "closed"}
    return {
        "open": make.make_space(*staff, name="Production", about="Tout sur la **production**"),
        "closed": make.make_space(ana, bo, name="Direction", **closed),
        "social": make.make_space(bo, ana, name="Randonnée", kind="social"),
        "client": make.make_space(
            ana, cli, name="Projet Boréalis", kind="client", organisation_id=client_id, **closed
        ),
        "supplier": make.make_space(
            ana, sup, name="Achats", kind="supplier", organisation_id=supplier_id, **closed
        ),
    }


def _entries(who: dict[str, Any], spaces: dict[str, Any]) -> dict[str, int]:
    ana, bo, mo, space = who["ana"], who["bo"], who["mo"], spaces["open"]
    for number in range(24):
        title = f"Titre {number}" if number % 3 == 0 else ""
        make.make_post(
            ana if number % 2 else bo,
            space,
            f"Bonjour **{number}** #qualité @bo\n\n- un\n- deux",
            title=title,
        )
    announcement = make.make_post(who["ana"], spaces["client"], "Le site ferme vendredi", type="announcement")
    picture = files.upload(ana, io.BytesIO(png()), "atelier.png")
    post = make.make_post(ana, space, "Voici l’atelier", title="Atelier", attachments=[picture.id])
    comment = make.make_comment(bo, post, "Merci à tous")
    answer = posts.comment(ana, post, Written(body="Avec plaisir", parent_id=comment.id))
    posts.edit(
        ana,
        post,
        Written(body="Voici l’atelier **neuf**", title="Atelier", attachments=[picture.id]),
    )
    make.make_post(ana, spaces["client"], "Bienvenue chez nous")
    make.make_post(bo, spaces["closed"], "Entre nous")
    held = make.make_post(bo, space, "Boulonex livre Boréalis jeudi, dites-le à tous")
    reported = make.make_post(bo, space, "Un avis tranché")
    report = moderation.report(ana, reported, clause="3.1", comment="À relire")
    found = _item_of(held.id)
    decided = make.make_post(bo, space, "Quel connard de bruit")
    ruled = _item_of(decided.id)
    moderation.claim(mo, get_item(mo, ruled))
    item = get_item(mo, ruled)
    ruling = moderation.decide(
        mo, item, outcome="reject", clause="3.1", reason="Restons polis.", version=item.version
    )
    appeal = _appeal(who, space)
    watched = Watched("Zéphyr", ("projet Zéphyr", "Mistral"), ("fr",), ("charter_owner",), None, None)
    watch.keep(who["sen"], watched)
    quarter = _some_months_ago(ruling, 30)
    return {
        "quarter": quarter,
        "ruling": ruling.id, "appeal": appeal.id, "appealed": appeal.item_id, "reply": _reply(who["sen"]),
        "post": post.id, "comment": comment.id, "answer": answer.id, "held": held.id, "rejected": decided.id,
        "item": found, "decided": ruled, "report": report.id, "file": picture.id,
        "announcement": announcement.id,
    }  # fmt: skip


def _appeal(who: dict[str, Any], space: Any) -> Any:
    """Something that was removed, with a measure, and that its author appeals; a note lies beside it."""
    mo, bo = who["mo"], who["bo"]
    post = make.make_post(bo, space, "Un autre avis tranché")
    moderation.report(who["ana"], post, clause="3.1", comment="Encore")
    item = get_item(mo, _item_of(post.id))
    made = moderation.decide(
        mo, item, outcome="remove", clause="3.1", reason="Parlons du sujet.", version=item.version
    )
    measures.impose(mo, made, step="reminder", reason="Pour souffler un peu.")
    desk.note(mo, item, body="Vu avec l’équipe.")
    return appeals.lodge(bo, made, text="Je parlais du bruit, pas de quelqu’un.")


def _some_months_ago(ruling: Any, number: int) -> str:
    """So many decisions of the quarter before this one, written as rows; the quarter."""
    zone = ZoneInfo("Europe/Paris")
    quarter = containing(clock.now(), zone).before()
    begin = quarter.period(zone).begin + timedelta(days=10)
    same = lambda row, **new: {c.key: getattr(row, c.key) for c in row.__mapper__.column_attrs} | new  # noqa: E731

    @action
    def write() -> None:
        item = db.session.get_one(ReviewItem, ruling.item_id)
        for wait in range(1, number + 1):
            at, key = begin + timedelta(hours=wait), new_id()
            was = same(item, id=key, created_at=begin, closed_at=at, deadline=begin + timedelta(hours=20))
            was = {name: value for name, value in was.items() if name not in {"pace", "since"}}
            db.session.execute(insert(ReviewItem).values(was))
            clause = "3.1" if wait % 3 else "4.2"
            made = same(ruling, id=new_id(), item_id=key, created_at=at, clause=clause)
            db.session.execute(insert(Decision).values(made))

    write()
    return str(quarter)


def _playbooks(who: dict[str, Any], spaces: dict[str, Any]) -> dict[str, int]:
    """A case about a leak with a step done, one left out and one overdue; one that only bo may know of."""
    shipping.install()
    plans = {one.key: one for one in db.session.scalars(select(Playbook))}
    editing.entrust(who["adm"], plans["whistleblowing"], "bo")
    case = playbooks.start(who["mo"], plans["personal-data"], why="Un fichier de paie dans un espace ouvert.")
    assert case is not None
    steps = playbook_queries.steps_of(case.id)
    playbooks.finish(who["mo"], case, steps[0], note="Message retiré à 9 h 12.")
    playbooks.skip(who["adm"], case, steps[3], why="Rien à réunir de plus.")
    playbooks.escalate_overdue(clock.now() + timedelta(hours=5))
    playbooks.start(who["mo"], plans["whistleblowing"], why="Une facture étrange.")
    sealed = playbook_queries.cases(who["bo"], is_open=True).items[0]
    return {"case": case.id, "sealed": sealed.id, "playbook": plans["harassment"].id}


def _reply(senior: Any) -> int:
    words = {"fr": "Ton", "en": "Tone"}
    text = {"fr": "Parlez du sujet, pas de la personne.", "en": "Speak of the matter, not of the person."}
    return desk.save_reply(senior, None, about="standing", label=words, text=text).id


def _item_of(entry_id: int) -> int:

    return db.session.scalars(select(ReviewItem.id).where(ReviewItem.entry_id == entry_id)).one()


def png() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (1200, 800), (40, 90, 110)).save(out, "PNG")
    return out.getvalue()


if __name__ == "__main__":
    main()
