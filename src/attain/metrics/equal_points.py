"""Of how many questions agreement tells nothing, because all answers to them have the same points."""

import numpy as np

from attain.core.metric import Statistic, metric
from attain.core.table import Rows
from attain.metrics._answers import ratio
from attain.metrics._scored import Measure, needs, of_part, over_questions


@metric(direction="none", unit="share", needs=lambda part: needs("target item", part))
def equal_points_question_share(rows: Rows, part: str | None = None) -> Statistic:
    """Share of questions whose human scores are all equal: agreement within these is undefined."""
    rows, empty = of_part(rows, part)
    target, item = rows.numbers("target"), rows["item"].astype(np.int64)
    equal = [code for code in np.unique(item) if np.ptp(target[item == code]) == 0]
    terms = np.column_stack([np.isin(item, equal), np.ones(len(rows))]).astype(float)
    return over_questions(rows, Measure(terms, ratio, ""), empty)
