"""What moderation says in words that templates don't: pseudonyms, reasons, places, saved replies."""

from __future__ import annotations

from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from app.charter.queries import Cited
from app.moderation import ground
from app.moderation.models import (
    APPEAL,
    AUTO_RESOLVED,
    AWAITING_SECOND,
    DECIDED,
    DEFERRED,
    HIDE_IMAGE,
    HOLD,
    NO_VIOLATION,
    REJECT,
    RELEASE,
    REMIND,
    REMOVE,
    RESTRICTING,
    RETURN,
    SavedReply,
)

_LETTERS = 26


def author(number: int) -> str:
    """The pseudonym of the n-th person who wrote in a case."""
    return _("Author %(letter)s", letter=_letter(number))


def reporter(number: int) -> str:
    """The pseudonym of the n-th person who reported."""
    return _("Reporter %(letter)s", letter=_letter(number))


def appellant() -> str:
    """Who appeals, when it isn't the author."""
    return _("Reporter")


def special_reason(key: str) -> str:
    """Why somebody reported, when it isn't a clause."""
    if key == "in_picture":
        return _("I am in this picture and did not agree to it")
    if key == "danger":
        return _("Somebody may be in danger")
    return _("Something else")


def part(name: str) -> str | None:
    """Where in an entry something was found; None for its text."""
    if name in {"", "body"}:
        return None
    return _("title") if name == "title" else _("attached file")


def closed(state: str) -> str | None:
    """Why a case can't be taken any more."""
    if state == DECIDED:
        return _("This is decided. Nothing is left to do.")
    if state == AWAITING_SECOND:
        return _("This waits for a second senior moderator.")
    if state == DEFERRED:
        return _("This was put off until more is known.")
    if state == AUTO_RESOLVED:
        return _("The author corrected or withdrew the text; there is nothing left to decide.")
    return None


def statement(locale: str, outcome: str, clause: Cited | None, automatic: bool, reason: str) -> str:
    """The statement of reasons as its author keeps it: what, under which clause, how it was found, why."""
    with force_locale(locale):
        parts = [_outcome(outcome)]
        if clause is not None:
            parts.append(
                _(
                    "Clause %(number)s of the charter (version %(version)s) was applied: %(title)s.",
                    number=clause.number,
                    version=clause.version,
                    title=clause.title.rstrip("."),
                )
            )
        parts.append(
            _("A rule noticed it first; a moderator decided.")
            if automatic
            else _("It was reported; a moderator decided.")
        )
        parts.append(reason)
        if outcome in RESTRICTING:
            parts.append(_("You can ask for a second look by somebody else, within six months."))
    return "\n".join(parts)


def _outcome(outcome: str) -> str:
    sentences = {
        RELEASE: _("Your message was published."),
        RETURN: _("Your message was returned to you: you can correct it and send it again."),
        REJECT: _("Your message was not published."),
        REMOVE: _("Your message was removed."),
        HIDE_IMAGE: _("Pictures of your message are not shown any more."),
        REMIND: _("Your message stays. This is a reminder of the charter."),
        NO_VIOLATION: _("Your message stays as it is."),
    }
    return sentences[outcome]


def replies(kind: str, locale: str) -> list[tuple[str, str]]:
    """Saved replies: a label for the moderator, the text in the author's language."""
    if kind == APPEAL:
        return []
    kept = ground.replies("held" if kind == HOLD else "standing")
    if kept:
        return [(_in(str(get_locale()), one, "label"), _in(locale, one, "text")) for one in kept]
    labels = (_held_labels if kind == HOLD else _standing_labels)()
    with force_locale(locale):
        texts = (_held_texts if kind == HOLD else _standing_texts)()
    return list(zip(labels, texts, strict=True))


def first_replies(by_id: int) -> list[SavedReply]:
    """The words that come with the product, in both languages, for a company to change as it likes."""
    made = []
    for about, labels, texts in (
        ("held", _held_labels, _held_texts),
        ("standing", _standing_labels, _standing_texts),
    ):
        spoken = {}
        for locale in ("fr", "en"):
            with force_locale(locale):
                spoken[locale] = list(zip(labels(), texts(), strict=True))
        for french, english in zip(spoken["fr"], spoken["en"], strict=True):
            made.append(
                SavedReply(
                    about=about,
                    label_fr=french[0],
                    text_fr=french[1],
                    label_en=english[0],
                    text_en=english[1],
                    by_id=by_id,
                )
            )
    return made


def _in(locale: str, reply: SavedReply, field: str) -> str:
    return str(getattr(reply, f"{field}_{'en' if locale == 'en' else 'fr'}"))


def _held_labels() -> tuple[str, ...]:
    return _("Client and supplier together"), _("Personal data"), _("Nothing against it")


def _held_texts() -> tuple[str, ...]:
    return (
        _("This text names a client and a supplier together. Speak of one of them only, or write twice."),
        _("This text holds personal data that its readers don't need. Leave it out and send it again."),
        _("Nothing in the charter speaks against this text."),
    )


def _standing_labels() -> tuple[str, ...]:
    return _("Tone"), _("Personal data"), _("Nothing against it")


def _standing_texts() -> tuple[str, ...]:
    return (
        _("This text attacks a person. Say what you think of the matter, not of the person."),
        _("This text holds personal data that its readers don't need."),
        _("Nothing in the charter speaks against this text. It stays as it is."),
    )


def _letter(number: int) -> str:
    rest, letter = divmod(number, _LETTERS)
    return chr(ord("A") + letter) + (str(rest) if rest else "")
