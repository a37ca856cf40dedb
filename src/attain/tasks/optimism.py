"""How much a random split flatters: its figure beside that of a later term."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from attain.core.rng import rng
from attain.data import enrolment_split
from attain.data.dataset import Dataset
from attain.data.enrolment_split import ByTerm
from attain.data.enrolments import Enrolments
from attain.data.split import ByLearner
from attain.tasks.context import FitContext
from attain.tasks.guard.features import auc

Measure = Callable[[NDArray[np.float64], NDArray[np.float64]], float]


class Predicts(Protocol):
    """A predictor, as far as it is asked here."""

    def fit(self, enrolments: Enrolments, context: FitContext) -> None:
        """See `DropoutPredictor.fit`."""
        ...

    def predict(self, enrolments: Enrolments) -> NDArray[np.floating]:
        """See `DropoutPredictor.predict`."""
        ...


@dataclass(frozen=True)
class Optimism:
    """A figure by time and at random, of the same model.

    Attributes:
        by_time: on later terms, as in use; None where the data have one term only.
        at_random: on learners dealt at random; the mean over folds, as papers print it.
        folds: how many random folds there were.
        what: the name of the figure.
    """

    by_time: float | None
    at_random: float
    folds: int
    what: str = "AUC"

    @property
    def gap(self) -> float | None:
        """By how much the random split flatters."""
        return None if self.by_time is None else self.at_random - self.by_time

    @property
    def sentence(self) -> str:
        """Both figures in words."""
        if self.by_time is None or self.gap is None:
            return (
                f"{self.what} {self.at_random:.3f} on learners dealt at random; there is one term only, so how much "
                "that flatters cannot be told."
            )
        flatters = f"{self.gap:+.3f} that will not be there in use" if self.gap > 0 else "no more than in use"
        return (
            f"{self.what} {self.by_time:.3f} on a later term, as in use; the same model reaches {self.at_random:.3f} "
            f"on learners dealt at random: {flatters}."
        )


def optimism(
    model: Callable[[], Predicts],
    dataset: Dataset[Enrolments],
    *,
    by_time: ByTerm | None = None,
    at_random: ByLearner | None = None,
    seed: int = 0,
    measure: Measure = auc,
    what: str = "AUC",
) -> Optimism:
    """Fit the same model under a split by time and under a random one.

    Args:
        model: makes a fresh one.
        dataset: the enrolments.
        by_time: the split by time; the last term is held out where not given.
        at_random: the random split; five folds where not given, `only=1` for a quick look.
        seed: of the models.
        measure: from scores and outcomes to a figure.
        what: its name.
    """

    def mean(split: ByTerm | ByLearner) -> float:
        figures = []
        for index in range(enrolment_split.count(split, dataset.log)):
            fold, fitted = enrolment_split.make(split, dataset.log, index), model()
            fitted.fit(fold.train, FitContext(rng=rng(seed, "optimism", split.by, index)))
            score = np.asarray(fitted.predict(fold.test.without_outcome()), dtype=float)
            figures.append(measure(score, fold.test.outcome))
        return float(np.mean(figures))

    deal = at_random or ByLearner()
    terms = len(np.unique(dataset.log.term[dataset.log.offering]))
    return Optimism(
        by_time=None if terms < 2 else mean(by_time or ByTerm()),
        at_random=mean(deal),
        folds=enrolment_split.count(deal, dataset.log),
        what=what,
    )
