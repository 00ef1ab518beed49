"""Small documents for posts: a real PDF with text in it, tables, notes."""

from __future__ import annotations

from app.demo.chance import chance


def pdf(lines: tuple[str, ...]) -> bytes:
    """One A4 page with these lines, the smallest PDF that every reader opens and searches."""
    shown = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
    page = f"BT /F1 12 Tf 16 TL 72 770 Td\n{shown}ET".encode("cp1252")
    return _document(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    )


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _document(*objects: bytes) -> bytes:
    out, starts = b"%PDF-1.4\n", list[int]()
    for number, body in enumerate(objects, start=1):
        starts.append(len(out))
        out += b"%d 0 obj" % number + body + b"endobj\n"
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def budget_note() -> bytes:
    """The framing note of the budget."""
    return pdf(
        (
            "Vaudrelle - Note de cadrage budgétaire",
            "",
            "1. Hypothèses",
            "   Énergie : + 4 %",
            "   Fonte et acier moulé : + 2 %",
            "   Août : quinze jours ouvrés",
            "",
            "2. Calendrier",
            "   Saisie des équipes : avant le 15",
            "   Revue par site : la semaine suivante",
            "   Arbitrage : en comité, avant la fin du mois",
            "",
            "3. Règles",
            "   Une ligne par projet, un responsable par ligne.",
            "   Les outils coupants restent en consommables de production.",
        )
    )


def deliveries(seed: object) -> bytes:
    """Trucks and what they carried, as CSV the way French spreadsheets read it."""
    draws = chance(0, "deliveries", seed)
    rows = [
        f"{1000 + n};{draws.choice((60, 70, 80))};{draws.choice(('oui',) * 24 + ('non',))}" for n in range(60)
    ]
    return "\r\n".join(["camion;pompes;à l'heure", *rows, ""]).encode("utf-8-sig")


def measures(seed: object) -> bytes:
    """Hardness of fifty castings, as CSV."""
    draws = chance(0, "measures", seed)
    rows = [
        f"{n};{draws.randint(187, 201)};{draws.uniform(2.6, 3.4):.2f}".replace(".", ",") for n in range(1, 51)
    ]
    return "\r\n".join(["pièce;dureté HB;surépaisseur mm", *rows, ""]).encode("utf-8-sig")


def agenda() -> bytes:
    """The open day, hour by hour, as plain text."""
    hours = ("10 h 00  Accueil et café", "10 h 30  Visite de l'usinage", "11 h 30  Démonstration au banc")
    later = ("14 h 00  Atelier « monte ta pompe »", "15 h 30  Goûter", "16 h 00  Fermeture")
    return "\n".join(("PORTES OUVERTES DES FAMILLES", "", *hours, *later, "")).encode()
