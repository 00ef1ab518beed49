"""Numbers and addresses of persons: found when they are, silent when they only look like it."""

import pytest

from .support import ask, short

IBAN, CARD, NIR = "hold pii.iban", "block pii.card", "block pii.nir"
PHONE, EMAIL = "nudge pii.phone", "nudge pii.email"

TEXTS = [
    ("IBAN FR76 3000 6000 0112 3456 7890 189 merci", IBAN),
    ("FR7630006000011234567890189", IBAN),
    ("fr76 3000 6000 0112 3456 7890 189", IBAN),
    ("FR76-3000-6000-0112-3456-7890-189", IBAN),
    ("FR76\u00a03000\u00a06000\u00a00112\u00a03456\u00a07890\u00a0189.", IBAN),
    ("(FR7630006000011234567890189)", IBAN),
    ("DE89 3704 0044 0532 0130 00", IBAN),
    ("GB82 WEST 1234 5698 7654 32", IBAN),
    ("BE68 5390 0754 7034", IBAN),
    ("NO93 8601 1117 947", IBAN),
    ("MT84 MALT 0110 0001 2345 MTLC AST0 01S", IBAN),
    ("FR76 30006 00001 12345678901 89", IBAN),
    ("IBAN FR76 3000 6000 0112 3456 7890 188 merci", "allow"),
    ("XFR7630006000011234567890189", "allow"),
    ("FR76300060000112345678901890", "allow"),
    ("FR7630006000011234567890189X", "allow"),
    ("FR76 3000 6000 0112 3456 7890", "allow"),
    ("ZZ76 3000 6000 0112 3456 7890 189", "allow"),
    ("`FR7630006000011234567890189`", IBAN),
    ("> FR7630006000011234567890189", IBAN),
    ("https://a.example/FR7630006000011234567890189", "allow"),
    ("FR76 3000 6000\n\n0112 3456 7890 189", "allow"),
    ("FR76 3000 6000\n0112 3456 7890 189", IBAN),
    ("Carte 4111 1111 1111 1111 exp 12/27", CARD),
    ("4111111111111111", CARD),
    ("4111-1111-1111-1111.", CARD),
    ("5500 0000 0000 0004", CARD),
    ("2223 0031 2200 3222", CARD),
    ("3782 822463 10005", CARD),
    ("3056 930902 5904", CARD),
    ("6011 1111 1111 1117", CARD),
    ("4222222222222", CARD),
    ("4111 1111 1111 1112", "allow"),
    ("4111 1111 1111 1111 1111", "allow"),
    ("4111 1111 1111 111", "allow"),
    ("9111 1111 1111 1111", "allow"),
    ("1234567812345670", "allow"),
    ("Suivi 1Z4111111111111111", "allow"),
    ("4111111111111111A", "allow"),
    ("A4111111111111111", "allow"),
    ("4111 11XX XXXX 1111", "allow"),
    ("**** **** **** 1111", "allow"),
    ("4111.1111.1111.1111", "allow"),
    ("4111  1111  1111  1111", "allow"),
    ("4111 1111\n\n1111 1111", "allow"),
    ("４１１１ １１１１ １１１１ １１１１", "block pii.card #evasion"),
    ("4111\u200b111111111111", "block pii.card #evasion"),
    ("EAN 3017620422003", "allow"),
    ("2 55 08 14 168 025 38", NIR),
    ("255081416802538", NIR),
    ("2.55.08.14.168.025.38", NIR),
    ("2-55-08-14-168-025-38", NIR),
    ("255082A16802597", NIR),
    ("2 55 08 2A 168 025 97", NIR),
    ("255082a16802597", NIR),
    ("3 55 08 14 168 025 38", "allow"),
    ("2 55 08 14 168 025 39", "allow"),
    ("2 55 13 14 168 025 33", "allow"),
    ("A255081416802538", "allow"),
    ("2550814168025381", "allow"),
    ("06 39 98 12 34", PHONE),
    ("0639981234", PHONE),
    ("06.39.98.12.34", PHONE),
    ("06-39-98-12-34", PHONE),
    ("06/39/98/12/34", PHONE),
    ("+33 6 39 98 12 34", PHONE),
    ("+33639981234", PHONE),
    ("+33 (0)6 39 98 12 34", PHONE),
    ("0033 6 39 98 12 34", PHONE),
    ("0033639981234", PHONE),
    ("06\u00a039\u00a098\u00a012\u00a034", PHONE),
    ("Tél.06 39 98 12 34.", PHONE),
    ("[appeler](tel:+33639981234)", PHONE),
    ("0639 98 12 34", PHONE),
    ("063 998 12 34", "allow"),
    ("06 399 812 34", "allow"),
    ("06 39 98 12 34 56", "allow"),
    ("12 06 39 98 12 34", "allow"),
    ("106 39 98 12 34", "allow"),
    ("A0639981234", "allow"),
    ("06399812345", "allow"),
    ("00 39 98 12 34", "allow"),
    ("06 39 98 12", "allow"),
    ("01 99 00 10 00", "allow"),
    ("01 99 00 10 99", "allow"),
    ("+33 1 99 00 10 50", "allow"),
    ("0033199001050", "allow"),
    ("01 99 00 11 00", PHONE),
    ("https://a.example/0639981234", "allow"),
    ("Réf 2026 0310 0639981234", "allow"),
    ("jeanne.roux@perso.example", EMAIL),
    ("JEANNE.ROUX@PERSO.EXAMPLE", EMAIL),
    ("jeanne+x@mail.perso.example.", EMAIL),
    ("<jeanne.roux@perso.example>", EMAIL),
    ("[écrire](mailto:jeanne.roux@perso.example)", EMAIL),
    ("jeanne.**roux**@perso.example", EMAIL),
    ("`jeanne.roux@perso.example`", EMAIL),
    ("jeanne.roux@entreprise.example", "allow"),
    ("jeanne.roux@mail.entreprise.example", "allow"),
    ("jeanne.roux@notentreprise.example", EMAIL),
    ("jeanne.roux@entreprise.example.perso.example", EMAIL),
    ("contact@autre.example", "allow"),
    ("facturation@autre.example", "allow"),
    ("Support@autre.example", "allow"),
    ("contacts@autre.example", EMAIL),
    ("https://jeanne@perso.example/x", "allow"),
    ("https://a.example/?m=jeanne@perso.example", "allow"),
    ("react@18.2.0", "allow"),
    ("@paul et @lea.roux", "allow"),
    ("a@b", "allow"),
    ("jeanne.roux [at] perso [dot] example", "nudge pii.email #evasion"),
    ("jeanne.roux(at)perso(dot)example", "nudge pii.email #evasion"),
    ("jeanne.roux [at] perso.example", "nudge pii.email #evasion"),
    ("jeanne.roux [arobase] perso [point] example", "nudge pii.email #evasion"),
    ("jeanne.roux arobase perso point example", "nudge pii.email #evasion"),
    ("jeanne.roux [at] entreprise [dot] example", "allow"),
    ("contact [at] autre [dot] example", "allow"),
    ("Rendez-vous [at] midi", "allow"),
    ("jeanne.roux＠perso.example", "nudge pii.email #evasion"),
    ("jeanne.roux@per\u200bso.example", "nudge pii.email #evasion"),
    ("4111 1111 1111 1111 et 06 39 98 12 34", "block pii.card pii.phone"),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_numbers_and_addresses(text, expected):
    assert short(ask(text)) == expected


PLACES = [
    {"title": "06 39 98 12 34"},
    {"attachments": [{"filename": "a.pdf", "text": "tél. 06 39 98 12 34"}]},
    {"attachments": [{"filename": "06 39 98 12 34.pdf"}]},
    {"poll": ["06 39 98 12 34"]},
    {"title": "06 39 98 12 34", "space": {"type": "cross"}},
    {"title": "06 39 98 12 34", "space": {"type": "union"}},
    {"title": "06 39 98 12 34", "event": "rescan"},
]


@pytest.mark.parametrize("context", PLACES)
def test_numbers_in_every_place(context):
    assert short(ask("Bonjour.", **context)) == PHONE


def test_a_nudge_gone_on_with_is_recorded_and_nothing_stricter_is():
    answer = ask("06 39 98 12 34", override={"justification": "le standard"})
    assert (answer["action"], answer["hits"], answer["override"]) == ("allow", ["pii.phone"], "recorded")
    assert ask("4111 1111 1111 1111", override=True)["action"] == "block"
    assert ask("06 39 98 12 34", override={"hits": ["pii.email"]})["action"] == "nudge"
