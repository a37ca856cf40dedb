"""How well matched was what learners were given, and what did they gain by it?"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.metric import Note, Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import counted_note, judged, ratio, rows_of_units

Floats = NDArray[np.float64]
Share = Annotated[float, Field(ge=0, le=1)]


@metric(direction="none", unit="share", needs="target score")
def zpd_hit_rate(rows: Rows, low: Share = 0.6, high: Share = 0.8) -> Statistic:
    """Share of answers whose probability of being right lay within the band: neither too easy nor too hard.

    By the model's own predictions, so an overconfident one is flattered: the note says how often answers in the band
    were right, which a calibrated model would have within it.
    """
    rows = judged(rows)
    score = rows.numbers("score")
    inside = (score >= low) & (score <= high)
    right, expected = rows.sum_by_unit(inside * rows.numbers("target")), rows.sum_by_unit(inside * score)
    count = rows.sum_by_unit(inside)

    def said(weights: Floats) -> str:
        total = float(weights @ count)
        if not total:
            return ""
        means = (round(float(weights @ sums / total), 12) for sums in (expected, right))  # whatever the order of adding
        return "in the band {:.3f} was expected, and {:.3f} was right".format(*means)

    by_unit = np.column_stack([count, rows_of_units(rows)])
    return Sums(by_unit, ratio, "there are no answers", said, rows_of_units(rows))


@metric(direction="max", unit="score", needs="pre post", source="Hake 1998")
def learning_gain_class(rows: Rows) -> Statistic:
    """What a class gained of what it could: (mean after - mean before) / (1 - mean before).

    Reads columns `pre` and `post`: each learner's share right in a test before and after, the same in all its rows.
    Errors of measurement do not bias it, as they do the mean of individual gains. Who lacks a test is left out.
    """
    pre, post, both, said = _tests(rows)
    by_unit = np.column_stack([np.where(both, post - pre, 0), np.where(both, 1 - pre, 0)])
    return Sums(by_unit, ratio, "no learner has both tests, or all knew everything before", said)


@metric(direction="max", unit="score", needs="pre post", source="Marx & Cummings 2007")
def learning_gain_individual(rows: Rows) -> Statistic:
    """Mean over learners of what each gained of what it could, or lost of what it had (normalised change).

    (after - before) / (1 - before) for a gain, / before for a loss; who knew everything or nothing both times has no
    such number. Biased where tests are short: `learning_gain_class` is not.
    """
    pre, post, both, said = _tests(rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(post >= pre, (post - pre) / (1 - pre), (post - pre) / pre)
    defined = both & np.isfinite(change) & ~((pre == post) & ((pre == 0) | (pre == 1)))
    left = counted_note(
        (both & ~defined).astype(float), both.astype(float), "learners left out", "they had nothing to gain or lose"
    )
    by_unit = np.column_stack([np.where(defined, change, 0), defined])
    return Sums(by_unit, ratio, "no learner has a gain", lambda w: "; ".join(filter(None, (said(w), left(w)))))


def _tests(rows: Rows) -> tuple[Floats, Floats, NDArray[np.bool_], Note]:
    """Before and after of each learner, who has both, and what is said of the others."""
    pre, post = np.full(rows.n_units, np.nan), np.full(rows.n_units, np.nan)
    pre[rows.unit], post[rows.unit] = rows.numbers("pre"), rows.numbers("post")
    here = rows_of_units(rows) > 0
    both = ~np.isnan(pre) & ~np.isnan(post)
    said = counted_note((here & ~both).astype(float), here.astype(float), "learners left out", "a test is missing")
    return np.nan_to_num(pre), np.nan_to_num(post), both, said
