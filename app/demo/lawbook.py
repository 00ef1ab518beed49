"""The charter in the demo: a first version, its rules, a second version, and who accepted which when.

The second says one sentence more, about faces in pictures; a few people have not accepted it yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from app.charter import actions as charter
from app.charter.queries import forget, version_in_force
from app.demo.calendar import after
from app.demo.chance import chance
from app.demo.company import Charter, Company, Rule
from app.kernel import clock
from app.people.actor import Actor

SECOND = timedelta(days=8)
ADDED = {"3.3": ("Aucune reconnaissance faciale n’est utilisée. ", "No face recognition is used. ")}
LATE = 3
# What some rules must find and must leave alone, whatever becomes of them.
EXAMPLES: dict[str, dict[str, list[str]]] = {
    "lex.insult": {
        "forbidden": ["Quel connard !", "Espèce d'idiote", "You moron"],
        "allowed": ["Le contrat de conseil est confirmé.", "Un cul-de-sac au bout de l'atelier"],
    },
    "lex.code": {"forbidden": ["Où en est le projet Cormoran ?"], "allowed": ["Réunion en salle Cormoran"]},
    "pii.phone": {"forbidden": ["Appelez le 06 12 34 56 78"], "allowed": ["Commande 0612345678901"]},
    "pii.iban": {
        "forbidden": ["IBAN FR76 3000 6000 0112 3456 7890 189"],
        "allowed": ["IBAN FR76 3000 6000 0112 3456 7890 188"],
    },
}
Act = tuple[datetime, "Any"]


def versions(firm: Company) -> Iterator[Act]:
    """When each version takes effect: the first with the rules, the second with one sentence more."""
    yield firm.charter.in_force_since, lambda: _begin(firm)
    yield second_at(firm), lambda: enter_charter(document(firm.charter))


def second_at(firm: Company) -> datetime:
    """The morning on which the second version took effect."""
    return (firm.now - SECOND).replace(hour=5, minute=30, second=0, microsecond=0)


def acceptances(firm: Company, actors: dict[str, Actor], spoken: dict[str, list[datetime]]) -> Iterator[Act]:
    """Everybody accepts before they first write; three have nothing to write yet, and have not."""
    for start, but in ((firm.charter.in_force_since, ()), (second_at(firm), _late(firm, spoken))):
        for login, actor in actors.items():
            if login not in but:
                yield _moment(firm, start, login, spoken[login]), lambda actor=actor: _accept(actor)


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


def _begin(firm: Company) -> None:
    enter_charter(_without(document(firm.charter)))
    enter_rules(firm.rules)


def enter_charter(told: dict[str, Any]) -> None:
    """This charter counts from now on."""
    charter.publish_version(None, told, effective_at=clock.now())
    forget()


def enter_rules(rules: Sequence[Rule]) -> None:
    """Every rule, live."""
    for rule in rules:
        charter.save_rule(None, **rule, examples=EXAMPLES.get(rule["key"]), state="live")


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
