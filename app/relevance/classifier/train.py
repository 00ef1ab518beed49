"""From labelled texts to a model that was measured on what it had not seen.

The seed set counts little beside the company's own labels: how little, and how closely to fit, is chosen by
cross-validation on those labels.
"""

from __future__ import annotations

import dataclasses
import itertools
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.relevance.classifier import figures, learn
from app.relevance.classifier.features import Features, features
from app.relevance.classifier.learn import Floats, Matrix, Vectoriser
from app.relevance.classifier.model import TONE, WORK, Model, Shape

FOLDS: Final = 5
FEWEST_OF_EACH: Final = 8
STYLE: Final = {WORK: 0.2, TONE: 0.5}
THRESHOLD: Final = {WORK: 0.2, TONE: 0.9}
FALSE_ALARMS: Final = 0.005
_MANY: Final = 2_000
_TOGETHER: Final = 2
_POWERS: Final = (0.0, 0.5)
_MOST_FEATURES: Final = 120_000
_CHANCE: Final = 20_260


@dataclass(frozen=True)
class Sample:
    """A text and what somebody said of it; of the seed set, or the company's own."""

    text: str
    value: bool
    is_seed: bool = False
    is_professional: bool = False


@dataclass(frozen=True)
class _Choice:
    looseness: float
    seed_weight: float


@dataclass(frozen=True)
class _Data:
    task: str
    texts: list[Features]
    signs: Floats
    own: NDArray[np.bool_]
    folds: NDArray[np.int64]
    fewest: int


def train(task: str, samples: Sequence[Sample]) -> Model:
    """The model that these samples make, with the figures of its trial; the same samples make the same."""
    labels = sum(not sample.is_seed for sample in samples)
    data = _data(task, samples)
    judged = _judged(data)
    choices, unseen = _best(data, judged)
    slope, offset = _calibration(unseen[judged], data.signs[judged])
    if task == TONE:
        offset = _cautious(slope, offset, unseen[[sample.is_professional for sample in samples]])
    shape = Shape(task, labels, slope, offset, STYLE[task])
    measured = _figures(task, 1 / (1 + np.exp(-(slope * unseen + offset))), data, judged)
    return _final(data, choices, dataclasses.replace(shape, figures=measured))


def _data(task: str, samples: Sequence[Sample]) -> _Data:
    signs = np.array([1.0 if sample.value else -1.0 for sample in samples])
    own = np.array([not sample.is_seed for sample in samples])
    folds = np.empty(len(samples), dtype=np.int64)
    chance = np.random.default_rng(_CHANCE)
    for value, is_own in itertools.product((1.0, -1.0), (True, False)):
        some = np.flatnonzero((signs == value) & (own == is_own))
        chance.shuffle(some)
        folds[some] = np.arange(len(some)) % FOLDS
    texts = [features(sample.text) for sample in samples]
    return _Data(task, texts, signs, own, folds, 1 if len(samples) < _MANY else 2)


def _judged(data: _Data) -> NDArray[np.bool_]:
    """On what the trial looks: the company's labels, once there are some of either kind."""
    of_each = min(np.sum(data.own & (data.signs == value)) for value in (1.0, -1.0))
    return data.own if of_each >= FEWEST_OF_EACH else np.ones_like(data.own)


def _best(data: _Data, judged: NDArray[np.bool_]) -> tuple[list[_Choice], Floats]:
    """The few that do best on texts that were left out, and the mean of the margins they gave them.

    Several, because on so few labels the very best is so by chance; together they are steadier than any.
    """
    choices = _choices(len(data.texts), bool(np.any(data.own)))
    unseen = {choice: np.zeros(len(data.texts)) for choice in choices}
    for fold in range(FOLDS):
        left_out = np.flatnonzero(data.folds == fold)
        known = np.flatnonzero(data.folds != fold)
        by = _vectoriser(data, known)
        rows, others = (learn.matrix([data.texts[at] for at in some], by) for some in (known, left_out))
        for choice in choices:
            unseen[choice][left_out] = others.times(_fit(data, known, rows, choice))
    signs = data.signs[judged] > 0
    ranked = sorted(choices, key=lambda choice: -figures.auc(unseen[choice][judged], signs))[:_TOGETHER]
    return ranked, np.mean([unseen[choice] for choice in ranked], axis=0)


def _choices(count: int, has_own: bool) -> list[_Choice]:
    if count >= _MANY:
        return [_Choice(looseness, 0.1) for looseness in (1.0, 3.0)]
    seed_weights = (0.1, 0.3) if has_own else (1.0,)
    return [_Choice(*values) for values in itertools.product((0.5, 2.0, 8.0), seed_weights)]


def _vectoriser(data: _Data, some: NDArray[Any]) -> Vectoriser:
    texts = [data.texts[at] for at in some]
    return learn.vectoriser(texts, weights=(1.0, 1.0, STYLE[data.task]), fewest=data.fewest)


def _fit(data: _Data, some: NDArray[Any], rows: Matrix, choice: _Choice) -> Floats:
    """One weight a column, for rows as they are: the mean of two fits, of which one leans on what tells."""
    signs, importance = data.signs[some], _importance(data, some, choice.seed_weight)
    telling = _telling(rows, signs, importance)
    both = [_fit_scaled(rows, signs, importance, telling**power, choice.looseness) for power in _POWERS]
    mean: Floats = np.mean(both, axis=0)
    return mean


def _fit_scaled(rows: Matrix, signs: Floats, importance: Floats, scale: Floats, looseness: float) -> Floats:
    scale = scale / (np.sqrt(np.mean(scale**2)) or 1.0)
    scaled = dataclasses.replace(rows, data=rows.data * scale[rows.indices])
    weights: Floats = learn.fit(scaled, signs, importance, looseness=looseness) * scale
    return weights / (np.std(rows.times(weights)) or 1.0)


def _importance(data: _Data, some: NDArray[Any], seed_weight: float) -> Floats:
    """Both answers weigh the same, however many there are of each; the seed set weighs less."""
    signs, own = data.signs[some], data.own[some]
    result = np.ones(len(some))
    for group, weight in ((own, 1.0), (~own, seed_weight)):
        for value in (1.0, -1.0):
            of_kind = group & (signs == value)
            if np.any(of_kind) and np.any(group & (signs == -value)):
                result[of_kind] = weight * np.sum(group) / (2 * np.sum(of_kind))
            else:
                result[of_kind] = weight
    return result


def _telling(rows: Matrix, signs: Floats, importance: Floats) -> Floats:
    """How much more a feature is found on one side than on the other."""

    def share(of_kind: NDArray[np.bool_]) -> Floats:
        found = 0.01 + rows.transposed_times(importance * of_kind)
        told: Floats = np.log(found / found.sum())
        return told

    difference: Floats = np.abs(share(signs > 0) - share(signs < 0))
    return difference


def _calibration(margins: Floats, signs: Floats) -> tuple[float, float]:
    """Slope and offset that turn margins into probabilities (Platt), by Newton's method."""
    positive = float(np.sum(signs > 0))
    negative = float(len(signs) - positive)
    wanted = np.where(signs > 0, (positive + 1) / (positive + 2), 1 / (negative + 2))
    columns = np.stack([margins, np.ones_like(margins)], axis=1)
    found = np.array([1.0, 0.0])
    for _step in range(50):
        told = 1 / (1 + np.exp(-columns @ found))
        slope = columns.T @ (told - wanted) + 1e-3 * found
        bend = columns.T @ (columns * (told * (1 - told))[:, None]) + 1e-3 * np.eye(2)
        move = np.linalg.solve(bend, slope)
        found = found - move
        if np.max(np.abs(move)) < 1e-6:
            break
    return max(float(found[0]), 0.05), float(found[1])


def _cautious(slope: float, offset: float, professional: Floats) -> float:
    """An offset low enough that blunt professional texts hardly ever pass for insults."""
    if not len(professional):
        return offset
    return min(offset, -slope * float(np.quantile(professional, 1 - FALSE_ALARMS, method="lower")))


def _figures(task: str, scores: Floats, data: _Data, judged: NDArray[np.bool_]) -> dict[str, Any]:
    found, truth = scores[judged], data.signs[judged] > 0
    caught = found < THRESHOLD[WORK] if task == WORK else found > THRESHOLD[TONE]
    right = int(np.sum(caught & (truth != (task == WORK))))
    sought = int(np.sum(truth != (task == WORK)))
    low, high = figures.wilson(right, int(np.sum(caught)))
    return {
        "auc": round(figures.auc(found, truth), 3),
        "judged": int(np.sum(judged)),
        "positives": int(np.sum(truth)),
        "threshold": THRESHOLD[task],
        "caught": int(np.sum(caught)),
        "right": right,
        "sought": sought,
        "low": round(low, 3),
        "high": round(high, 3),
        "on_own": bool(np.all(data.own[judged])),
    }


def _final(data: _Data, choices: list[_Choice], shape: Shape) -> Model:
    everything = np.arange(len(data.texts))
    by = _vectoriser(data, everything)
    rows = learn.matrix(data.texts, by)
    weights: Floats = np.mean([_fit(data, everything, rows, choice) for choice in choices], axis=0)
    kept = np.argsort(-np.abs(weights) * by.rarity, kind="stable")[:_MOST_FEATURES]
    names = np.array(list(by.columns), dtype=np.uint32)[kept]
    order = np.argsort(names)
    return Model(
        shape,
        {int(name): at for at, name in enumerate(names[order])},
        array("f", weights[kept][order]),
        array("f", by.rarity[kept][order]),
    )
