"""Letters that look like Latin ones, after the confusables data of Unicode Technical Standard 39.

Only letters that a person could mistake in running text; capitals also lend their look to their small letter.
"""

import unicodedata
from functools import lru_cache
from typing import Final

_PAIRS: Final = (
    # Greek
    "ͿJ ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX "
    "αa βb γy εe ζz ηn ιi κk μu νv οo ρp σo τt υu χx ωw ϜF ϳj ϺM ᴦr "
    # Cyrillic
    "ЅS ІI ЈJ АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX Ьb аa вb гr еe кk мm нh оo рp сc тt уy хx ѕs іi јj ѡw "
    "ѴV ѵv ҮY үy һh ҺH ҽe ӀI ӏl ԁd ԌG ԛq ԚQ ԜW ԝw ꙇi "
    # Armenian, Georgian
    "ՍU ՏS ՕO աw գq զq հh ոn ռn սu ցg քf օo ყy ჿo "
    # Cherokee
    "ᎠD ᎡR ᎢT Ꭵi ᎩY ᎪA ᎫJ ᎬE ᎳW ᎷM ᎻH ᎽY ᏀG Ꮒh ᏃZ Ꮟb "
    "ᏒR ᏔW ᏕS ᏙV ᏚS ᏞL ᏟC ᏢP ᏦK Ꮷd ᏳG ᏴB ꭵi ꮁr ꮃw ꮓz ꮩv ꮪs ꮯc "
    # Canadian syllabics, Coptic, Lisu
    "ᐯV ᑌU ᑭP ᑯd ᑲb ᒍJ ᒪL ᕁx ᕼH ᕽx ᖇR ᖯb ᖴF ᗅA ᗞD ᗪD ᗰM ᗷB "
    "ⲅr ⲎH ⲒI ⲔK ⲘM ⲚN ⲞO ⲟo ⲢP ⲣp ⲤC ⲥc ⲦT ⲨY ⲬX ⳐL "
    "ꓐB ꓑP ꓒd ꓓD ꓔT ꓖG ꓗK ꓙJ ꓚC ꓜZ ꓝF ꓟM ꓠN ꓡL ꓢS ꓣR ꓦV ꓧH ꓪW ꓫX ꓬY ꓮA ꓰE ꓲI ꓳO ꓴU "
    # Latin letters of phonetic alphabets and small capitals
    "ɑa ɡg ɢg ɣy ɩi ɪi ʀr ʏy ʙb ʜh ʟl ɴn ʋu ᴀa ᴄc ᴅd ᴇe ᴊj ᴋk ᴍm ᴏo ᴑo ᴘp ᴛt ᴜu ᴠv ᴡw ᴢz ᶃg ᶌy ꜰf ꜱs"
)
LATIN_LOOK: Final[dict[str, str]] = {pair[0]: pair[1] for pair in _PAIRS.split()}
_TABLE: Final = str.maketrans(LATIN_LOOK)
# Scripts that one word may mix with Latin letters or with each other without any trick.
_COMPANY: Final = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HANGUL", "CJK"}),
    frozenset({"LATIN", "BOPOMOFO", "CJK"}),
)
_NAMED_OTHERWISE: Final = {
    "KELVIN": "LATIN",
    "ANGSTROM": "LATIN",
    "FULLWIDTH": "LATIN",
    "KATAKANA-HIRAGANA": "KATAKANA",
    "IDEOGRAPHIC": "CJK",
}


def latin_look(text: str) -> str:
    """The text with every look-alike replaced by its Latin letter; the length never changes."""
    return text.translate(_TABLE)


@lru_cache(maxsize=8192)
def script(char: str) -> str:
    """The script of a letter, by its Unicode name; empty for anything else."""
    if not char.isalpha():
        return ""
    if "ɐ" <= char <= "ʯ" or "ᴀ" <= char <= "ᶿ" or char in "ꜰꜱ":
        return "PHONETIC"
    first = unicodedata.name(char, "").split(" ", 1)[0]
    return _NAMED_OTHERWISE.get(first, first)


def scripts(text: str) -> frozenset[str]:
    return frozenset(map(script, text)) - {""}


def mixes_scripts(text: str) -> bool:
    """Whether one word is written with letters of alphabets that don't belong together."""
    found = scripts(text)
    return len(found) > 1 and not any(found <= company for company in _COMPANY)


def skeleton(text: str) -> str:
    """What a host name looks like at a glance; equal skeletons are easily confused."""
    return latin_look(text).lower().replace("rn", "m").replace("0", "o").replace("1", "l").replace("vv", "w")
