"""Addresses that lead elsewhere than they seem, and files that are something else than their name."""

import pytest

from .support import ask, short

DENY, IDN = "block link.deny", "hold link.idn"

LINKS = [
    ("Voir https://partage-perso.example/f/1", DENY),
    ("Voir https://fichiers.partage-perso.example/f/1", DENY),
    ("Voir https://a.b.partage-perso.example", DENY),
    ("Voir HTTPS://PARTAGE-PERSO.EXAMPLE/F", DENY),
    ("Voir https://partage-perso.example./f", DENY),
    ("Voir https://partage-perso.example:8443/f", DENY),
    ("Voir https://intranet.entreprise.example@partage-perso.example/f", DENY),
    ("Voir https://partage-perso.example@intranet.entreprise.example/f", "allow"),
    ("Voir https://intranet.entreprise.example/partage-perso.example", "allow"),
    ("Voir https://notpartage-perso.example/f", "allow"),
    ("Voir https://partage-perso.example.autre.example/f", "allow"),
    ("Voir https://perso.example/f", "allow"),
    ("Voir partage-perso.example/f", DENY),
    ("Voir www.partage-perso.example", DENY),
    ("Voir //partage-perso.example/f", None),
    ("Voir [le fichier](https://partage-perso.example/f)", DENY),
    ("Voir [le fichier](//partage-perso.example/f)", DENY),
    ("Voir [le fichier][1]\n\n[1]: https://partage-perso.example/f", DENY),
    ("Voir <https://partage-perso.example/f>", DENY),
    ("Voir ![](https://partage-perso.example/f.png)", DENY),
    ("Voir `https://partage-perso.example/f`", DENY),
    ("> https://partage-perso.example/f", DENY),
    ("[https://partage-perso.example](https://intranet.entreprise.example)", DENY),
    ("Voir https://partage\u200b-perso.example/f", DENY),
    ("Voir https://ｐartage-perso.example/f", DENY),
    ("Voir https://partage-perso。example/f", DENY),
    ("https://intranet.entreprise.example/go?u=https%3A%2F%2Fpartage-perso.example%2Ff", DENY),
    ("https://intranet.entreprise.example/go?u=https://partage-perso.example/f", DENY),
    ("https://intranet.entreprise.example/go?a=1&next=//partage-perso.example/f", DENY),
    ("https://intranet.entreprise.example/go?u=https%253A%252F%252Fpartage-perso.example", "allow"),
    (
        "https://intranet.entreprise.example/go?u=https%3A%2F%2Fa.example%2F%3Fu%3Dhttps%253A%252F%252F"
        "partage-perso.example",
        "allow",
    ),
    ("https://intranet.entreprise.example/go?q=partage-perso", "allow"),
    ("Voir https://entreprise.example/f", "allow"),
    ("Voir https://intranet.entreprise.example/f", "allow"),
    ("Voir https://еntreprise.example/f", IDN),
    ("Voir https://xn--" + "еntreprise".encode("punycode").decode() + ".example/f", IDN),
    ("Voir https://intranet.еntreprise.example/f", IDN),
    ("Voir https://pаrtage-perso.example/f", IDN),
    ("Voir https://раrtаgе.autre.example/f", IDN),
    ("Voir https://пример.example/f", "allow"),
    ("Voir https://müller.example/f", "allow"),
    ("Voir https://例え.example/f", "allow"),
    ("Voir https://東京タワーabc.example/f", "allow"),
    ("Voir https://entrepr1se.example/f", "allow"),
    ("Voir https://xn--80ak6aa92e.example/f", "allow"),
    ("fichier.pdf et app.py", "allow"),
]


@pytest.mark.parametrize(("text", "expected"), LINKS)
def test_links(text, expected):
    answer = ask(text)
    assert expected is None or " ".join([answer["action"], *answer["hits"]]) == expected


def file(name, **more):
    return {"attachments": [{"filename": name, **more}]}


FILES = [
    (file("facture.pdf.exe", magic="MZ"), "block att.type"),
    (file("facture.exe"), "block att.type"),
    (file("FACTURE.EXE"), "block att.type"),
    (file("facture.exe."), "block att.type"),
    (file("facture.exe "), "block att.type"),
    (file("facture.e\u200bxe"), "block att.type #evasion"),
    (file("facture．ｅｘｅ"), "block att.type #evasion"),
    (file("script.js"), "block att.type"),
    (file("script.ps1"), "block att.type"),
    (file("photo.jpg", magic="MZ"), "block att.type"),
    (file("photo.jpg", magic="MZ\x90\x00"), "block att.type"),
    (file("photo.jpg", magic="JPEG"), "allow"),
    (file("exercice.executif.pdf", magic="%PDF"), "allow"),
    (file("exe"), "allow"),
    (file("module.json"), "allow"),
    (file("a.exe.pdf", magic="%PDF"), "allow"),
    (file("a.zip", magic="PK", members=["lisez-moi.txt", "outil.exe"]), "block att.type"),
    (file("a.zip", magic="PK", entries=[{"filename": "dossier/outil.bat"}]), "block att.type"),
    (file("a.zip", magic="PK", members=[{"name": "x.bin", "magic": "MZ"}]), "block att.type"),
    (file("a.zip", magic="PK", members=["a.pdf", "b.zip"]), "allow"),
    (file("a.docm"), "hold att.macro"),
    (file("a.XLSM"), "hold att.macro"),
    (file("a.pptm"), "hold att.macro"),
    (file("a.docx"), "allow"),
    (file("a.docm.pdf"), "allow"),
    (file("a.zip", members=["a.docm"]), "hold att.macro"),
    (file("a.docx", members=["word/document.xml", "word/vbaProject.bin"]), "hold att.macro"),
    (file("facture\u202efdp.exe"), "block att.type evasion.bidi"),
    (file("facture\u202efdp.pdf"), "hold evasion.bidi"),
    (file("s.jpg", people=[{"name": "A", "consent": True}]), "allow"),
    (
        file("s.jpg", people=[{"name": "A", "consent": True}, {"name": "B", "consent": False}]),
        "hold img.consent",
    ),
    (file("s.jpg", people=[{"name": "A"}]), "hold img.consent"),
    (file("s.jpg", people=[{"name": "A", "consent": None}]), "hold img.consent"),
    (file("s.jpg", people=[]), "allow"),
    (file("s.jpg"), "allow"),
    ({"event": "rescan", **file("s.jpg", people=[{"name": "A"}])}, "flag img.consent"),
    ({"event": "attach", **file("s.exe")}, "block att.type"),
    ({"attachments": []}, "allow"),
]


@pytest.mark.parametrize(("context", "expected"), FILES)
def test_files(context, expected):
    assert short(ask("Ci-joint.", **context)) == expected


DIRECTIONS = [
    ("abc\u202edef", "hold evasion.bidi"),
    ("abc\u202ddef", "hold evasion.bidi"),
    ("abc&#x202e;def", "hold evasion.bidi"),
    ("`abc\u202edef`", "hold evasion.bidi"),
    ("abc\u200fdef", "allow"),
    ("abc\u2067def\u2069", "allow"),
    ("مرحبا بالعالم", "allow"),
    ("שלום \u200fעולם", "allow"),
]


@pytest.mark.parametrize(("text", "expected"), DIRECTIONS)
def test_directions(text, expected):
    assert short(ask(text)) == expected
