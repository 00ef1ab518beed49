"""What an installation of its own starts with: a charter that fits any company, and the rules that need no list.

The demo's charter without its company; three messages and the preamble speak for themselves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.charter import queries as charter
from app.demo.lawbook import document, enter_charter, enter_rules
from app.demo.reading import english, french
from app.demo.rulebook import charter as read_charter
from app.demo.rulebook import rules as read_rules
from app.demo.shapes import Charter
from app.kernel import clock
from app.kernel.action import action

RULES = frozenset(
    "mix lex.insult pii.email pii.phone pii.iban pii.card pii.nir secret att.type att.macro evasion.bidi".split()
)
TITLE = {"title_fr": french("Charte du réseau interne"), "title_en": "Charter of the internal network"}
PREAMBLE = {
    "preamble_fr": french(
        "Ce réseau existe pour que celles et ceux qui travaillent ensemble se connaissent, se répondent et partagent "
        "ce qui est bien fait. Il vit à l'intérieur de l'entreprise et nulle part ailleurs. La présente charte dit ce "
        "que chacun peut en attendre et ce que chacun s'engage à respecter. C'est un modèle : relisez-le, complétez-le "
        "et faites-le cosigner avant d'ouvrir le réseau. Toute règle appliquée par le réseau découle d'un article, et "
        "cite cet article."
    ),
    "preamble_en": english(
        "This network exists so that people who work together may know one another, answer one another and share what "
        "is done well. It lives inside the company and nowhere else. This charter says what each of us can expect from "
        "it and what each of us undertakes to respect. It is a model: read it, complete it and have it co-signed before "
        "the network opens. Every rule the network applies follows from an article, and cites that article."
    ),
}
MESSAGES = {
    "2.1": {
        "message_fr": french(
            "Ce message semble s'éloigner du travail : publiez-le plutôt dans un espace de convivialité, "
            "ou reliez-le au sujet de l'espace."
        ),
        "message_en": "This message seems to leave work behind: post it in a social space instead, "
        "or tie it to the subject of the space.",
    },
    "2.2": {
        "message_fr": french(
            "Les moments de convivialité ont leurs espaces : déplacez ce message dans l'un d'eux."
        ),
        "message_en": "Social life has its own spaces: move this message to one of them.",
    },
}


def load_starter() -> bool:
    """Put the first charter and its rules into force where there is no charter yet; whether it did."""
    if charter.versions():
        return False
    _enter()
    return True


@action
def _enter() -> None:
    signed = read_charter(clock.now())
    enter_charter(_neutral(signed))
    enter_rules([rule for rule in read_rules(signed) if rule["key"] in RULES])


def _neutral(signed: Charter) -> dict[str, Any]:
    """The charter without the company that wrote it."""
    told = document(replace(signed, **TITLE, **PREAMBLE))
    for article in told["articles"]:
        article["clauses"] = [
            clause | MESSAGES.get(clause["number"], {}) for clause in article["clauses"]
        ]
    return told
