"""The charter and the rules that hang on its clauses."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.demo.reading import english, french, load, text
from app.demo.shapes import Article, Charter, Clause, Rule, Signature

SIGNATORIES = (("philippe.arnaud", "it"), ("camille.fontaine", "communication"), ("nathalie.roche", "legal"))


def charter(now: datetime) -> Charter:
    """Version 1, in force for the last hundred days."""
    head, *articles = text("charter.txt").split("\n# ")
    titles = dict(line.split(": ", 1) for line in head.strip().splitlines())
    start = (now - timedelta(days=100)).replace(hour=8, minute=0, second=0, microsecond=0)
    return Charter(
        version=1,
        in_force_since=start,
        title_fr=french(titles["title-fr"]),
        title_en=english(titles["title-en"]),
        preamble_fr=french(titles["preamble-fr"]),
        preamble_en=english(titles["preamble-en"]),
        articles=tuple(_article(article) for article in articles),
        signatures=tuple(
            Signature(login, quality, start - timedelta(days=9 - 2 * place))
            for place, (login, quality) in enumerate(SIGNATORIES)
        ),
    )


def _article(source: str) -> Article:
    head, *clauses = source.split("\n## ")
    number, title_fr, title_en = head.strip().split(" | ")
    return Article(number, french(title_fr), english(title_en), tuple(_clause(clause) for clause in clauses))


def _clause(source: str) -> Clause:
    head, *lines = source.strip().splitlines()
    number, title_fr, title_en = head.split(" | ")
    said = dict(line.split(": ", 1) for line in lines)
    return Clause(
        number=number,
        title_fr=french(title_fr),
        title_en=english(title_en),
        text_fr=french(said["fr"]),
        text_en=english(said["en"]),
        message_fr=french(said["mfr"]),
        message_en=english(said["men"]),
    )


def rules(signed: Charter) -> tuple[Rule, ...]:
    """Plain rules, each with the message of its clause; the parameters speak the engine's words."""
    clauses = {clause.number: clause for clause in signed.clauses}
    return tuple(_rule(entry, clauses[entry["clause"]]) for entry in load("rules.json"))


def _rule(entry: Rule, clause: Clause) -> Rule:
    return {**entry, "message_fr": clause.message_fr, "message_en": clause.message_en}
