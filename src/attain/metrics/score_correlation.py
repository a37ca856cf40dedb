"""Do scores rise and fall with a person's?"""

import numpy as np

from attain.core.metric import Statistic, metric
from attain.core.table import Rows
from attain.metrics._scored import Floats, Measure, needs, of_part, over_answers, over_questions

CONSTANT = "all human scores are equal, or all of the model's"
_NOTHING = 1e-12


def _needs(part: str | None) -> str:
    return needs("target score item", part)


@metric(direction="max", unit="score", needs=_needs, source="Pearson 1895")
def score_correlation(rows: Rows, part: str | None = None) -> Statistic:
    """Pearson correlation with human scores, both as shares of the points of a full answer."""
    rows, empty = of_part(rows, part)
    return over_answers(rows, _pearson(rows), empty)


@metric(direction="max", unit="score", needs=_needs, source="Pearson 1895")
def score_correlation_question_mean(rows: Rows, part: str | None = None) -> Statistic:
    """Mean over questions of the correlation on each; telling easy questions from hard ones earns nothing here."""
    rows, empty = of_part(rows, part)
    return over_questions(rows, _pearson(rows), empty)


def _pearson(rows: Rows) -> Measure:
    x, y = rows.numbers("target"), rows.numbers("score")
    x, y = x - x.mean() if len(x) else x, y - y.mean() if len(y) else y  # so that the sums below lose no digits
    terms = np.column_stack([np.ones(len(x)), x, y, x * x, y * y, x * y])

    def value(sums: Floats) -> Floats:
        n, sx, sy, sxx, syy, sxy = sums.T
        of_x, of_y, of_both = sxx - sx * sx / n, syy - sy * sy / n, sxy - sx * sy / n
        varies = (of_x > _NOTHING * n) & (of_y > _NOTHING * n)
        return np.where(varies, of_both / np.sqrt(np.where(varies, of_x * of_y, 1)), np.nan)

    return Measure(terms, value, CONSTANT)
