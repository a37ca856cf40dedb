"""How early can one rely on the flags?"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.metric import Computed, Statistic, metric
from attain.core.table import Rows
from attain.metrics._answers import judged, rows_of_units
from attain.metrics._flagged import By, Cells, needs

DAYS = 7


def _needs(precision: float, by: str | None) -> str:
    return f"{needs(by)} as_of"


@metric(direction="min", unit="weeks", needs=_needs, by_cohort=False)
def lead_time_weeks(rows: Rows, precision: Annotated[float, Field(gt=0, le=1)] = 0.6, by: By = None) -> Statistic:
    """First week of the course from which on the flags are as precise as asked for, in every later cut-off too.

    A week without flags does not count as precise. Fewer weeks leave more time to act. Learners who have left are no
    longer in later weeks, so that the weeks are of different learners.
    """
    rows = judged(rows)
    days = np.unique(rows.numbers("as_of"))
    days = days[~np.isnan(days)]
    weeks = [Cells(rows.where(rows.numbers("as_of") == day), by) for day in days]

    def first(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        if not weeks:
            return np.full(len(weights), np.nan)
        found = np.stack([cells.at(weights) for cells in weeks], axis=1)  # (replicates, weeks, 4)
        flagged = found[..., 0] + found[..., 1]
        reached = (flagged > 0) & (found[..., 0] >= precision * flagged - 1e-12)
        lasting = np.logical_and.accumulate(reached[:, ::-1], axis=1)[:, ::-1]
        return np.where(lasting.any(axis=1), days[lasting.argmax(axis=1)] / DAYS, np.nan)

    reason = f"the precision of the last cut-off is below {precision:g}, or nobody is flagged there"
    return Computed(first, rows_of_units(rows), reason)
