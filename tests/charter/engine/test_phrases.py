"""Lists of words: whole words only, however they are inflected, accented or disguised."""

import pytest

from .support import PROFILE, ask, short

INSULT, CODE, EVADED = "hold lex.insult", "flag lex.code", "hold lex.insult #evasion"

TEXTS = [
    ("Quel connard !", INSULT),
    ("Quels connards !", INSULT),
    ("Quelle connarde !", INSULT),
    ("Quelles connardes !", INSULT),
    ("CONNARD", INSULT),
    ("Connard.", INSULT),
    ("l'connard", INSULT),
    ("l’con", INSULT),
    ("sale con", INSULT),
    ("con-con", INSULT),
    ("con_con", INSULT),
    ("What a moron", INSULT),
    ("Two morons", INSULT),
    ("Two asses", INSULT),
    ("Le contrat de conseil est confirmé, la bassine est classée, calcul fait.", "allow"),
    ("Un classeur, un bassin, un calcul, un concours", "allow"),
    ("con2", "allow"),
    ("2con", "allow"),
    ("écon", "allow"),
    ("cône de signalisation", "allow"),
    ("cul-de-sac", "allow"),
    ("cul de sac", "allow"),
    ("Deux culs-de-sac", "allow"),
    ("Cul-de-sac, quel cul", INSULT),
    ("cul-de-basse-fosse", INSULT),
    ("> connard", "allow"),
    ("> > connard", "allow"),
    ("`connard`", "allow"),
    ("```\nconnard\n```", "allow"),
    ("    connard", "allow"),
    ("> connard\n\nconnard", INSULT),
    ("con`nard`", INSULT),
    ("# connard", INSULT),
    ("- connard", INSULT),
    ("[connard](https://a.example)", INSULT),
    ("https://a.example/connard", "allow"),
    ("[a](https://a.example/connard)", "allow"),
    ("con**nard**", INSULT),
    ("con<b></b>nard", INSULT),
    ("con\n\nnard", INSULT),
    ("conn-\nard", INSULT),
    ("&#99;onnard", INSULT),
    ("c0nnard va", EVADED),
    ("s4laud", EVADED),
    ("5alaud", EVADED),
    ("$alaud", EVADED),
    ("sal@ud", EVADED),
    ("c0nn4rd!", EVADED),
    ("m0r0n", EVADED),
    ("c0n", "allow"),
    ("@ss", "allow"),
    ("a$$", "allow"),
    ("c o n n a r d", EVADED),
    ("C.O.N.N.A.R.D", EVADED),
    ("c  o  n  n  a  r  d", EVADED),
    ("c o n", "allow"),
    ("c.o-n.n-a.r-d", "allow"),
    ("connnnard", EVADED),
    ("connarddd", EVADED),
    ("saaaalaud", EVADED),
    ("coooonnnnard", EVADED),
    ("saalaud", "allow"),
    ("сonnard", EVADED),
    ("сon", EVADED),
    ("ｃｏｎｎａｒｄ", EVADED),
    ("con\u200bnard", EVADED),
    ("con\u0301nard", INSULT),
    ("cônnàrd", INSULT),
    ("Le dossier maïs avance", CODE),
    ("Le dossier MAÏS avance", CODE),
    ("Le dossier mai\u0308s avance", CODE),
    ("Le dossier mais avance", "allow"),
    ("Mais oui", "allow"),
    ("MAIS OUI", "allow"),
    ("Le projet atlas", CODE),
    ("Le Projet-Atlas", CODE),
    ("Le projet  atlas", CODE),
    ("Le projet\natlas", CODE),
    ("Le projet\u00a0atlas", CODE),
    ("Le **projet** atlas", CODE),
    ("Le projet, atlas", "allow"),
    ("Le projet. Atlas", "allow"),
    ("Le projet_atlas", "allow"),
    ("Le projet/atlas", "allow"),
    ("Le projet\n\natlas", "allow"),
    ("L'atlas du projet", "allow"),
    ("les projets atlas", "allow"),
    ("licencier", CODE),
    ("licenciement", CODE),
    ("LICENCIÉE", CODE),
    ("licenci", CODE),
    ("licence", "allow"),
    ("prélicenciement", "allow"),
    ("#ProjetAtlas", CODE),
    ("pr0jet atlas", "flag lex.code #evasion"),
    ("Licenciement de ce connard", "hold lex.code lex.insult"),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_words(text, expected):
    assert short(ask(text)) == expected


PLACES = [
    ({"title": "connard"}, INSULT),
    ({"attachments": [{"filename": "connard.pdf"}]}, INSULT),
    ({"attachments": [{"filename": "a.pdf", "text": "un connard"}]}, INSULT),
    ({"attachments": [{"filename": "a.png", "alt": "un connard"}]}, INSULT),
    ({"poll": ["connard"]}, INSULT),
    ({"hashtags": ["connard"]}, INSULT),
    ({"thread": {"root": "connard"}, "object": "comment"}, "allow"),
    ({"event": "rescan", "title": "connard"}, "flag lex.insult"),
    ({"event": "edit", "title": "connard", "previous_text": "a"}, INSULT),
    ({"space": {"type": "union"}, "title": "connard, licenciement"}, "allow"),
    ({"space": {"type": "moderation"}, "title": "connard"}, "allow"),
    ({"space": {"type": "social"}, "title": "connard"}, INSULT),
    ({"space": {"type": "cross"}, "title": "connard"}, INSULT),
    ({"rule_states": {"lex.insult": "tripped"}, "title": "connard"}, "flag lex.insult"),
    ({"rule_states": {"lex.insult": "dry_run"}, "title": "connard"}, "allow"),
    ({"author": {"role": "moderator"}, "title": "connard"}, INSULT),
    ({"exemptions": [{"rule": "lex.insult", "until": "2026-03-11T00:00:00+01:00"}], "title": "con"}, "allow"),
    ({"exemptions": [{"rule": "lex.insult", "until": "2026-03-10T09:00:00+01:00"}], "title": "con"}, INSULT),
    ({"exemptions": [{"rule": "lex.insult", "role": "jury"}], "title": "con"}, INSULT),
    ({"exemptions": [{"rule": "*", "role": "employee"}], "title": "con"}, "allow"),
]


@pytest.mark.parametrize(("context", "expected"), PLACES)
def test_places_and_exemptions(context, expected):
    assert short(ask("Bonjour.", **context)) == expected


def test_an_exemption_is_written_down():
    answer = ask("plan de licenciement, connards", space={"type": "union"})
    assert answer["logged"] == ["exempt:lex.code", "exempt:lex.insult"]


def profile(**rule):
    return {**PROFILE, "rules": {"lex.own": {"action": "flag", **rule}}}


LISTS = [
    ({"terms": ["c++"]}, "Du c++ ici", True),
    ({"terms": ["c++"]}, "Du c ici", False),
    ({"terms": ["chef d'équipe"]}, "le chef d’equipe", True),
    ({"terms": ["chef d'équipe"]}, "le chef d equipe", True),
    ({"terms": ["chef d'équipe"]}, "le chef, d equipe", False),
    ({"terms": ["🍆"]}, "miam 🍆", True),
    ({"terms": ["🍆"]}, "miam", False),
    ({"terms": ["bijou"], "inflect": ["fr"]}, "des bijoux", True),
    ({"terms": ["bijou"], "inflect": ["en"]}, "des bijoux", False),
    ({"terms": ["chef fou"], "inflect": ["s"]}, "les chefs fous", True),
    ({"terms": ["chef fou"], "inflect": ["s"]}, "les chefs fou", True),
    ({"terms": ["œuf"]}, "un oeuf", True),
    ({"terms": ["oeuf"]}, "un œuf", True),
    ({"terms": ["strasse"]}, "Straße", True),
    ({"terms": ["éléphan*"]}, "ELEPHANTEAU", True),
    ({"terms": [""]}, "rien", False),
    ({"terms": ["नमस्ते"]}, "अरे नमस्ते जी", True),
    ({"terms": ["می‌خواهم"]}, "من می‌خواهم", True),
    ({"terms": ["привет"]}, "Привет, мир", True),
    ({"pattern": r"\bref-\d{4}\b"}, "voir REF-1234", True),
    ({"pattern": r"\bref-\d{4}\b"}, "voir REF-12345", False),
    ({"pattern": r"\bref-\d{4}\b"}, "voir **REF**-1234", True),
    ({"pattern": r"\bref-\d{4}\b"}, "https://a.example/ref-1234", False),
    ({"pattern": "prénom"}, "mon PRENOM", True),
    ({"pattern": r"a\sb"}, "a\n\nb", False),
    ({"pattern": r"a\sb"}, "a\nb", True),
    ({"pattern": "Secret", "on": "source"}, "un Secret", True),
    ({"pattern": "Secret", "on": "source"}, "un secret", False),
    ({"patterns": ["x1", "y2"]}, "y2", True),
    ({"pattern": "^fin$"}, "début\n\nfin", True),
    ({"pattern": "^fin$"}, "début fin", False),
    ({"pattern": "a[^x]*b"}, "a\n\na b", True),
]


@pytest.mark.parametrize(("rule", "text", "found"), LISTS)
def test_lists_and_patterns_of_ones_own(rule, text, found):
    assert (ask(text, profile=profile(**rule))["hits"] == ["lex.own"]) is found
