"""A client and a supplier never meet, wherever the two names are."""

import pytest

from .support import C1, C2, C3, C4, C6, MIX, P1, P2, S1, S3, S4, S6, X1, ask, short

HOLD = "hold mix:C1+S1"
FLAG = "flag mix:C1+S1"
EVADED = "hold mix:C1+S1 #evasion"

BODIES = [
    ("Boulonex livre les pièces de Boréalis jeudi.", HOLD),
    ("Boulonex livre les pièces jeudi.", "allow"),
    ("Boréalis est content.", "allow"),
    ("", "allow"),
    ("Boréalis\n\nBoulonex", HOLD),
    ("# Boréalis\n\n- un\n- Boulonex", HOLD),
    ("```\nBoulonex\n```\n\nBoréalis", HOLD),
    ("    Boulonex\n\nBoréalis", HOLD),
    ("`Boulonex` et `Boréalis`", HOLD),
    ("> Boulonex\n\n> Boréalis", HOLD),
    ("> > Boulonex\n\nBoréalis", HOLD),
    ("**Bou**lonex et *Boréa*lis", HOLD),
    ("Bou\\lonex et Boréalis", "allow"),
    ("[Boulonex](https://a.example) chez Boréalis", HOLD),
    ("[offre](https://boulonex.example/x) pour Boréalis", HOLD),
    ("[offre](https://www.boulonex.example/x) pour Boréalis", HOLD),
    ("[offre](https://notboulonex.example/x) pour Boréalis", "allow"),
    ("https://boulonex.example pour Boréalis", HOLD),
    ("boulonex.example pour Boréalis", HOLD),
    ("<https://boulonex.example> pour Boréalis", HOLD),
    ("HTTPS://BOULONEX.EXAMPLE:8443/ pour Boréalis", HOLD),
    ("https://intranet.entreprise.example/clients/boulonex/devis pour Boréalis", HOLD),
    ("https://intranet.entreprise.example/go?u=https%3A%2F%2Fboulonex.example%2F pour Boréalis", HOLD),
    ("https://intranet.entreprise.example/d/boul%6Fnex pour Boréalis", HOLD),
    ('[a](https://x.example "chez Boulonex") pour Boréalis', HOLD),
    ("![Boulonex](https://x.example/i.png) pour Boréalis", HOLD),
    ("![usine](https://x.example/boulonex.png) pour Boréalis", HOLD),
    ("[offre][1] pour Boréalis\n\n[1]: https://boulonex.example/x", HOLD),
    ("Écrire à ventes@boulonex.example pour Boréalis", "hold mix:C1+S1 pii.email"),
    ("Écrire à contact@boulonex.example pour Boréalis", HOLD),
    ("Écrire à contact@it.boulonex.example pour Boréalis", HOLD),
    ("SIREN 912345675 et Boulonex", HOLD),
    ("SIREN 912 345 675 et Boulonex", HOLD),
    ("SIREN 912\u202f345\u202f675 et Boulonex", HOLD),
    ("SIRET 912 345 675 00012 et Boulonex", HOLD),
    ("SIRET 91234567500012 et Boulonex", HOLD),
    ("TVA FR40912345675 et Boulonex", HOLD),
    ("Réf 1912345675 et Boulonex", "allow"),
    ("Réf 912345674 et Boulonex", "allow"),
    ("#Boulonex et #Boréalis", HOLD),
    ("#BoulonexBorealis", HOLD),
    ("#Boulonex2026 et Boréalis", HOLD),
    ("#boulonexion et Boréalis", "allow"),
    ("Offre_Boulonex_v2 et Boréalis", HOLD),
    ("<div>Boulonex</div>\n\nBoréalis", HOLD),
    ("<b>Bou</b>lonex &amp; Bor&eacute;alis", HOLD),
    ("Bou<!-- x -->lonex & Bor<br>éalis", HOLD),
    ("Boulo-\nnex et Boréalis", HOLD),
    ("> Boulo-\n> nex et Boréalis", HOLD),
    ("Boulonex's parts for l’Boréalis’", HOLD),
    ("Boulonexx et Boréalis", "allow"),
    ("ABoulonex et Boréalis", "allow"),
    ("Boulonex2 et Boréalis", "allow"),
    ("Boulonex, Boréalis !", HOLD),
    ("(Boulonex)[Boréalis]", HOLD),
    ("Boulonex/Boréalis", HOLD),
    ("Boulonex-Boréalis", HOLD),
    ("Boulonex\u00a0: Boréalis", HOLD),
    ("Ne jamais citer Boréalis et Boulonex !", HOLD),
    ("~~Boulonex~~ Boréalis", HOLD),
    ("| Boulonex | Boréalis |", HOLD),
    ("Boulonex\r\n\r\nBoréalis", HOLD),
    ("@boulonex parle de Boréalis", HOLD),
]


@pytest.mark.parametrize(("text", "expected"), BODIES)
def test_where_names_stand_in_a_body(text, expected):
    assert short(ask(text, C1, S1)) == expected


EVASIONS = [
    ("BOREALIS et BOULONEX", HOLD),
    ("borealis et boulonex", HOLD),
    ("Bore\u0301alis et Boulonex", HOLD),
    ("Bоréalis et Boulonex", EVADED),
    ("Воulоnех et Boréalis", EVADED),
    ("Ροulonex et Boréalis", "allow"),
    ("Boul\u200bonex et Boréalis", EVADED),
    ("Boul\u00adonex et Boréalis", EVADED),
    ("Boul\u2060onex et Boréalis", EVADED),
    ("Boul\ufeffonex et Boréalis", EVADED),
    ("Boul\u200donex et Boréalis", EVADED),
    ("Boul&#8203;onex et Boréalis", EVADED),
    ("Boulonex\u200b et \u200bBoréalis", HOLD),
    ("Ｂｏｕｌｏｎｅｘ et Boréalis", EVADED),
    ("𝐁𝐨𝐮𝐥𝐨𝐧𝐞𝐱 et Boréalis", EVADED),
    ("Ⓑoulonex et Boréalis", EVADED),
    ("B.o.u.l.o.n.e.x et Boréalis", EVADED),
    ("B o u l o n e x et Boréalis", EVADED),
    ("B-o-u-l-o-n-e-x et Boréalis", EVADED),
    ("B_o_u_l_o_n_e_x et Boréalis", EVADED),
    ("B*o*u*l*onex et Boréalis", None),
    ("B/o/u/l/o/n/e/x et Boréalis", EVADED),
    ("B.o u.l o.n e.x et Boréalis", "allow"),
    ("à B o u l o n e x et Boréalis", EVADED),
    ("B0ul0nex et Boréalis", EVADED),
    ("Boulon3x et Boréalis", EVADED),
    ("Bor3alis et Boulonex", EVADED),
    ("Boré@lis et Boulonex", EVADED),
    ("Bor€alis et Boulonex", "allow"),
    ("Boré4l!s et Boulonex", EVADED),
    ("Bouuulonex et Boréalis", EVADED),
    ("Booooulonexxx et Boréalis", EVADED),
    ("Bouulonex et Boréalis", "allow"),
    ("B0uuul0n3x et Boréalis", EVADED),
    ("B0ulоnex et Boréalis", EVADED),
    ("Boulonex Boulonex B0ulonex et Boréalis", HOLD),
    ("👩\u200d💻 Boulonex ❤️ et Boréalis", HOLD),
    ("Boul\u202eonex et Boréalis", "hold evasion.bidi mix:C1+S1 #evasion"),
    ("B\u00f4ulonex et Boréalis", HOLD),
    ("Boulonéx et Boréalis", HOLD),
    ("Привет, Boulonex и Boréalis", HOLD),
]


@pytest.mark.parametrize(("text", "expected"), EVASIONS)
def test_disguised_names(text, expected):
    answer = short(ask(text, C1, S1))
    assert answer == expected if expected else answer.startswith("hold mix:C1+S1")


ENTITIES = [
    ("İstanbul Lojistik livre Boréalis", (C1, S6), "hold mix:C1+S6"),
    ("ISTANBUL LOJISTIK livre Boréalis", (C1, S6), "hold mix:C1+S6"),
    ("istanbul-lojistik livre Boréalis", (C1, S6), "hold mix:C1+S6"),
    ("Coeur d'acier attend Boulonex", (C6, S1), "hold mix:C6+S1"),
    ("CŒUR D’ACIER attend Boulonex", (C6, S1), "hold mix:C6+S1"),
    ("Cœur d acier attend Boulonex", (C6, S1), "hold mix:C6+S1"),
    ("Coeur acier attend Boulonex", (C6, S1), "allow"),
    ("Nord Matériaux et Boulonex", (C2, S1), "hold mix:C2+S1"),
    ("Nord-Matériaux et Boulonex", (C2, S1), "hold mix:C2+S1"),
    ("nord_materiaux.pdf et Boulonex", (C2, S1), "hold mix:C2+S1"),
    ("nord.materiaux et Boulonex", (C2, S1), "hold mix:C2+S1"),
    ("nord/materiaux et Boulonex", (C2, S1), "hold mix:C2+S1"),
    ("Nord&Matériaux et Boulonex", (C2, S1), "hold mix:C2+S1"),
    ("Nord & Matériaux et Boulonex", (C2, S1), "hold mix:C2+S1"),
    ("Nord'Matériaux et Boulonex", (C2, S1), "hold mix:C2+S1"),
    ("#NordMateriaux et Boulonex", (C2, S1), "hold mix:C2+S1"),
    ("#NordMatériauxEtBoulonex", (C2, S1), "hold mix:C2+S1"),
    ("NordMatériaux et Boulonex", (C2, S1), "hold mix:C2+S1"),
    ("Nord\u00a0Matériaux et Boulonex", (C2, S1), "hold mix:C2+S1"),
    ("Nord\nMatériaux et Boulonex", (C2, S1), "hold mix:C2+S1"),
    ("Nord **Matériaux** et Boulonex", (C2, S1), "hold mix:C2+S1"),
    ("Cap au Nord\n\nMatériaux de Boulonex", (C2, S1), "allow"),
    ("Cap au Nord. Matériaux de Boulonex", (C2, S1), "allow"),
    ("Cap au Nord, Matériaux de Boulonex", (C2, S1), "allow"),
    ("- Nord\n- Matériaux de Boulonex", (C2, S1), "allow"),
    ("Matériaux Nord de Boulonex", (C2, S1), "allow"),
    ("Nord et Matériaux de Boulonex", (C2, S1), "allow"),
    ("# Nord\nMatériaux de Boulonex", (C2, S1), "allow"),
    ("Pierre & Fils livre Boréalis", (C1, S3), "hold mix:C1+S3"),
    ("Pierre&Fils livre Boréalis", (C1, S3), "hold mix:C1+S3"),
    ("Pierre &amp; Fils livre Boréalis", (C1, S3), "hold mix:C1+S3"),
    ("pierre-fils livre Boréalis", (C1, S3), "hold mix:C1+S3"),
    ("Pierre et Fils livre Boréalis", (C1, S3), "allow"),
    ("Boréal Acier livre lundi", (C4, S4), "allow"),
    ("Boréal Acier livre Boréal lundi", (C4, S4), "hold mix:C4+S4"),
    ("https://boreal-acier.example/x", (C4, S4), "allow"),
    ("Boréal-Acier", (C4, S4), "allow"),
    ("Boréal\n\nAcier et Boréal Acier", (C4, S4), "hold mix:C4+S4"),
    ("Boréalis SA et Boulonex Industrie", (C1, S1), "hold mix:C1+S1"),
    ("Merci à Dualix", (C1, X1), "allow"),
    ("Dualix et Dualix", (X1,), "allow"),
    ("Dualix et Boréalis", (C1, X1), "hold mix:C1+X1"),
    ("Dualix et Boulonex", (S1, X1), "hold mix:X1+S1"),
    ("Dualix, Boréalis, Boulonex", (C1, S1, X1), "hold mix:C1+S1 mix:C1+X1 mix:X1+S1"),
    ("Boréalis et Nord Matériaux", (C1, C2), "allow"),
    ("Boulonex et Boréal Acier", (S1, S4), "allow"),
    ("Boréalis, Nord Matériaux, Boulonex", (C1, C2, S1), "hold mix:C1+S1 mix:C2+S1"),
    ("Boulonex et Boréalis", ({**C1, "valid_to": "2026-03-10"}, S1), HOLD),
    ("Boulonex et Boréalis", ({**C1, "valid_to": "2026-03-09"}, S1), "allow"),
    ("Boréal Acier", (C4, {**S4, "valid_to": "2025-01-01"}), "allow"),
    ("S.N.C.F. et Boulonex", ({**C4, "name": "SNCF"}, S1), "hold mix:C4+S1 #evasion"),
    ("SNCF et Boulonex", ({**C4, "name": "S.N.C.F."}, S1), "hold mix:C4+S1"),
    ("Atlas", ({**C4, "name": "Atlas"}, {**S4, "name": "Atlas"}), "flag mix:C4+S4"),
]


@pytest.mark.parametrize(("text", "entities", "expected"), ENTITIES)
def test_how_names_are_told(text, entities, expected):
    assert short(ask(text, *entities)) == expected


AMBIGUOUS = [
    ("Rendez-vous le 12 mars avec Boulonex", "allow"),
    ("Le contrat Mars part chez Boulonex", "hold mix:C3+S1"),
    ("Nous voyons Mars avec Boulonex", "hold mix:C3+S1"),
    ("Mars arrive avec Boulonex", "flag mix:C3+S1"),
    ("Bien. Mars arrive avec Boulonex", "flag mix:C3+S1"),
    ("Boulonex est là ! Mars aussi", "flag mix:C3+S1"),
    ("« Mars arrive avec Boulonex »", "flag mix:C3+S1"),
    ("Mars, client de Boulonex", "hold mix:C3+S1"),
    ("Mars est le client de Boulonex", "hold mix:C3+S1"),
    ("Mars est bien notre client avec Boulonex", "flag mix:C3+S1"),
    ("NOUS VOYONS MARS AVEC BOULONEX", "flag mix:C3+S1"),
    ("Nous voyons MARS avec Boulonex", "flag mix:C3+S1"),
    ("le contrat mars part chez Boulonex", "allow"),
    ("- Mars\n- Boulonex", "flag mix:C3+S1"),
    ("M. Mars et Boulonex", "hold mix:C3+S1"),
    ("Mars Conseil et Boulonex", "hold mix:C3+S1"),
    ("mars conseil et Boulonex", "hold mix:C3+S1"),
    ("Mars arrive. Nous voyons Mars avec Boulonex", "hold mix:C3+S1"),
    ("Le NM est prêt pour Boulonex", "allow"),
    ("Le client NM est prêt pour Boulonex", "hold mix:C2+S1"),
    ("La facture de chez NM pour Boulonex", "hold mix:C2+S1"),
    ("La facture qui vient de NM pour Boulonex", "allow"),
    ("Le contrat\n\nNM pour Boulonex", "allow"),
    ("NM SA et Boulonex", "hold mix:C2+S1"),
    ("NM et sa bande avec Boulonex", "allow"),
    ("NM passe au sas avec Boulonex", "allow"),
]


@pytest.mark.parametrize(("text", "expected"), AMBIGUOUS)
def test_common_words_need_more_than_their_letters(text, expected):
    assert short(ask(text, C2, C3, S1)) == expected


PIERRE = [
    ("Pierre passera chez Boréalis", "allow"),
    ("Le fournisseur Pierre relance Boréalis", "hold mix:C1+S3"),
    ("pierre est notre fournisseur pour Boréalis", "hold mix:C1+S3"),
    ("Pierre cherche sa voiture chez Boréalis", "allow"),
    ("The supplier, Pierre, calls Boréalis", "hold mix:C1+S3"),
]


@pytest.mark.parametrize(("text", "expected"), PIERRE)
def test_first_names_need_a_word_of_business(text, expected):
    assert short(ask(text, C1, S3)) == expected


PEOPLE = [
    ("Léa Martin passera voir Boréalis", P1, {}, HOLD),
    ("lea martin passera voir Boréalis", P1, {}, HOLD),
    ("Martin Léa passera voir Boréalis", P1, {}, HOLD),
    ("Léa Martinez passera voir Boréalis", P1, {}, "allow"),
    ("Léa passera voir Boréalis", P1, {}, "allow"),
    ("Léa Martin passera voir Boréalis", P2, {}, FLAG),
    ("Léa Martin de Boulonex voit Boréalis", P2, {}, HOLD),
    (
        "Voir @lea.martin pour Boréalis",
        P2,
        {"mentions": [{"handle": "lea.martin", "segment": "employee"}]},
        "allow",
    ),
    (
        "Voir @lea.martin pour Boréalis",
        P1,
        {"mentions": [{"handle": "lea.martin", "segment": "employee"}]},
        "allow",
    ),
    ("Voir @lea.martin pour Boréalis", P1, {}, HOLD),
    (
        "Voir @lea.martin pour Boréalis",
        P1,
        {"mentions": [{"handle": "lea.martin", "segment": "supplier"}]},
        HOLD,
    ),
    (
        "Voir @lm pour Boréalis",
        P1,
        {"mentions": [{"handle": "lm", "segment": "supplier", "entity": "S1"}]},
        HOLD,
    ),
    (
        "Voir @lm pour Boréalis",
        P1,
        {"mentions": [{"handle": "lm", "segment": "client", "entity": "C1"}]},
        "allow",
    ),
    (
        "Voir @boulonex pour Boréalis",
        P1,
        {"mentions": [{"handle": "boulonex", "segment": "employee"}]},
        "allow",
    ),
    (
        "Voir @boulonex2 pour Boréalis",
        P1,
        {"mentions": [{"handle": "boulonex", "segment": "employee"}]},
        "allow",
    ),
    ("@paul : Boulonex et Boréalis", P1, {"mentions": [{"handle": "paul", "segment": "employee"}]}, HOLD),
]


@pytest.mark.parametrize(("text", "person", "context", "expected"), PEOPLE)
def test_persons_stand_for_their_organisation(text, person, context, expected):
    assert short(ask(text, C1, S1, person, **context)) == expected


PLACES = [
    ({"title": "Boréalis"}, HOLD),
    ({"title": "Boréal"}, "allow"),
    ({"attachments": [{"filename": "offre_borealis.pdf"}]}, HOLD),
    ({"attachments": [{"filename": "OffreBorealis.pdf"}]}, HOLD),
    ({"attachments": [{"filename": "a.pdf", "text": "Devis\npour Boréalis"}]}, HOLD),
    ({"attachments": [{"filename": "a.pdf", "extracted_text": "pour Boréa-\nlis"}]}, HOLD),
    ({"attachments": [{"filename": "a.jpg", "alt": "Usine Boréalis"}]}, HOLD),
    ({"attachments": [{"filename": "a.zip", "members": ["borealis/devis.pdf"]}]}, HOLD),
    ({"poll": ["Boréalis", "autre"]}, HOLD),
    ({"poll": {"question": "Qui ?", "options": ["Boréalis"]}}, HOLD),
    ({"hashtags": ["Borealis"]}, HOLD),
    ({"hashtags": ["#ProjetBorealis"]}, HOLD),
    ({"mentions": [{"handle": "x", "segment": "client", "entity": "C1"}]}, HOLD),
    ({"mentions": [{"handle": "x", "segment": "employee"}]}, "allow"),
    ({"space": {"type": "client", "entity": "C1"}}, HOLD),
    ({"space": {"type": "supplier", "entity": "S1"}}, "allow"),
    ({"space": {"type": "internal"}}, "allow"),
]


@pytest.mark.parametrize(("context", "expected"), PLACES)
def test_the_unit_of_a_post(context, expected):
    assert short(ask("Boulonex livre.", C1, S1, **context)) == expected


def test_a_space_of_its_own_brings_nothing_to_an_empty_word():
    assert short(ask("Bonjour.", C1, S1, space={"type": "client", "entity": "C1"})) == "allow"


def comment(root="", ancestors=(), siblings=(), **more):
    thread = {"root": root, "ancestors": list(ancestors), "siblings": list(siblings)}
    return {"object": "comment", "thread": thread, **more}


THREADS = [
    ("Boulonex peut livrer.", comment("Boréalis"), HOLD),
    ("Boulonex peut livrer.", comment("Rien", ["Boréalis"]), HOLD),
    ("Boulonex peut livrer.", comment("Rien", ["Rien", "Boréalis"]), HOLD),
    ("Boulonex peut livrer.", comment("Rien", [], ["Boréalis"]), FLAG),
    ("Boulonex peut livrer.", comment("Boréalis", [], ["Boréalis"]), HOLD),
    ("Merci !", comment("Boréalis", ["Boulonex"]), "allow"),
    ("Merci !", comment("Boréalis", [], ["Boulonex"]), "allow"),
    ("Merci !", comment("Boréalis et Boulonex"), "allow"),
    ("Boulonex et Boréalis", comment("Rien"), HOLD),
    ("Boulonex", comment("Rien", space={"type": "client", "entity": "C1"}), HOLD),
    ("Merci", comment("Boulonex", space={"type": "client", "entity": "C1"}), "allow"),
    ("Boulonex", comment({"text": "Voir", "title": "Boréalis"}), HOLD),
    ("Boulonex", comment({"text": "Voir", "attachments": [{"filename": "borealis.pdf"}]}), HOLD),
    ("Boulonex", comment("Boréalis", approved_hits=MIX), "allow"),
    ("Boulonex", comment("Boréalis", event="edit", previous_text="x", previous_approved_hits=MIX), "allow"),
    ("Boulonex", comment("Boréalis", space={"type": "cross"}), "allow"),
    ("B0ulonex", comment("Boréalis"), EVADED),
    ("Boulonex", comment("Bоréalis"), EVADED),
]


@pytest.mark.parametrize(("text", "context", "expected"), THREADS)
def test_the_unit_of_a_comment(text, context, expected):
    assert short(ask(text, C1, S1, **context)) == expected


def test_siblings_and_root_together():
    found = ask("Boulonex", C1, C2, S1, **comment("Boréalis", [], ["Nord Matériaux"]))
    assert short(found) == "hold mix:C1+S1 mix:C2+S1"


EDITS = [
    ("Boulonex livre chez Boréalis.", {"previous_text": "Boulonex livre."}, HOLD, "previous"),
    ("Boulonex livre.", {"previous_text": "Boulonex livre chez Boréalis."}, "allow", "new"),
    ("Boulonex, Boréalis", {"previous_text": "x", "previous_approved_hits": MIX}, "allow", "new"),
    (
        "Boulonex, Boréalis, Nord Matériaux",
        {"previous_text": "x", "previous_approved_hits": MIX},
        "hold mix:C2+S1",
        "previous",
    ),
    ("Boulonex", {"thread": {"descendants": ["Boréalis"]}}, HOLD, "previous"),
    ("Boulonex", {"thread": {"root": None, "replies": [{"text": "Boréalis"}]}}, HOLD, "previous"),
    ("Rien", {"thread": {"descendants": ["Boréalis", "Boulonex"]}}, "allow", "new"),
    ("Boulonex", {"thread": {"descendants": ["Boréalis"]}, "previous_approved_hits": MIX}, "allow", "new"),
    ("Boulonex", {"attachments": [{"filename": "borealis.pdf"}]}, HOLD, "previous"),
    ("Mars arrive, Boulonex", {"previous_text": "x"}, "flag mix:C3+S1", "new"),
]


@pytest.mark.parametrize(("text", "context", "expected", "visible"), EDITS)
def test_edits(text, context, expected, visible):
    answer = ask(text, C1, C2, C3, S1, event="edit", **context)
    assert (short(answer), answer["visible"]) == (expected, visible)


EVENTS = [
    ({"event": "move", "space": {"type": "client", "entity": "C1"}}, HOLD),
    ({"event": "move", "space": {"type": "internal"}}, "allow"),
    ({"event": "attach", "attachments": [{"filename": "borealis.pdf"}]}, HOLD),
    ({"event": "publish", "title": "Boréalis"}, HOLD),
    ({"event": "rescan", "title": "Boréalis"}, FLAG),
    ({"rule_states": {"mix": "tripped"}, "title": "Boréalis"}, FLAG),
    ({"rule_states": {"mix": "live_soft"}, "title": "Boréalis"}, FLAG),
    ({"rule_states": {"mix": "dry_run"}, "title": "Boréalis"}, "allow"),
    ({"rule_states": {"mix": "paused"}, "title": "Boréalis"}, "allow"),
    ({"rule_states": {"mix": "draft"}, "title": "Boréalis"}, "allow"),
    ({"rule_states": {"mix": "retired"}, "title": "Boréalis"}, "allow"),
    ({"space": {"type": "cross"}, "title": "Boréalis"}, "allow"),
    ({"space": {"type": "moderation"}, "title": "Boréalis"}, "allow"),
    ({"space": {"type": "social"}, "title": "Boréalis"}, HOLD),
    ({"space": {"type": "union"}, "title": "Boréalis"}, HOLD),
    ({"author": {"role": "moderator"}, "title": "Boréalis"}, HOLD),
    ({"author": {"role": "admin"}, "title": "Boréalis"}, HOLD),
]


@pytest.mark.parametrize(("context", "expected"), EVENTS)
def test_events_states_and_spaces(context, expected):
    assert short(ask("Boulonex livre.", C1, S1, **context)) == expected


def test_what_doesnt_act_is_still_written_down():
    assert ask("Boulonex, Boréalis", C1, S1, space={"type": "cross"})["logged"] == ["exempt:mix:C1+S1"]
    assert ask("Boulonex, Boréalis", C1, S1, rule_states={"mix": "dry_run"})["logged"] == [
        "dry_run:mix:C1+S1"
    ]
    assert "logged" not in ask("Boulonex", C1, S1, space={"type": "cross"})
