"""The catalogues: `update` takes new sentences in, `check` says what is missing.

English sentences are the keys; French is complete, English needs no catalogue of its own but may have one.
"""

import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "translations"
SOURCES = ["app", "templates"]
COMPLETE = ("fr",)
# Keeps the files readable and their differences small: no line numbers.
ABOUT = [
    "--project=Parvis",
    "--version=1",
    "--msgid-bugs-address=none",
    "--last-translator=none",
    "--header-comment=# The sentences of Parvis.",
]
EXTRACT = [*ABOUT, "--no-location", "--sort-output", "--add-comments=Note:", "--mapping-file=pyproject.toml"]
KEYWORDS = ["-k", "lazy_gettext", "-k", "lazy_ngettext:1,2", "-k", "npgettext:1c,2,3", "-k", "pgettext:1c,2"]
# What the API's document says of itself, translated where people read it.
KEYWORDS += ["-k", "endpoint:1", "-k", "said:1"]
WIDTH = ["--width=110"]
MERGE = ["--ignore-pot-creation-date", "--no-fuzzy-matching", "--ignore-obsolete"]


def main() -> int:
    if sys.argv[1:] == ["update"]:
        return update()
    return check()


def update() -> int:
    with tempfile.TemporaryDirectory() as folder:
        template = extract(Path(folder))
        for locale in COMPLETE:
            command = "update" if po_file(locale).exists() else "init"
            options = [*WIDTH, *(MERGE if command == "update" else [])]
            babel(command, "-i", str(template), "-d", str(FOLDER), "-l", locale, *options)
    return check()


def check() -> int:
    with tempfile.TemporaryDirectory() as folder:
        wanted = read(extract(Path(folder)))
    complaints = [line for locale in COMPLETE for line in missing(wanted, locale)]
    print("\n".join(complaints) if complaints else f"{len(wanted)} sentences, all translated.")
    return 1 if complaints else 0


def missing(wanted: Catalog, locale: str) -> list[str]:
    """One line for each sentence without a usable translation."""
    if not wanted:
        return []
    if not po_file(locale).exists():
        return [f"{locale}: there is no catalogue; run make translations."]
    present = read(po_file(locale), locale)
    return [
        f"{locale}: not translated: {message.id!r}"
        for message in wanted
        if message.id and not is_translated(present.get(message.id, message.context))
    ]


def is_translated(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    texts = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    return all(texts) and not list(message.check())


def extract(folder: Path) -> Path:
    template = folder / "messages.pot"
    sources = [source for source in SOURCES if (ROOT / source).exists()]
    babel("extract", *EXTRACT, *KEYWORDS, *WIDTH, "-o", str(template), *sources)
    return template


def babel(*command: str) -> None:
    CommandLineInterface().run(["pybabel", "-q", *command])  # type: ignore[no-untyped-call]


def po_file(locale: str) -> Path:
    return FOLDER / locale / "LC_MESSAGES" / "messages.po"


def read(file: Path, locale: str | None = None) -> Catalog:
    with file.open("rb") as source:
        return read_po(source, locale=locale, abort_invalid=True)


if __name__ == "__main__":
    sys.exit(main())
