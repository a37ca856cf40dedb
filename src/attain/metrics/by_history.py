"""How good predictions are for learners of whom little is known yet, and for those of whom much is.

A learner's history is all of the learner's earlier answers in the data, whatever their skills. Many say how soon a
model knows a new learner; under a split by time only the answers after the cut are judged.
"""

import math
from typing import Annotated

import numpy as np
from pydantic import Field

from attain.core.metric import Computed, Statistic, metric
from attain.core.table import Rows
from attain.metrics._answers import ONE_CLASS, judged, mean_of_rows, rows_of_units
from attain.metrics._auc import SortedAnswers

BINS = ((1, 2), (3, 5), (6, 10), (11, 20), (21, 50), (51, 100), (101, math.inf))
"""First and last answer of the stretches that the figure shows."""

First = Annotated[int, Field(ge=1)]
Last = Annotated[float, Field(ge=1)]
"""A number, or `inf` for all that follow."""


def _stretch(rows: Rows, first: int, last: float) -> Rows:
    number = rows.numbers("step") + 1
    return judged(rows.where((number >= first) & (number <= last)))


@metric(direction="max", unit="probability", needs="target score step", source="Das et al., CEUR 3051")
def auc_by_history(rows: Rows, first: First = 1, last: Last = 2.0) -> Statistic:
    """AUC among the answers that are each learner's `first` to `last`, counted from 1 over all skills together."""
    rows = _stretch(rows, first, last)
    return Computed(SortedAnswers.of(rows).mean, rows_of_units(rows), ONE_CLASS)


@metric(direction="none", unit="probability", needs="target score step", source="Van Calster et al. 2019")
def calibration_gap_by_history(rows: Rows, first: First = 1, last: Last = 2.0) -> Statistic:
    """Mean score minus share right among each learner's `first` to `last` answers; above 0 too much is expected."""
    rows = _stretch(rows, first, last)
    return mean_of_rows(rows, rows.numbers("score") - rows.numbers("target"), "no learner has so many answers")


@metric(direction="max", unit="probability", needs="target score skill step", grain="pair", source="Das et al.")
def auc_by_opportunity(rows: Rows, first: First = 1, last: Last = 1.0) -> Statistic:
    """AUC among the answers that are the learner's `first` to `last` on a skill: 1 to 1 are first attempts.

    An answer with several skills counts for each of them, at that skill's own opportunity.
    """
    number = np.asarray(rows.opportunity)
    rows = judged(rows.where((number >= first) & (number <= last)))
    return Computed(SortedAnswers.of(rows).mean, rows_of_units(rows), ONE_CLASS)
