from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class RuleMoved(Event):
    """A version of a rule is in another state; `by_id` None when it went by itself."""

    rule: str
    version_id: int
    name: str
    before: str
    after: str
    by_id: int | None


@dataclass(frozen=True, kw_only=True)
class RuleSilent(Event):
    """A rule that acts doesn't evaluate any more."""

    rule: str
    day: str


@dataclass(frozen=True, kw_only=True)
class RuleQuiet(Event):
    """A rule that found something regularly has found nothing for a while."""

    rule: str
    day: str


@dataclass(frozen=True, kw_only=True)
class BacktestAsked(Event):
    """Somebody wants a version tried on what was said."""

    backtest_id: int


@dataclass(frozen=True, kw_only=True)
class RuleRemarked(Event):
    """Somebody commented on a version that doesn't count yet; `parent_author_id` when it is an answer."""

    rule: str
    remark_id: int
    author_id: int
    parent_author_id: int | None
