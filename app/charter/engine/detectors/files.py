"""Attached files: kinds that may not travel, macros, faces without consent."""

import re
from collections.abc import Iterator
from typing import Final

from ..draft import Attachment
from ..fold import fold_text
from ..scan import Hit, Scan
from ..spec import RuleSpec
from ..verdict import Place
from .base import Build, Detector, strings

_END: Final = re.compile(r"[\s.]+$")
_MACRO_MEMBERS: Final = ("vbaproject.bin", "vbadata.xml")


def last_extension(name: str) -> str:
    """The extension that a computer would go by."""
    folded = _END.sub("", fold_text(name).partition("::")[0])
    return folded.rpartition("/")[2].rpartition("\\")[2].rpartition(".")[2] if "." in folded else ""


def compile_types(rule: RuleSpec, _build: Build) -> Detector:
    """Files by extension or first bytes, one level into archives."""
    extensions = frozenset(fold_text(ext).lstrip(".") for ext in strings(rule.params.get("ext")))
    magics = strings(rule.params.get("magic"))
    depth = int(rule.params.get("archive_depth", 1))

    def is_refused(name: str, magic: str) -> bool:
        return last_extension(name) in extensions or (bool(magic) and magic.startswith(magics))

    def detect(scan: Scan) -> Iterator[Hit]:
        for number, file in enumerate(scan.draft.attachments):
            unreadable = bool(file.problems) and rule.params.get("refuse_unreadable")
            inside = file.members if depth else ()
            if (
                unreadable
                or is_refused(file.name, file.magic)
                or any(is_refused(member.name, member.magic) for member in inside)
            ):
                yield name_hit(number, file)

    return detect


def compile_macros(rule: RuleSpec, _build: Build) -> Detector:
    """Documents that carry programs, by extension or by what was found inside."""
    extensions = frozenset(fold_text(ext).lstrip(".") for ext in strings(rule.params.get("ext")))

    def detect(scan: Scan) -> Iterator[Hit]:
        for number, file in enumerate(scan.draft.attachments):
            names = [file.name, *(member.name for member in file.members)]
            inside = any(fold_text(member.name).endswith(_MACRO_MEMBERS) for member in file.members)
            if file.macros or inside or any(last_extension(name) in extensions for name in names):
                yield name_hit(number, file)

    return detect


def compile_consent(_rule: RuleSpec, _build: Build) -> Detector:
    """Images on which somebody was named who hasn't agreed."""

    def detect(scan: Scan) -> Iterator[Hit]:
        for number, file in enumerate(scan.draft.attachments):
            if any(person.consent is not True for person in file.people):
                yield name_hit(number, file)

    return detect


def name_hit(number: int, file: Attachment) -> Hit:
    """A hit on a file's name, tagged when its extension is only read once unfolded."""
    plain = _END.sub("", file.name.lower()).endswith("." + last_extension(file.name))
    hidden = bool(last_extension(file.name)) and not plain
    return Hit((Place(f"attachment:{number}:name", 0, len(file.name)),), ("evasion",) if hidden else ())
