"""Models of how enrolments end fitted again, each to learners drawn anew: what stays the same does not hang on them."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from attain.data.enrolments import Enrolments
from attain.tasks.context import FitContext
from attain.tasks.dropout_prediction import DropoutPredictor

Model = TypeVar("Model", bound=DropoutPredictor)


def refitted(create: Callable[[], Model], train: Enrolments, generator: np.random.Generator) -> tuple[Model, Model]:
    """Two models, each fitted to learners drawn with replacement from the training part; both have the same seed."""
    models = create(), create()
    for model in models:
        model.fit(train.take(_drawn(train, generator)), FitContext())
    return models


def _drawn(log: Enrolments, generator: np.random.Generator) -> NDArray[np.int64]:
    """Rows of as many learners as there are, drawn with replacement; a learner's rows come together."""
    order = np.argsort(log.learner, kind="stable")
    codes, begins, counts = np.unique(log.learner[order], return_index=True, return_counts=True)
    picked = generator.integers(0, len(codes), len(codes))
    return np.concatenate([order[begins[code] : begins[code] + counts[code]] for code in picked])
