"""Every kind of condition as people meet it: its phrase, its group, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask_babel import lazy_gettext

Words = Any  # translated when shown


@dataclass(frozen=True)
class Field:
    """One thing a kind asks for. `scale` is how many of the parameter's units make one of the form's."""

    name: str
    widget: str  # lines, whole, share, time, check, checks, choice, conditions
    label: Words
    help: Words = ""
    default: Any = None
    options: tuple[tuple[str, Words], ...] = ()
    scale: int = 1


@dataclass(frozen=True)
class Kind:
    """A kind of condition: how it reads after "When a post …", and its fields."""

    group: str
    name: Words
    phrase: Words
    fields: tuple[Field, ...] = ()


GROUPS: Final = {
    "words": lazy_gettext("Words"),
    "personal": lazy_gettext("Personal data and secrets"),
    "partners": lazy_gettext("Clients and suppliers"),
    "links": lazy_gettext("Links and files"),
    "manner": lazy_gettext("Manner and moment"),
    "advice": lazy_gettext("Advice of a model"),
    "together": lazy_gettext("Several conditions together"),
}
_DOMAINS = Field(
    "domains", "lines", lazy_gettext("Domains"), lazy_gettext("One a line, such as share.example.")
)
_WORDS_AT_LEAST = Field(
    "min_words", "whole", lazy_gettext("Words at least"), lazy_gettext("Shorter texts are left alone."), 6
)
_IGNORED = Field(
    "exempt",
    "checks",
    lazy_gettext("Not in"),
    options=(("quote", lazy_gettext("quotes")), ("code", lazy_gettext("code"))),
)
KINDS: Final[dict[str, Kind]] = {
    "phrases": Kind(
        "words",
        lazy_gettext("A list of words and phrases"),
        lazy_gettext("contains a phrase of the list"),
        (
            Field(
                "terms",
                "lines",
                lazy_gettext("Words and phrases"),
                lazy_gettext(
                    "One a line. “licenci*” finds every word that begins so; “=maïs” minds the accents."
                ),
            ),
            Field(
                "inflect",
                "checks",
                lazy_gettext("Their other forms too"),
                options=(
                    ("fr", lazy_gettext("French (s, e, es, x)")),
                    ("en", lazy_gettext("English (s, es)")),
                ),
            ),
            Field(
                "allow_phrases",
                "lines",
                lazy_gettext("Except in these phrases"),
                lazy_gettext("One a line, such as “cul-de-sac”."),
            ),
            _IGNORED,
        ),
    ),
    "pattern": Kind(
        "words",
        lazy_gettext("A pattern"),
        lazy_gettext("matches a pattern"),
        (
            Field(
                "patterns",
                "lines",
                lazy_gettext("Patterns"),
                lazy_gettext("One a line: regular expressions, 500 characters at most, without look-around."),
            ),
            Field(
                "on",
                "choice",
                lazy_gettext("Read"),
                options=(
                    ("folded", lazy_gettext("without accents and capitals")),
                    ("source", lazy_gettext("exactly as written")),
                ),
                default="folded",
            ),
            _IGNORED,
        ),
    ),
    "email": Kind(
        "personal",
        lazy_gettext("An e-mail address"),
        lazy_gettext("contains somebody’s e-mail address"),
        (
            Field(
                "role_addresses",
                "lines",
                lazy_gettext("Addresses of functions, not of people"),
                lazy_gettext("One a line, what stands before the @: support, sales."),
            ),
        ),
    ),
    "phone": Kind("personal", lazy_gettext("A phone number"), lazy_gettext("contains a phone number")),
    "iban": Kind("personal", lazy_gettext("A bank account (IBAN)"), lazy_gettext("contains an IBAN")),
    "card": Kind("personal", lazy_gettext("A payment card"), lazy_gettext("contains a payment card number")),
    "nir": Kind(
        "personal",
        lazy_gettext("A social security number"),
        lazy_gettext("contains a social security number"),
    ),
    "secret": Kind(
        "personal",
        lazy_gettext("A key, token or password"),
        lazy_gettext("contains a key, a token or a password"),
    ),
    "mixing": Kind(
        "partners",
        lazy_gettext("A client and a supplier together"),
        lazy_gettext("brings a client and a supplier together"),
    ),
    "link.deny": Kind(
        "links",
        lazy_gettext("Links to unwanted sites"),
        lazy_gettext("links to a site of the list"),
        (_DOMAINS,),
    ),
    "link.allow": Kind(
        "links",
        lazy_gettext("Links elsewhere"),
        lazy_gettext("links to a site that is not on the list"),
        (_DOMAINS,),
    ),
    "link.idn": Kind(
        "links",
        lazy_gettext("Links that look like a known site"),
        lazy_gettext("links to a site that looks like the company’s or one of the list"),
        (_DOMAINS,),
    ),
    "link.label": Kind(
        "links",
        lazy_gettext("Links that say another site"),
        lazy_gettext("has a link whose text names another site than it leads to"),
    ),
    "attachment.type": Kind(
        "links",
        lazy_gettext("Kinds of files"),
        lazy_gettext("carries a program, alone or in an archive"),
        (
            Field(
                "ext", "lines", lazy_gettext("Endings"), lazy_gettext("One a line, without the dot."), ["exe"]
            ),
            Field("magic", "lines", lazy_gettext("First bytes"), "", ["MZ"]),
        ),
    ),
    "attachment.macro": Kind(
        "links",
        lazy_gettext("Files with macros"),
        lazy_gettext("carries a document with macros"),
        (
            Field(
                "ext",
                "lines",
                lazy_gettext("Endings"),
                lazy_gettext("One a line, without the dot."),
                ["docm", "xlsm", "pptm"],
            ),
        ),
    ),
    "consent": Kind(
        "links",
        lazy_gettext("Pictures of people"),
        lazy_gettext("shows somebody who has not given their consent"),
    ),
    "bidi": Kind(
        "links",
        lazy_gettext("Marks that turn the reading direction"),
        lazy_gettext("hides marks that turn the reading direction"),
    ),
    "rate": Kind(
        "manner",
        lazy_gettext("Too many messages"),
        lazy_gettext("comes after too many others of its author"),
        (
            Field("limit", "whole", lazy_gettext("Messages at most"), default=5),
            Field("window_s", "whole", lazy_gettext("Within so many minutes"), default=600, scale=60),
            Field(
                "per",
                "choice",
                lazy_gettext("Counted"),
                options=(("", lazy_gettext("everywhere")), ("space", lazy_gettext("in each space"))),
                default="",
            ),
        ),
    ),
    "duplicate": Kind(
        "manner",
        lazy_gettext("The same message in many places"),
        lazy_gettext("says the same in too many spaces"),
        (
            Field("limit_spaces", "whole", lazy_gettext("Spaces at most"), default=3),
            Field("window_s", "whole", lazy_gettext("Within so many minutes"), default=1800, scale=60),
        ),
    ),
    "quiet": Kind(
        "manner",
        lazy_gettext("Quiet hours"),
        lazy_gettext("would ring somebody in their quiet hours"),
        (
            Field("from", "time", lazy_gettext("From"), default="20:00"),
            Field("to", "time", lazy_gettext("Until"), default="07:00"),
            Field("weekend", "check", lazy_gettext("At weekends all day"), default=True),
            Field(
                "exempt",
                "checks",
                lazy_gettext("Not for"),
                options=(("category incident", lazy_gettext("incidents")),),
                default=["category incident"],
            ),
        ),
    ),
    "work": Kind(
        "advice",
        lazy_gettext("Hardly about work"),
        lazy_gettext("hardly looks like work, in a space kept for work"),
        (
            Field(
                "below", "share", lazy_gettext("Score below"), lazy_gettext("From 0 to 1; 1 is work."), 0.2
            ),
            _WORDS_AT_LEAST,
        ),
    ),
    "tone": Kind(
        "advice",
        lazy_gettext("Hostile tone"),
        lazy_gettext("reads as hostile"),
        (
            Field(
                "above", "share", lazy_gettext("Score above"), lazy_gettext("From 0 to 1; 1 is hostile."), 0.9
            ),
            _WORDS_AT_LEAST,
        ),
    ),
    "combination": Kind(
        "together",
        lazy_gettext("Several conditions together"),
        lazy_gettext("meets several conditions together"),
        (Field("when", "conditions", lazy_gettext("Conditions")),),
    ),
}
FACTS: Final = {
    "hit": lazy_gettext("a rule finds something (its name)"),
    "count": lazy_gettext("a rule found its author often (name, times, minutes)"),
    "author_age_below_days": lazy_gettext("the author arrived less than so many days ago"),
    "first_post": lazy_gettext("it is the author’s first message (yes or no)"),
    "edited_within_s": lazy_gettext("it is changed within so many seconds"),
    "work_below": lazy_gettext("its work score is below"),
    "has_link": lazy_gettext("it has a link (yes or no)"),
    "has_attachment": lazy_gettext("it has a file (yes or no)"),
    "object": lazy_gettext("it is a post or a comment"),
    "event": lazy_gettext("it happens at: create, edit, move…"),
    "space_kind": lazy_gettext("the space is: internal, client, supplier, social"),
    "role": lazy_gettext("the author’s role is"),
    "segment": lazy_gettext("the author is: employee, client, supplier"),
}
ACTIONS: Final = {
    "nudge": lazy_gettext("the author gets a hint first"),
    "flag": lazy_gettext("it is published and a moderator has a look"),
    "hold": lazy_gettext("it waits for a moderator"),
    "block": lazy_gettext("it can’t be sent"),
}
OBJECTS: Final = {"post": lazy_gettext("posts"), "comment": lazy_gettext("comments")}
SPACE_KINDS: Final = {
    "internal": lazy_gettext("internal spaces"),
    "client": lazy_gettext("clients’ spaces"),
    "supplier": lazy_gettext("suppliers’ spaces"),
    "social": lazy_gettext("social spaces"),
}
SEGMENTS: Final = {
    "employee": lazy_gettext("employees"),
    "client": lazy_gettext("clients’ people"),
    "supplier": lazy_gettext("suppliers’ people"),
}
EVENTS: Final = {
    "create": lazy_gettext("when it is written"),
    "edit": lazy_gettext("when it is changed"),
    "move": lazy_gettext("when it moves to another space"),
    "attach": lazy_gettext("when a file is added"),
    "publish": lazy_gettext("when it leaves the queue"),
    "rescan": lazy_gettext("when what stands is read again"),
}
ROLES: Final = {
    "employee": lazy_gettext("Everybody"),
    "moderator": lazy_gettext("Moderator"),
    "senior_moderator": lazy_gettext("Senior moderator"),
    "charter_owner": lazy_gettext("Charter owner"),
    "staff_representative": lazy_gettext("Staff representative"),
    "admin": lazy_gettext("Admin"),
    "auditor": lazy_gettext("Auditor"),
}
STATES: Final = {
    "draft": lazy_gettext("Draft"),
    "tested": lazy_gettext("Tested"),
    "dry_run": lazy_gettext("Dry run"),
    "live_soft": lazy_gettext("Capped at flag"),
    "live": lazy_gettext("In force"),
    "paused": lazy_gettext("Paused"),
    "tripped": lazy_gettext("Tripped"),
    "retired": lazy_gettext("Retired"),
    "expired": lazy_gettext("Expired"),
}
TONES: Final = {
    "draft": None,
    "tested": "info",
    "dry_run": "info",
    "live_soft": "accent",
    "live": "good",
    "paused": "warn",
    "tripped": "bad",
}
MOVES: Final = {
    "written": lazy_gettext("Written"),
    "test": lazy_gettext("Declare it tested"),
    "dry_run": lazy_gettext("Start its dry run"),
    "cap": lazy_gettext("Let it act, capped at flag"),
    "ask": lazy_gettext("Ask another owner to put it into force"),
    "go_live": lazy_gettext("Put it into force"),
    "emergency": lazy_gettext("Put it into force for 72 hours"),
    "lower": lazy_gettext("Cap it at flag"),
    "clear": lazy_gettext("Looked at: capped at flag"),
    "pause": lazy_gettext("Pause it"),
    "resume": lazy_gettext("Take it up again, capped at flag"),
    "retire": lazy_gettext("Retire it"),
    "trip": lazy_gettext("Tripped: it hit too often"),
    "expire": lazy_gettext("Its time is over"),
}
