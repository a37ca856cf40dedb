"""Do scores agree with a person's? Counted on levels, with far misses weighing more and agreement by chance taken off.

Both scores are shares of the points of a full answer, put on the nearest of equally spaced levels from 0 to 1.
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.metric import Note, Statistic, metric
from attain.core.table import Rows
from attain.metrics._answers import counted_note
from attain.metrics._scored import Floats, Measure, needs, of_part, over_answers, over_questions

Levels = Annotated[int, Field(ge=2, le=101)]
ALL_EQUAL = "all human scores are equal, so that there is nothing to agree on"


def _needs(levels: int, part: str | None) -> str:
    return needs("target score item", part)


@metric(direction="max", unit="score", needs=_needs, source="Cohen 1968")
def quadratic_weighted_kappa(rows: Rows, levels: Levels = 5, part: str | None = None) -> Statistic:
    """Agreement with human scores on equally spaced levels, misses weighed by their square; 1 full, 0 as by chance.

    Undefined where all human scores are on one level: no scorer could do better or worse there than any other.
    """
    rows, empty = of_part(rows, part)
    return over_answers(rows, _kappa(rows, levels), empty, _between(rows, levels))


@metric(direction="max", unit="score", needs=_needs, source="Cohen 1968")
def quadratic_weighted_kappa_question_mean(rows: Rows, levels: Levels = 5, part: str | None = None) -> Statistic:
    """Mean over questions of the agreement on each; telling easy questions from hard ones earns nothing here."""
    rows, empty = of_part(rows, part)
    return over_questions(rows, _kappa(rows, levels), empty, _between(rows, levels))


def _kappa(rows: Rows, levels: int) -> Measure:
    human, scored = _level(rows.numbers("target"), levels), _level(rows.numbers("score"), levels)
    cells = np.zeros((len(rows), levels * levels))
    cells[np.arange(len(rows)), human * levels + scored] = 1
    apart = np.subtract.outer(np.arange(levels), np.arange(levels)).ravel().astype(float) ** 2

    def value(sums: Floats) -> Floats:
        table = sums.reshape(-1, levels, levels)
        of_human, of_score = table.sum(axis=2), table.sum(axis=1)
        total = table.sum(axis=(1, 2))
        chance = (of_human[:, :, None] * of_score[:, None, :]).reshape(sums.shape) / total[:, None]
        agreed = 1 - (sums @ apart) / (chance @ apart)
        return np.where((of_human > 0).sum(axis=1) > 1, agreed, np.nan)

    return Measure(cells, value, ALL_EQUAL)


def _level(share: Floats, levels: int) -> NDArray[np.int64]:
    """The nearest level, the upper of two that are equally near."""
    return np.floor(np.clip(share, 0, 1) * (levels - 1) + 0.5).astype(np.int64)


def _between(rows: Rows, levels: int) -> Note:
    """How many human scores lie on no level."""
    share = rows.numbers("target") * (levels - 1)
    off = rows.sum_by_unit(np.abs(share - np.rint(share)) > 1e-6)
    return counted_note(
        off, rows.sum_by_unit(np.ones(len(rows))), "human scores put on a level", "they lie between two"
    )
