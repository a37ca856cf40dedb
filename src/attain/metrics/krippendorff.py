"""Krippendorff's alpha: how far raters agree beyond chance, with missing ratings (Krippendorff 2011)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from attain.metrics.intervals import bootstrap_weights, percentile

Level = Literal["nominal", "ordinal", "interval", "ratio"]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Alpha:
    """An alpha with all that it takes to read it.

    Attributes:
        level: how values differ: `nominal` (the same or not), `ordinal` (ranks), `interval`, `ratio`.
        value: 1 for perfect agreement, 0 for that of chance, below 0 for less; None where undefined.
        low: lower end of the 95 % interval (bootstrap over items), or None.
        high: upper end.
        n_items: items with two ratings or more; others cannot tell of agreement.
        n_alone: items with one rating, which are left out.
        n_raters: raters with a rating of one of those items.
        n_ratings: of those items.
        reason: why there is no value or no interval; "" where both are there.
    """

    level: Level
    value: float | None
    low: float | None
    high: float | None
    n_items: int
    n_alone: int
    n_raters: int
    n_ratings: int
    reason: str = ""


def krippendorff_alpha(
    ratings: Array,
    level: Level = "ordinal",
    *,
    drawn: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> Alpha:
    """Agreement of raters about items.

    >>> krippendorff_alpha(np.array([[1, 1], [2, 2], [3, np.nan]]), replicates=0).value
    1.0

    Args:
        ratings: shape (n_items, n_raters), NaN where a rater did not rate.
        level: of measurement.
        drawn: shape (n_items,), from 0: items with the same number, such as answers to one prompt, are drawn together;
            None to draw each by itself.
        replicates: how often items are drawn anew; 0 for no interval.
        seed: of the draws.
    """
    told = ~np.isnan(ratings)
    counted = told.sum(axis=1)
    paired = counted >= 2
    raters, alone = int(told[paired].any(axis=0).sum()), int((counted == 1).sum())
    size = (int(paired.sum()), alone, raters, int(counted[paired].sum()))
    kept = ratings[paired]
    values = np.unique(kept[told[paired]])
    if reason := _undefined(told, values, level):
        return Alpha(level, None, None, None, *size, reason)
    counts = np.stack([(kept == value).sum(axis=1) for value in values], axis=1).astype(np.float64)
    at = _alphas(counts, values, level)
    value = float(at(np.ones((1, len(counts))))[0])
    unit = np.arange(len(counts)) if drawn is None else np.unique(drawn[paired], return_inverse=True)[1]
    replicated = [at(weights[:, unit]) for weights in bootstrap_weights(int(unit.max()) + 1, replicates, seed)]
    ends = percentile(np.concatenate(replicated)) if replicated else None
    missing = "" if ends or not replicates else "in too many draws of the items all ratings are equal"
    low, high = ends or (None, None)
    return Alpha(level, value, low, high, *size, missing)


def _undefined(told: NDArray[np.bool_], values: Array, level: Level) -> str:
    """Why there can be no alpha; "" where there can."""
    raters = int(told.any(axis=0).sum())
    if raters < 2:
        return "a single rater cannot agree with anyone" if raters else "there are no ratings"
    if not len(values):
        return "no item was rated by two raters"
    if len(values) == 1:
        return f"all ratings are equal ({values[0]:g}), so agreement cannot be told from chance"
    if level == "ratio" and values[0] < 0:
        return f"a ratio scale has no values below 0, and {values[0]:g} was given"
    return ""


def _alphas(counts: Array, values: Array, level: Level) -> Callable[[Array], Array]:
    """What gives alphas for weights of the items, shape (replicates, n_items).

    Squared differences of one number a value need no table of pairs: an ordinal difference is that of the values'
    middle ranks among all ratings drawn, so that it is one as well.
    """
    of_item = counts.sum(axis=1)

    def squared(weights: Array, margins: Array, places: Array) -> tuple[Array, Array]:
        within = 2 * (of_item * (places**2 @ counts.T) - (places @ counts.T) ** 2)
        total = margins.sum(axis=1)
        chance = 2 * (total * (margins * places**2).sum(axis=1) - (margins * places).sum(axis=1) ** 2)
        return (weights * within / (of_item - 1)).sum(axis=1), chance

    def apart(weights: Array, margins: Array, distance: Array) -> tuple[Array, Array]:
        within: Array = np.einsum("ic,ck,ik->i", counts, distance, counts) / (of_item - 1)
        return weights @ within, np.einsum("rc,ck,rk->r", margins, distance, margins)

    def alphas(weights: Array) -> Array:
        margins = weights @ counts
        if level == "ordinal":
            found, chance = squared(weights, margins, margins.cumsum(axis=1) - margins / 2)
        elif level == "interval":
            found, chance = squared(weights, margins, np.broadcast_to(values - values.mean(), margins.shape))
        else:
            found, chance = apart(weights, margins, _distance(values, level))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(chance > 0, 1 - (margins.sum(axis=1) - 1) * found / chance, np.nan)

    return alphas


def _distance(values: Array, level: Level) -> Array:
    if level == "nominal":
        different: NDArray[np.bool_] = values[:, None] != values
        return different.astype(np.float64)
    total = values[:, None] + values
    squared: Array = ((values[:, None] - values) / np.where(total == 0, 1, total)) ** 2
    return squared
