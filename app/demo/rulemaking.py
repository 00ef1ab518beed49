"""Rules on their way: what the charter's owners try out, from a first idea to a measured one."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.charter.rulebook import actions as rulebook
from app.charter.rulebook.content import Content, Examples
from app.charter.rulebook.models import RIGHT, WRONG, Backtest, RuleVersion
from app.demo.quiet import quietly
from app.kernel import clock
from app.people.actor import Actor
from app.trials import actions as trials
from app.trials import queries

OWNER, SECOND = "philippe.arnaud", "nathalie.roche"
EVERY_FIFTH = 5

MARGINS = Content(
    "phrases", "hold", "5.1",
    {
        "terms": ["marge", "prix", "remise", "budget"],
        "inflect": ["fr"],
        "allow_phrases": ["marge de manœuvre", "à tout prix"],
        "exempt": ["quote"],
    },
    {"space_kinds": ["internal", "client", "supplier"]},
    message_fr="Ce message parle de prix ou de marges : réservez-le aux personnes concernées.",
    message_en="This message speaks of prices or margins: keep it to the people concerned.",
)  # fmt: skip
MARGIN_CASES = Examples(
    allowed=("On garde une marge de manœuvre.", "Livré à l'heure."),
    forbidden=("Notre marge sur cette pièce est de 12 %.", "Les remises accordées cette année"),
)
HURRY = Content(
    "phrases", "nudge", "6.1",
    {"terms": ["au plus vite", "toutes affaires cessantes", "asap", "dès ce soir"], "inflect": []},
    message_fr="Dites pour quand : « au plus vite » presse tout le monde.",
    message_en="Say by when: “as soon as possible” hurries everybody.",
)  # fmt: skip
HURRY_CASES = Examples(allowed=("Pour vendredi midi, merci.",), forbidden=("Réponse au plus vite, merci.",))
QUOTES = Content("pattern", "flag", "4.3", {"patterns": [r"\bdevis (n° ?)?\d{4,}"], "on": "folded"})
QUOTE_CASES = Examples(allowed=("Le devis arrive.",), forbidden=("Voir le devis n° 20418.",))
PAY = Content("phrases", "hold", "6.3", {"terms": ["bulletin de paie", "fiche de paie"], "inflect": ["fr"]})
PAY_CASES = Examples(allowed=("La paie est versée lundi.",), forbidden=("Voici la fiche de paie de Marc.",))


def make_rules(now: datetime, actors: dict[str, Actor]) -> None:
    """One measured and in its dry run, one capped at flag, one tested, one that is only an idea."""
    owner, second = actors[OWNER], actors[SECOND]
    with quietly():
        _measured(now, owner, second)
        hurry = _written(now - timedelta(days=20), owner, "lex.hurry", HURRY, HURRY_CASES)
        _tried(now - timedelta(days=19), owner, hurry)
        _steps(now - timedelta(days=18), owner, hurry, "test", "dry_run")
        _steps(now - timedelta(days=9), owner, hurry, "cap")
        quotes = _written(now - timedelta(days=5), second, "doc.quotes", QUOTES, QUOTE_CASES)
        _tried(now - timedelta(days=5), second, quotes)
        _steps(now - timedelta(days=4), second, quotes, "test")
        _written(
            now - timedelta(days=1), second, "lex.pay", PAY, PAY_CASES, "Demandé par les ressources humaines."
        )


def _measured(now: datetime, owner: Actor, second: Actor) -> None:
    """Two versions: the first found “à tout prix” too; the second was labelled."""
    first = Content(**{**vars(MARGINS), "params": {**MARGINS.params, "allow_phrases": []}})
    cases = Examples(allowed=MARGIN_CASES.allowed[1:], forbidden=MARGIN_CASES.forbidden)
    _written(now - timedelta(days=30), owner, "lex.margins", first, cases)
    note = "« À tout prix » n'est pas un prix."
    version = _written(now - timedelta(days=27), owner, "lex.margins", MARGINS, MARGIN_CASES, note)
    trial = _tried(now - timedelta(days=26), owner, version)
    with clock.at(now - timedelta(days=25)):
        for hit in queries.sample(trial):
            trials.open_excerpt(second, hit)
            trials.label(second, hit, WRONG if (hit.place or 0) % EVERY_FIFTH == EVERY_FIFTH - 1 else RIGHT)
    _steps(now - timedelta(days=24), owner, version, "test", "dry_run")


def _written(
    at: datetime, who: Actor, key: str, content: Content, cases: Examples, note: str = ""
) -> RuleVersion:
    with clock.at(at):
        return rulebook.propose(who, key, content, cases, note=note)


def _tried(at: datetime, who: Actor, version: RuleVersion) -> Backtest:
    with clock.at(at):
        trial = trials.ask(who, version, months=3)
        while trials.advance(trial):
            pass
    return trial


def _steps(at: datetime, who: Actor, version: RuleVersion, *names: str) -> None:
    with clock.at(at):
        for name in names:
            rulebook.move(who, version, name)
