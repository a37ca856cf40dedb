"""How far are scores from a person's?"""

import numpy as np

from attain.core.metric import Statistic, metric
from attain.core.table import Rows
from attain.metrics._answers import NO_ANSWERS, ratio
from attain.metrics._scored import Floats, Measure, needs, of_part, over_answers


@metric(direction="min", unit="share", needs=lambda part: needs("target score item", part))
def score_rmse(rows: Rows, part: str | None = None) -> Statistic:
    """Root of the mean squared distance from human scores, in shares of the points of a full answer."""
    rows, empty = of_part(rows, part)
    return over_answers(rows, _root(rows.numbers("score") - rows.numbers("target")), empty)


@metric(direction="min", unit="points", needs=lambda part: needs("target score points maximum", part))
def points_rmse(rows: Rows, part: str | None = None) -> Statistic:
    """Root of the mean squared distance from human scores, in points as they were given; questions worth more count
    more."""
    rows, empty = of_part(rows, part)
    given = rows.numbers("score") * rows.numbers("maximum")
    return over_answers(rows, _root(given - rows.numbers("points")), empty)


def _root(distance: Floats) -> Measure:
    terms = np.column_stack([distance**2, np.ones(len(distance))])
    return Measure(terms, lambda sums: np.sqrt(ratio(sums)), NO_ANSWERS)
