"""How much reasons, and who is flagged, hang on which learners a model happened to learn from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attain.core.reasons import same_first, shared_top
from attain.data.enrolments import Enrolments
from attain.data.features.table import topics
from attain.models.dropout_prediction._tabular import TabularPredictor
from attain.tasks.refits import refitted


@dataclass(frozen=True)
class Stability:
    """What two refits agree about.

    Attributes:
        first: share of the flagged enrolments whose first reason is the same, of those that have one; NaN where none
            has.
        first_topic: the same, with features that say nearly the same taken together.
        top: mean overlap of their first three reasons: those in both over those in either; NaN where there are none.
        flagged: of as many as are flagged by one, the share that are flagged by the other, too.
        n: enrolments flagged by either: their reasons are compared.
    """

    first: float
    first_topic: float
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
        flagged: share of the test part, those with the highest scores, that counts as flagged.
    """
    models = refitted(create, train, generator)
    seen, size = test.without_outcome(), max(1, round(flagged * len(test)))
    by_one, by_other = (np.argsort(-model.predict(seen), kind="stable")[:size] for model in models)
    either, both = np.union1d(by_one, by_other), np.intersect1d(by_one, by_other)
    one, other = (model.reasons(seen.take(either)) for model in models)
    return Stability(
        same_first(one, other),
        same_first(one.grouped(topics()), other.grouped(topics())),
        shared_top(one, other),
        len(both) / size,
        len(either),
    )
