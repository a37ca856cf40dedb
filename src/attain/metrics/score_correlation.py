"""Do scores rise and fall with a person's?"""

from attain.core.metric import Statistic, metric
from attain.core.table import Rows
from attain.metrics._scored import Measure, needs, of_part, over_answers, over_questions
from attain.metrics.correlation import pearson_of_sums, pearson_terms

CONSTANT = "all human scores are equal, or all of the model's"


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
    return Measure(pearson_terms(rows.numbers("target"), rows.numbers("score")), pearson_of_sums, CONSTANT)
