"""Questions that an honest comparison answers in one way only; a leak, wherever it is, answers them in another.

The canaries that miners took along died of gas before the miners did. These are cheap, for they look at a part of the
learners, and each catches what the others cannot: a copy of the answer in the data, a model that looks at it, a split
that is none, and what was learned from the answers that a model is judged on.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from attain.core.rng import rng
from attain.core.table import Predictions
from attain.data.interactions import Interactions
from attain.data.merge import answers_of
from attain.data.split import Fold
from attain.metrics.intervals import bootstrap_weights
from attain.metrics.probability import auc
from attain.tasks.knowledge_tracing import KnowledgeTracer
from attain.tasks.peeking import TOLERANCE, peek

MOST_TRAIN, MOST_TEST = 30_000, 20_000
"""About so many answers of learners drawn at random are looked at."""
LEAST_LEARNERS = 20
"""But of so many learners at least, where there are as many."""
REPLICATES = 200
"""Bootstrap replicates behind a standard error."""
ERRORS = 3
"""By how many standard errors an AUC may lie off 0.5."""
DRAWS = 2
"""How often answers are drawn anew before an AUC that lies off counts: one honest model in 370 lies off once."""
PLACES = (0.1, 0.5, 0.9)
"""Where in the histories answers are turned."""


@dataclass(frozen=True)
class Canary:
    """What one question was answered.

    Attributes:
        name: `random answers`, `turned answers`, `learners apart` or `fitted inside`.
        passed: whether nothing leaks there.
        found: what was seen, in words.
        value: AUC on random answers; for the others how many predictions, learners or predictions moved.
        standard_error: of the AUC over learners.
    """

    name: str
    passed: bool
    found: str
    value: float
    standard_error: float | None = None


@dataclass(frozen=True)
class Experiment:
    """What the canaries ask about: how data become a fold, and a fold a fitted model and its predictions.

    Attributes:
        log: all answers.
        fold: parts a log of these rows; called with other answers and other names.
        fit: a new model, fitted to a fold's training part; the same fold gives the same model.
        judge: the predictions table of a fitted model on a fold.
        by_learner: whether the split keeps each learner on one side.
    """

    log: Interactions
    fold: Callable[[Interactions], Fold]
    fit: Callable[[Fold], KnowledgeTracer]
    judge: Callable[[KnowledgeTracer, Fold], Predictions]
    by_learner: bool = True


def canaries(experiment: Experiment, seed: int) -> list[Canary]:
    """Ask all four questions; three models are fitted on a part of the learners.

    Args:
        experiment: what is asked about.
        seed: draws the learners and the answers.
    """
    fold = experiment.fold(experiment.log)
    part = _Part.of(fold, seed)
    model = experiment.fit(part.cut(fold))
    return [
        random_answers(experiment, part, seed),
        turned_answers(model, part.cut(fold)),
        learners_apart(fold, by_learner=experiment.by_learner),
        fitted_inside(experiment, part, model),
    ]


@dataclass(frozen=True)
class _Part:
    """The learners that are looked at: codes of some training and some test learners."""

    train: NDArray[np.int32]
    test: NDArray[np.int32]

    @classmethod
    def of(cls, fold: Fold, seed: int) -> "_Part":
        generator = rng(seed, "canaries", "learners")
        return cls(_some(fold.train, MOST_TRAIN, generator), _some(fold.test, MOST_TEST, generator))

    def cut(self, fold: Fold) -> Fold:
        wanted = np.isin(fold.test.learner, self.test)
        return Fold(fold.index, fold.train.of_learners(self.train), fold.test.take(wanted), fold.scored[wanted])


def _some(log: Interactions, most: int, generator: np.random.Generator) -> NDArray[np.int32]:
    order = generator.permutation(len(log.present))
    answers = np.cumsum(np.diff(log.learner_start)[order])
    count = max(LEAST_LEARNERS, int(np.searchsorted(answers, most, side="right")))
    return np.sort(log.present[order[:count]])


def random_answers(experiment: Experiment, part: _Part, seed: int) -> Canary:
    """No one can foresee coins: where the answers are coins, the AUC is 0.5.

    Rows that repeat one answer under several skills get one coin, as they have one answer.
    """
    for draw in range(DRAWS):
        value, error = _auc_of_coins(experiment, part, rng(seed, "canaries", "coins", draw))
        passed = abs(value - 0.5) <= ERRORS * error + 1e-9
        if passed:
            break
    said = f"AUC {value:.4f} on answers drawn at random, {ERRORS} standard errors are {ERRORS * error:.4f}"
    return Canary("random answers", passed, said, value, error)


def _auc_of_coins(experiment: Experiment, part: _Part, generator: np.random.Generator) -> tuple[float, float]:
    answer = answers_of(experiment.log)
    coins = generator.integers(0, 2, int(answer.max(initial=-1)) + 1)
    fold = part.cut(experiment.fold(experiment.log.with_correct(coins[answer])))
    table = experiment.judge(experiment.fit(fold), fold)
    statistic = auc().statistic(table)
    drawn = [statistic.at(weights) for weights in bootstrap_weights(len(table.units), REPLICATES, seed=0)]
    return float(statistic.at(np.ones((1, len(table.units))))[0]), float(np.nanstd(np.concatenate(drawn)))


def turned_answers(model: KnowledgeTracer, fold: Fold) -> Canary:
    """Turning answers moves no earlier prediction, and none of the answer itself."""
    found = [peek(model, fold.test, place=place) for place in PLACES]
    moved, looked_at = sum(peek.moved for peek in found), sum(peek.looked_at for peek in found)
    most = max(peek.most for peek in found)
    by = f", by up to {most:.2g}" if moved else ""
    said = f"{moved:,} of {looked_at:,} predictions at or before a turned answer moved{by}"
    return Canary("turned answers", moved == 0, said, moved)


def learners_apart(fold: Fold, *, by_learner: bool = True) -> Canary:
    """No learner is in both parts; under a split by time, no judged answer is learned from."""
    if by_learner:
        shared = len(np.intersect1d(fold.train.present, fold.test.present))
        return Canary("learners apart", shared == 0, f"{shared:,} learners are in both parts", shared)
    shared = int(np.isin(fold.test.row[fold.scored], fold.train.row).sum())
    return Canary("learners apart", shared == 0, f"{shared:,} judged answers are in the training part too", shared)


def fitted_inside(experiment: Experiment, part: _Part, model: KnowledgeTracer) -> Canary:
    """A model fitted where the test part has other answers and other names predicts the same.

    Nor does it matter to a learner what the other test learners answer.
    """
    fold = part.cut(experiment.fold(experiment.log))
    other = part.cut(experiment.fold(_other_test_part(experiment.log, experiment.fold(experiment.log))))
    expected = np.asarray(model.predict(fold.test), dtype=float)
    moved = np.abs(np.asarray(experiment.fit(other).predict(fold.test), dtype=float) - expected) > TOLERANCE
    half = np.isin(fold.test.learner, fold.test.present[::2])
    others = fold.test.with_correct(np.where(half, fold.test.correct, 1 - fold.test.correct))
    moved |= half & (np.abs(np.asarray(model.predict(others), dtype=float) - expected) > TOLERANCE)
    count = int(moved.sum())
    said = f"{count:,} of {len(moved):,} predictions depend on what other learners of the test part answered"
    return Canary("fitted inside", count == 0, said, count)


def _other_test_part(log: Interactions, fold: Fold) -> Interactions:
    """The log with the judged answers turned, and other names for what only they have."""
    judged = np.isin(log.row, fold.test.row[fold.scored])
    return replace(
        log.with_correct(np.where(judged, 1 - log.correct, log.correct)),
        items=_renamed(log.items, fold.train.item),
        skills=_renamed(log.skills, fold.train.skill),
    )


def _renamed(names: NDArray[np.object_], known: NDArray[np.int32]) -> NDArray[np.object_]:
    """The names, those that training never has replaced, and one more that nobody has."""
    unknown = np.ones(len(names), dtype=bool)
    unknown[known] = False
    out = np.append(names, "a name that nobody has")
    out[:-1][unknown] = [f"another {name}" for name in names[unknown]]
    return out
