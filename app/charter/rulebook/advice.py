"""What an author may do about a finding, by the kind of its rule."""

from __future__ import annotations

from typing import Final

from flask_babel import lazy_gettext

_ADVICE: Final = {
    "phrases": lazy_gettext("Say it without the underlined words."),
    "pattern": lazy_gettext("Say it without the underlined words."),
    "email": lazy_gettext("Leave the address out, or write to the person directly."),
    "phone": lazy_gettext("Leave the number out, or call the person directly."),
    "iban": lazy_gettext("Leave the account number out: accounting has a safe place for it."),
    "card": lazy_gettext("Leave the card number out."),
    "nir": lazy_gettext("Leave the social security number out."),
    "secret": lazy_gettext("Take the secret out and have it replaced: whoever saw it may use it."),
    "mixing": lazy_gettext("Write about the client and the supplier in two separate posts."),
    "link.deny": lazy_gettext("Put the document on the company’s own storage and link to it there."),
    "link.allow": lazy_gettext("Link to a site that the company knows."),
    "link.idn": lazy_gettext("Check the address letter by letter."),
    "link.label": lazy_gettext("Let the link say where it leads."),
    "attachment.type": lazy_gettext("Remove the file: programs don’t belong here."),
    "attachment.macro": lazy_gettext("Save the document without macros."),
    "consent": lazy_gettext("Ask the people in the picture first, or choose another one."),
    "bidi": lazy_gettext("Type the text anew instead of pasting it."),
    "rate": lazy_gettext("Wait a little, or put it all into one message."),
    "duplicate": lazy_gettext("Post it once, where it matters most."),
    "quiet": lazy_gettext("Have it delivered in the morning, or leave the mention out."),
    "work": lazy_gettext("Post it in a social space, or say how it matters to the work."),
    "tone": lazy_gettext("Read it once more as the person it is about."),
}


def suggestion(kind: str) -> str:
    """A way out in one sentence; empty when there is none to give."""
    return str(_ADVICE[kind]) if kind in _ADVICE else ""
