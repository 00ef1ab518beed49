"""The charter in the demo: three versions, their rules and questions, and who accepted which when.

The first is written, consulted on, signed by three and announced; the second says one sentence more, about
faces in pictures, and a few people have not accepted it yet; the third is being written and discussed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from app.charter import actions as charter
from app.charter.document import actions as office
from app.charter.document import drafting
from app.charter.document import queries as document_queries
from app.charter.document.payload import mark_of_clause, mark_of_head
from app.charter.learning import actions as learning
from app.charter.models import CharterVersion
from app.charter.queries import forget, version_in_force
from app.demo.calendar import PARIS, after
from app.demo.chance import chance
from app.demo.company import Charter, Company, Rule
from app.demo.reading import english, french, load
from app.demo.rulebook import SIGNATORIES
from app.kernel import clock
from app.people.actor import Actor
from app.people.queries import get_person

SECOND = timedelta(days=8)
ADDED = {"3.3": ("Aucune reconnaissance faciale n’est utilisée. ", "No face recognition is used. ")}
COMING = {
    "text_fr": " Les jours de télétravail, les mêmes heures valent pour tous.",
    "text_en": " On days of remote work the same hours hold for everybody.",
}
REMARK = (
    "Peut-on dire aussi que personne n’a à répondre pendant ses congés ? C’est la première question que l’on "
    "me pose à l’atelier."
)
ANSWER = "Bonne idée. Nous ajoutons une phrase et nous en reparlons lundi."
WRITER, REPRESENTATIVE = "camille.fontaine", "alain.brunet"
NOTICE, GRACE, LATE = 3, 3, 3
Act = tuple[datetime, Callable[[], object]]
Actors = Mapping[str, Actor]


def versions(firm: Company, actors: Actors) -> Iterator[Act]:
    """Each version from its draft to its day; the rules with the first."""
    first, second = firm.charter.in_force_since, second_at(firm)
    yield first - timedelta(days=20), partial(_appoint, actors)
    yield from _prepared(actors, first, _without(document(firm.charter)), quiz=False)
    yield first, partial(enter_rules, firm.rules)
    yield from _prepared(actors, second, document(firm.charter), quiz=True)
    yield firm.now - timedelta(days=3), partial(_begin_third, actors)
    yield firm.now - timedelta(days=2), partial(_remark, actors)
    yield firm.now - timedelta(days=1), partial(_answer, actors)


def _prepared(actors: Actors, day: datetime, told: dict[str, Any], *, quiz: bool) -> Iterator[Act]:
    """The twelve days before a version takes effect."""
    yield day - timedelta(days=12), partial(_write, actors, told, quiz)
    yield day - timedelta(days=10), partial(_check_off, actors)
    for place, (login, _function) in enumerate(SIGNATORIES):
        yield day - timedelta(days=8 - place), partial(_sign, actors[login])
    yield day - timedelta(days=5), partial(_announce, actors, day.astimezone(PARIS).date())
    yield day, _put_into_force


def second_at(firm: Company) -> datetime:
    """The morning on which the second version took effect."""
    return (firm.now - SECOND).replace(hour=5, minute=30, second=0, microsecond=0)


def acceptances(firm: Company, actors: dict[str, Actor], spoken: dict[str, list[datetime]]) -> Iterator[Act]:
    """Everybody accepts before they first write; three have nothing to write yet, and have not."""
    for start, but in ((firm.charter.in_force_since, ()), (second_at(firm), _late(firm, spoken))):
        for login, actor in actors.items():
            if login not in but:
                yield _moment(firm, start, login, spoken[login]), partial(_accept, actor)


def _moment(firm: Company, start: datetime, login: str, spoken: list[datetime]) -> datetime:
    """Some working moment after the start, but before this person's next word."""
    wanted = after(start, 900, firm.now, chance(firm.seed, "accepted", login, start))
    word = min((at for at in spoken if at > start), default=wanted)
    return wanted if wanted < word else start + (word - start) / 2


def _late(firm: Company, spoken: dict[str, list[datetime]]) -> Sequence[str]:
    silent = [p.login for p in firm.people if not p.roles and max(spoken[p.login]) < second_at(firm)]
    return chance(firm.seed, "late").sample(silent, min(LATE, len(silent)))


def _accept(actor: Actor) -> None:
    version = version_in_force()
    if version is not None:
        charter.accept(actor, version, locale=actor.locale)


def _appoint(actors: Actors) -> None:
    for login, function in SIGNATORIES:
        office.appoint(None, get_person(actors[login].id), function)


def _write(actors: Actors, told: dict[str, Any], quiz: bool) -> None:
    writer = actors[WRITER]
    draft = drafting.start_draft(writer)
    drafting.write_whole(writer, draft, told)
    seen = mark_of_head(document_queries.tree(draft.id))
    drafting.edit_head(writer, draft, seen, notice_days=NOTICE, grace_days=GRACE)
    if quiz:
        enter_questions(draft)


def _check_off(actors: Actors) -> None:
    day = document_queries.today()
    drafting.fill_checklist(actors[WRITER], _on_its_way(actors), consulted_on=day, informed_on=day)


def _sign(signatory: Actor) -> None:
    draft = document_queries.in_preparation(signatory)
    if draft is not None:
        office.sign(signatory, draft, text_hash=draft.text_hash)


def _announce(actors: Actors, day: date) -> None:
    draft = _on_its_way(actors)
    office.schedule(actors[WRITER], draft, effective_on=day, text_hash=draft.text_hash)


def _put_into_force() -> None:
    for version_id in document_queries.due():
        office.take_effect(version_id)
    forget()


def _begin_third(actors: Actors) -> None:
    writer = actors[WRITER]
    draft = drafting.start_draft(writer)
    clause = next(c for c in document_queries.tree(draft.id).clauses if c.number == "6.1")
    words = {name: getattr(clause, name) + added for name, added in COMING.items()}
    drafting.edit_clause(writer, draft, clause.key, mark_of_clause(clause), **words)


def _remark(actors: Actors) -> None:
    who = actors[REPRESENTATIVE]
    office.remark(who, _on_its_way(actors), body=REMARK, clause_key="6.1")


def _answer(actors: Actors) -> None:
    draft, who = _on_its_way(actors), actors[WRITER]
    (thread,) = document_queries.remarks(who, draft)["6.1"]
    office.remark(who, draft, body=ANSWER, parent_id=thread.remark.id)


def _on_its_way(actors: Actors) -> CharterVersion:
    found = document_queries.in_preparation(actors[WRITER])
    if found is None:
        raise LookupError("no version is being prepared")
    return found


def enter_questions(version: CharterVersion) -> None:
    """Five questions to learn from; they stand before nobody's acceptance."""
    learning.require_quiz(None, version, required=False)
    for asked in load("quiz.json"):
        words = {"text_fr": french(asked["fr"]), "text_en": english(asked["en"])}
        learning.save_question(
            None,
            version,
            learning.Asked(
                **words,
                answers_fr=[french(one) for one in asked["answers_fr"]],
                answers_en=[english(one) for one in asked["answers_en"]],
                right=asked["right"],
                reason_fr=french(asked["reason_fr"]),
                reason_en=english(asked["reason_en"]),
                clause_key=asked["clause"],
            ),
        )


def enter_charter(told: dict[str, Any]) -> None:
    """This charter counts from now on, with questions to learn it."""
    version = charter.publish_version(None, told, effective_at=clock.now())
    enter_questions(version)
    forget()


def enter_rules(rules: Sequence[Rule]) -> None:
    """Every rule, live."""
    for rule in rules:
        charter.save_rule(None, **rule, state="live")


def document(signed: Charter) -> dict[str, Any]:
    """A charter as it is published."""
    articles = [
        {
            "number": int(article.number),
            "title_fr": article.title_fr,
            "title_en": article.title_en,
            "clauses": [asdict(clause) for clause in article.clauses],
        }
        for article in signed.articles
    ]
    names = ("title_fr", "title_en", "preamble_fr", "preamble_en")
    return {name: getattr(signed, name) for name in names} | {"articles": articles}


def _without(told: dict[str, Any]) -> dict[str, Any]:
    """The same before the sentences of the second version."""
    for article in told["articles"]:
        for clause in article["clauses"]:
            for language, sentence in zip(("fr", "en"), ADDED.get(clause["number"], ("", "")), strict=True):
                clause[f"text_{language}"] = clause[f"text_{language}"].replace(sentence, "")
    return told
