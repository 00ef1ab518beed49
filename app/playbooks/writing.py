"""What the editor of playbooks sends, read at the edge."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _

from app.kernel.errors import Invalid
from app.kernel.inputs import choice, many, optional, parse, switch, text, whole
from app.playbooks.models import ACCESS, ARTEFACTS, OWNERS, SIGNALS

MOST_STEPS, LONGEST_HOURS = 20, 24 * 90
_REPORT = re.compile(r"report:(danger|in_picture|other|[0-9]{1,3}(\.[0-9]{1,3}){1,3})")


@dataclass(frozen=True)
class WrittenStep:
    """One thing to do: whose it is, within how many hours, and what shows that it was done."""

    title_fr: str
    title_en: str
    text_fr: str
    text_en: str
    owner: str
    hours: int | None
    artefact: str

    @classmethod
    def parse(cls, source: Mapping[str, Any], number: int) -> WrittenStep:
        """The step of this number in the form; Invalid with the names that its fields have there."""
        prefix = f"step_{number}_"
        given = {
            name.removeprefix(prefix): value for name, value in source.items() if name.startswith(prefix)
        }
        try:
            return cls(
                **parse(
                    given,
                    title_fr=text(longest=120, lines=False),
                    title_en=text(longest=120, lines=False),
                    text_fr=text(longest=2_000, shortest=0),
                    text_en=text(longest=2_000, shortest=0),
                    owner=choice(*OWNERS),
                    hours=optional(whole(smallest=1, largest=LONGEST_HOURS)),
                    artefact=choice(*ARTEFACTS),
                )
            )
        except Invalid as refusal:
            raise Invalid(fields={prefix + name: told for name, told in refusal.fields.items()}) from refusal


@dataclass(frozen=True)
class WrittenPlaybook:
    """A playbook as somebody wrote it."""

    title_fr: str
    title_en: str
    summary_fr: str
    summary_en: str
    triggers: tuple[str, ...]
    access: str
    holds: bool
    clock_hours: int | None
    steps: tuple[WrittenStep, ...]

    @classmethod
    def parse(cls, source: Mapping[str, Any]) -> WrittenPlaybook:
        """Read the form; Invalid with a sentence per field. Steps without a name are left out."""
        problems: dict[str, str] = {}
        fields = _read(problems, lambda: _fields(source))
        steps = [_read(problems, lambda n=n: WrittenStep.parse(source, n)) for n in _numbers(source)]
        if not steps and not problems:
            problems["steps"] = _("Write at least one step.")
        if problems:
            raise Invalid(fields=problems)
        triggers = tuple(dict.fromkeys([*fields["signals"], *fields.pop("reports")]))
        del fields["signals"]
        return cls(**fields, triggers=triggers, steps=tuple(steps))

    @property
    def stored(self) -> dict[str, Any]:
        """What a version keeps of it."""
        given = asdict(self)
        return {**given, "triggers": list(self.triggers), "steps": list(given["steps"])}


def _read(problems: dict[str, str], read: Any) -> Any:
    try:
        return read()
    except Invalid as refusal:
        problems.update(refusal.fields)
        return None


def _fields(source: Mapping[str, Any]) -> dict[str, Any]:
    return parse(
        {**source, "signals": source.get("signals[]", [])},
        title_fr=text(longest=120, lines=False),
        title_en=text(longest=120, lines=False),
        summary_fr=text(longest=2_000, shortest=0),
        summary_en=text(longest=2_000, shortest=0),
        signals=many(choice(*SIGNALS), most=len(SIGNALS)),
        reports=_reports,
        access=choice(*ACCESS),
        holds=switch(),
        clock_hours=optional(whole(smallest=1, largest=LONGEST_HOURS)),
    )


def _reports(raw: Any) -> list[str]:
    """Reasons of reports, with spaces or commas between: "danger 3.1"."""
    named = [f"report:{word}" for word in re.split(r"[\s,]+", raw) if word] if isinstance(raw, str) else []
    if len(named) > 20 or not all(_REPORT.fullmatch(one) for one in named):
        raise ValueError(_("Give numbers of clauses, or danger, in_picture, other."))
    return named


def _numbers(source: Mapping[str, Any]) -> list[int]:
    """The steps of the form that have a name in some language, in the order asked for."""
    named = [
        n
        for n in range(MOST_STEPS)
        if any(str(source.get(f"step_{n}_title_{language}", "")).strip() for language in ("fr", "en"))
    ]
    return sorted(named, key=lambda n: (_place(source.get(f"step_{n}_place"), n), n))


def _place(raw: Any, number: int) -> int:
    typed = str(raw or "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else number + 1
