"""The catalogues are whole, placeholders agree, French looks like French, pages keep to one language."""

import html
import re

import pytest
from babel.messages.catalog import Catalog, Message

from tools import translations

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
SPACES = "\u202f\u00a0"
CODE = re.compile(r"\S*(?:://|::|\w:\w)\S*|Authorization: Bearer")
SENTENCES = (
    "Sign in",
    "Password",
    "Login or e-mail address",
    "Skip to the content",
    "Nothing at this address",
    "Back to home",
    "Something needs correcting",
)


@pytest.fixture(scope="module")
def french() -> Catalog:
    return translations.read(translations.po_file("fr"), "fr")


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return translations.read(translations.extract(tmp_path_factory.mktemp("catalogue")))


def sentences(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def french_texts(catalogue: Catalog) -> list[str]:
    return [text for message in sentences(catalogue) for text in forms(message.string)]


def keys(catalogue: Catalog) -> set[object]:
    return {(message.context, forms(message.id)[0]) for message in sentences(catalogue)}


def test_every_sentence_is_translated(wanted):
    assert [line for locale in translations.COMPLETE for line in translations.missing(wanted, locale)] == []


def test_no_translation_is_left_over(wanted, french):
    assert keys(french) - keys(wanted) == set()
    assert french.obsolete == {}


def test_no_sentence_is_extracted_from_a_variable(wanted):
    assert all(text.strip() for message in sentences(wanted) for text in forms(message.id))


def test_placeholders_agree(french):
    odd = [
        message.id for message in sentences(french) if not agrees(forms(message.id), forms(message.string))
    ]
    assert odd == []


def agrees(english: list[str], translated: list[str]) -> bool:
    """Each form holds what its English form holds, and nothing that no English form holds."""
    known = set(PLACEHOLDER.findall(" ".join(english)))
    return all(
        set(PLACEHOLDER.findall(e)) <= set(PLACEHOLDER.findall(t)) <= known
        for e, t in zip(english, translated, strict=True)
    )


def test_french_has_its_two_forms(french):
    plurals = [message for message in sentences(french) if message.pluralizable]
    assert french.plural_expr == "(n > 1)"
    assert [message.id for message in plurals if len(message.string) != 2] == []


def test_english_forms_differ_where_nouns_are_counted(wanted):
    same = [m.id for m in sentences(wanted) if m.pluralizable and m.id[0] == m.id[1]]
    assert [texts for texts in same if re.search(r"%\(num\)[sd] \w+s\b", texts[0])] == []


def test_french_apostrophes_are_typographic(french):
    assert [text for text in french_texts(french) if re.search(r"\w'\w", text)] == []


def test_french_punctuation_keeps_its_distance(french):
    def is_tight(text: str) -> bool:
        plain = CODE.sub("", text)
        return bool(re.search(rf"[^{SPACES}\s][;!?»]|[^{SPACES}]:(?=\s|$)|«[^{SPACES}]| [;:!?»]", plain))

    assert [text for text in french_texts(french) if is_tight(text)] == []


def test_nothing_shouts(wanted, french):
    english = [text for message in sentences(wanted) for text in forms(message.id)]
    assert [text for text in english + french_texts(french) if "!" in text] == []


def test_french_quotes_are_french(french):
    assert [text for text in french_texts(french) if re.search('[“”"]', text)] == []


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/posts/none"])
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_pages_speak_the_language_asked_for(anonymous, french, path, locale):
    page = html.unescape(anonymous.get(path, headers={"Accept-Language": locale}, follow_redirects=True).text)
    visible = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert f'<html lang="{locale}"' in page
    other = [french.get(text).string if locale == "en" else text for text in SENTENCES]
    assert [text for text in other if re.search(rf">\s*{re.escape(text)}\s*<", visible)] == []


def test_a_page_says_its_sentences(anonymous, french):
    def read(locale: str) -> str:
        return html.unescape(anonymous.get("/sign-in", headers={"Accept-Language": locale}).text)

    assert "Login or e-mail address" in read("en")
    assert french.get("Login or e-mail address").string in read("fr")
