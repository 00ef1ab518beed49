"""flask charter: try rules, and check those in force."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.charter import queries
from app.charter.compiled import compile_current
from app.charter.engine import evaluate_lines
from app.charter.models import CharterVersion, Clause, Rule
from app.charter.rulebook import queries as rulebook
from app.charter.rulebook import trial
from app.charter.rulebook.models import RuleVersion
from app.console.classify import score, train
from app.kernel.db import db
from app.trials import actions as trials

charter_group = AppGroup(
    "charter", help="The charter's rules and classifiers: evaluate, check, train, score."
)
charter_group.add_command(train)
charter_group.add_command(score)
_REPORTED = ("state", "total", "read", "hits", "authors", "overlap", "cpu_ms")
_TEXTS = ("title_fr", "title_en", "text_fr", "text_en")


@charter_group.command("evaluate")
@click.option(
    "--profile",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Rules, phrase lists and settings, as JSON.",
)
def evaluate(profile: Path) -> None:
    """Answer cases from standard input, one JSON object a line; ends with 1 when a line can't be read."""
    try:
        rules = json.loads(profile.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise click.ClickException(f"{profile}: {problem}") from problem
    failed = False
    for answer in evaluate_lines(rules, _lines()):
        failed = failed or "error" in answer
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    raise SystemExit(1 if failed else 0)


@charter_group.command("check")
def check() -> None:
    """Look for what is wrong in the charter in force and its rules; ends with 1 when something is."""
    problems = list(_problems())
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise SystemExit(1)
    version = queries.version_in_force()
    click.echo(
        f"Version {version.number if version else 0} and its {len(queries.rules())} rules hold together."
    )


@charter_group.command("backtest")
@click.argument("rule")
@click.option("--version", type=int, help="Which version; the newest unless told.")
@click.option("--months", type=click.Choice(["1", "3", "6", "12"]), default="3", show_default=True)
def backtest(rule: str, version: int | None, months: str) -> None:
    """Try a version of RULE on past messages, here and now; prints what it found as JSON."""
    done = trials.ask(None, _version(rule, version), months=int(months))
    while trials.advance(done):
        click.echo(f"{done.read} of {done.total} messages read", err=True)
    told = {name: getattr(done, name) for name in _REPORTED}
    click.echo(
        json.dumps({"rule": rule, **told, "weeks": dict(sorted(done.weeks.items()))}, ensure_ascii=False)
    )


def _version(key: str, number: int | None) -> RuleVersion:
    row = db.session.scalar(select(Rule).where(Rule.key == key))
    found = rulebook.versions_of(row) if row else ()
    chosen = next((one for one in found if number in (None, one.number)), None)
    if chosen is None:
        raise click.ClickException(f"There is no such version of a rule {key!r}.")
    return chosen


def _lines() -> Iterator[str]:
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", "replace")


def _problems() -> Iterator[str]:
    version = queries.version_in_force()
    if version is None:
        yield "No charter is in force: nothing is checked and everybody may write."
        return
    yield from _untranslated(version)
    known = {clause.number for clause in _clauses(version)}
    for rule in queries.rules():
        if rule.clause not in known:
            yield f"Rule {rule.key} hangs on clause {rule.clause}, unknown to version {version.number}."
        for problem in compile_current([rule], "check").problems:
            yield f"Rule {rule.key} can't be compiled: {problem.reason}"
        for told in rulebook.versions_of(rule):
            if told.number == rule.version and trial.failures(rule.key, told):
                yield f"Rule {rule.key} fails its own examples."


def _untranslated(version: CharterVersion) -> Iterator[str]:
    for clause in _clauses(version):
        missing = [name for name in _TEXTS if not getattr(clause, name).strip()]
        if missing:
            yield f"Clause {clause.number} has no {', '.join(missing)}."


def _clauses(version: CharterVersion) -> list[Clause]:
    return [clause for article in version.articles for clause in article.clauses]
