"""The smallest change in one thing that a learner could do something about that takes the score below a threshold."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.data.enrolments import Enrolments, Fact

if TYPE_CHECKING:
    from attain.models.dropout_prediction._tabular import TabularPredictor


def smallest_changes(model: "TabularPredictor", enrolments: Enrolments, threshold: float) -> pd.DataFrame:
    """The nearest value of each actionable number that takes an enrolment below the threshold.

    Only values that training rows had are tried, one feature at a time, all others as they are, even those that would
    move with it. So it tells what the model goes by, and promises nothing: a change that is made need not have the
    effect. A feature that is unknown has no change, since no distance to it can be told.

    Returns:
        One row each where there is such a value: `example` (the row's number in the data set), `feature`, `now`,
        `needed`, `score`, `score_then`, and `share`, the part of the training rows whose values lie between the two.
        By example, the smallest share first.
    """
    log = enrolments.without_outcome()
    score = model.predict(log)
    log, score = log.take(score >= threshold), score[score >= threshold]
    features, columns = model.features(log), model.columns
    found = []
    for name, may in model.actionable(features).items():
        at = np.flatnonzero(columns.names == name)
        if not may or not len(at) or features[name].levels is not None or not len(log):
            continue
        steps = np.unique(columns.steps[at[0]])
        now = features[name].values.astype(float)
        then = _scores(model, log, features, name, steps)
        found.append(_nearest(log, name, now, score, steps, columns.steps[at[0]], then, threshold))
    if not found:
        return pd.DataFrame({name: np.empty(0) for name in _COLUMNS})
    table = pd.concat(found, ignore_index=True)
    return table.sort_values(["example", "share", "feature"], ignore_index=True)


_COLUMNS = ("example", "feature", "now", "needed", "score", "score_then", "share")


def _scores(
    model: "TabularPredictor", log: Enrolments, features: dict[str, Fact], name: str, steps: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The scores with each of the values in turn; shape (len(steps), n)."""
    rows = np.tile(np.arange(len(log)), len(steps))
    again = {key: replace(fact, values=fact.values[rows]) for key, fact in features.items()}
    again[name] = replace(again[name], values=np.repeat(steps, len(log)))
    return model.predict_from(log.take(rows), again).reshape(len(steps), len(log))


def _nearest(
    log: Enrolments,
    name: str,
    now: NDArray[np.float64],
    score: NDArray[np.float64],
    steps: NDArray[np.float64],
    spread: NDArray[np.float64],
    then: NDArray[np.float64],
    threshold: float,
) -> pd.DataFrame:
    """The rows of one feature; `then` has shape (len(steps), n)."""
    apart = np.where(then < threshold, np.abs(steps[:, None] - now), np.inf)
    apart[:, np.isnan(now)] = np.inf
    best = apart.argmin(axis=0)
    rows = np.flatnonzero(np.isfinite(apart[best, np.arange(len(now))]))
    needed, was = steps[best[rows]], now[rows]
    low, high = np.minimum(needed, was), np.maximum(needed, was)
    between = (spread[:, None] >= low) & (spread[:, None] <= high)
    return pd.DataFrame(
        {
            "example": log.row[rows],
            "feature": name,
            "now": was,
            "needed": needed,
            "score": score[rows],
            "score_then": then[best[rows], rows],
            "share": between.mean(axis=0),
        }
    )
