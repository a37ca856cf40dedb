"""What became of generated pieces: how many were delivered, and how many are empty, were refused or failed."""

import numpy as np

from attain.core.metric import Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import ratio


@metric(direction="max", unit="share", needs="state score")
def delivered_share(rows: Rows) -> Statistic:
    """Share of the pieces asked for that have a text. Read every mean over pieces beside it."""
    return _share(rows, "ok")


@metric(direction="min", unit="share", needs="state score")
def empty_share(rows: Rows) -> Statistic:
    """Share of the pieces asked for that came back without a text."""
    return _share(rows, "empty")


@metric(direction="min", unit="share", needs="state score")
def refused_share(rows: Rows) -> Statistic:
    """Share of the pieces asked for that the generator refused to make."""
    return _share(rows, "refused")


@metric(direction="min", unit="share", needs="state score")
def failed_share(rows: Rows) -> Statistic:
    """Share of the pieces asked for that an error prevented."""
    return _share(rows, "failed")


def _share(rows: Rows, state: str) -> Statistic:
    hit = np.asarray(rows.text("state") == state)
    n = rows.sum_by_unit(np.ones(len(rows)))
    return Sums(np.column_stack([rows.sum_by_unit(hit), n]), ratio, "there are no pieces", n_rows=n)
