"""flask charter train and score: the classifiers from the console."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from app.kernel.db import db
from app.labelling import actions as labelling
from app.relevance import actions, queries
from app.relevance.classifier.apart import train_apart
from app.relevance.classifier.lines import Bad, Labelled, read_labels, read_post
from app.relevance.classifier.model import TASKS, TONE, WORK, Model, from_bytes


@click.command("train")
@click.option(
    "--labels",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True),
    help="Labelled texts, one JSON object a line (- for standard input).",
)
@click.option(
    "--keep-current", is_flag=True, help="Learn and measure, but go on listening to the model in force."
)
@with_appcontext
def train(file: Path, keep_current: bool) -> None:
    """Learn work relevance and tone from a file and every label there is, and listen to what was learnt.

    A line: {"lang": "fr", "text": "…", "work": true, "tone": false}; either judgement may be missing. true is
    work-related, or insulting; 1, "1", "yes" and "oui" are true. Instead of the two, "label" may say "work",
    "private", "insulting" or "neutral", or 1 or 0 with "task" beside it. Labels of a file take the place of
    those that a file brought before, for the same judgement and language. Lines that can't be read are
    reported with their number, the others still count; the end is then 1.
    """
    labelled, failed = _read(file)
    try:
        counts = actions.keep_file_labels(None, labelled) if labelled else {}
    except (OperationalError, ProgrammingError) as problem:
        raise click.ClickException("The database isn't ready: `flask --app app db upgrade`.") from problem
    for task in [task for task in TASKS if counts.get(task)]:
        version = labelling.learn(task)
        if not keep_current:
            actions.promote(None, version)
        click.echo(_told(task, version.labels, version.figures))
    if not counts:
        click.echo("No line could be used.", err=True)
    raise SystemExit(1 if failed or not counts else 0)


@click.command("score")
@with_appcontext
def score() -> None:
    """Score posts from standard input, {"id", "lang", "text"} a line, as {"id", "work", "tone"}.

    1 is work-related, or insulting. null: nothing is said, under six words, in other languages than French
    and English, and for work before 200 texts of the company were labelled. Tone is told from the seed set
    until there are labels; rules listen to neither before 200. Ends with 1 when a line can't be read.
    """
    models, failed = _models(), False
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        line = raw.decode("utf-8", "replace")
        if not line.strip():
            continue
        try:
            answer = _scored(models, *read_post(line))
        except ValueError as problem:
            failed, answer = True, {"error": f"line {number}: {problem}"}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    raise SystemExit(1 if failed else 0)


def _read(file: Path) -> tuple[list[Labelled], bool]:
    labelled, failed = [], False
    for told in read_labels(_lines(file)):
        if isinstance(told, Bad):
            failed = True
            click.echo(f"line {told.number}: {told.why}", err=True)
        else:
            labelled.append(told)
    return labelled, failed


def _lines(file: Path) -> Iterator[str]:
    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    for raw in content.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        yield raw.decode("utf-8", "replace")


def _told(task: str, labels: int, figures: dict[str, Any]) -> str:
    seen = "of them" if figures["on_own"] else "texts, mostly of the seed set"
    said = f"{task}: {labels} labels, AUC {figures['auc']} by cross-validation on {figures['judged']} {seen}"
    if figures["caught"]:
        side = "below" if task == WORK else "above"
        said += (
            f"; {side} {figures['threshold']}: {figures['right']} right of {figures['caught']}"
            f" (between {figures['low']:.0%} and {figures['high']:.0%})"
        )
    return f"{said}." + ("" if labels >= 200 else f" Rules stay silent until 200: {200 - labels} to go.")


def _scored(models: dict[str, Model], number: Any, text: str, lang: str | None) -> dict[str, Any]:
    return {
        "id": number,
        **{task: models[task].score(text, lang) if task in models else None for task in TASKS},
    }


def _models() -> dict[str, Model]:
    """The models in force; work only once it speaks, tone from the seed set before any label."""
    try:
        found = {task: model for task in TASKS if (model := queries.model_in_force(task)) is not None}
    except SQLAlchemyError:
        db.session.rollback()
        found = {}
    if WORK in found and not found[WORK].speaks:
        del found[WORK]
    if TONE not in found:
        found[TONE] = from_bytes(train_apart(TONE, []))
    return found
