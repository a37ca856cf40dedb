"""How much reasons, and who is flagged, hang on which learners a model happened to learn from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.reasons import same_first, shared_top
from attain.data.enrolments import Enrolments
from attain.models.dropout_prediction._tabular import TabularPredictor
from attain.tasks.context import FitContext


@dataclass(frozen=True)
class Stability:
    """What two refits agree about.

    Attributes:
        first: share of enrolments whose first reason is the same, of those that have one; NaN where none has.
        top: mean overlap of the first three: those in both over those in either; NaN where there are none.
        flagged: of those with the highest scores by either, the share that is among them by both.
        n: enrolments that were compared.
    """

    first: float
    top: float
    flagged: float
    n: int


def stability(
    create: Callable[[], TabularPredictor],
    train: Enrolments,
    test: Enrolments,
    generator: np.random.Generator,
    *,
    flagged: float = 0.1,
) -> Stability:
    """Fit two models, each to learners drawn with replacement from the training part, and compare them.

    Args:
        create: gives a model that is not fitted.
        train: what to draw from.
        test: whom to predict.
        generator: of the draws; both fits have the same seed.
        flagged: share of the test part that counts as flagged.
    """
    models = [create(), create()]
    for model in models:
        model.fit(train.take(_drawn(train, generator)), FitContext())
    seen = test.without_outcome()
    one, other = (model.reasons(seen) for model in models)
    size = max(1, round(flagged * len(test)))
    chosen = [set(np.argsort(-model.predict(seen), kind="stable")[:size].tolist()) for model in models]
    both = len(chosen[0] & chosen[1]) / size
    return Stability(same_first(one, other), shared_top(one, other), both, len(test))


def _drawn(log: Enrolments, generator: np.random.Generator) -> NDArray[np.int64]:
    """Rows of as many learners as there are, drawn with replacement; a learner's rows come together."""
    order = np.argsort(log.learner, kind="stable")
    codes, begins, counts = np.unique(log.learner[order], return_index=True, return_counts=True)
    picked = generator.integers(0, len(codes), len(codes))
    return np.concatenate([order[begins[code] : begins[code] + counts[code]] for code in picked])
