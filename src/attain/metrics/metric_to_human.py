"""How far a metric agrees with people, and in what sense: of systems, of answers to one prompt, or of all pieces.

The three are different questions with different answers on the same data, so a correlation without its level says
nothing.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from attain.metrics.correlation import COEFFICIENTS, Array, Coefficient, by_row, correlate, pearson_of_units
from attain.metrics.intervals import bootstrap_weights, percentile

Level = Literal["system", "item", "pooled"]
LEVELS: tuple[Level, ...] = get_args(Level)
MEANING: dict[Level, str] = {
    "system": "systems' means",
    "item": "systems on one prompt, mean over prompts",
    "pooled": "all pieces together",
}
ENOUGH_SYSTEMS = 8
"""With fewer, a correlation of systems has no usable interval."""


@dataclass(frozen=True)
class Correlation:
    """A correlation of a metric with people's mean ratings.

    Attributes:
        level: see `MEANING`.
        coefficient: `pearson`, `spearman`, or `kendall_b`.
        value: None where undefined.
        low: lower end of the 95 % interval (bootstrap over prompts), or None.
        high: upper end.
        p: two-sided p by shuffling systems, where there are too few of them for an interval; None elsewhere.
        n: pieces, prompts or systems, whichever it is a correlation of.
        left_out: prompts whose ratings or values are all equal, at level `item`.
        reason: why there is no value or no interval; "" where both are there.
    """

    level: Level
    coefficient: Coefficient
    value: float | None
    low: float | None
    high: float | None
    p: float | None
    n: int
    left_out: int = 0
    reason: str = ""


def correlations(
    metric: Array, human: Array, weights: Array, coefficients: Sequence[Coefficient] = COEFFICIENTS
) -> list[Correlation]:
    """Every level and coefficient.

    Args:
        metric: shape (n_systems, n_prompts), NaN where there is no value.
        human: the same shape, mean ratings by people, NaN where there are none.
        weights: shape (replicates, n_prompts): how often each prompt is drawn, as `draws` gives it.
        coefficients: which.
    """
    both = ~np.isnan(metric) & ~np.isnan(human)
    at: dict[Level, Callable[..., Correlation]] = {"system": _of_systems, "item": _of_items, "pooled": _of_all}
    return [at[level](metric, human, both, c, weights) for level in LEVELS for c in coefficients]


def draws(n_prompts: int, replicates: int = 500, seed: int = 0) -> Array:
    """How often each prompt is drawn in each replicate; the same for all correlations of a report."""
    return np.concatenate([np.empty((0, n_prompts)), *bootstrap_weights(n_prompts, replicates, seed)])


def _of_all(
    metric: Array, human: Array, both: NDArray[np.bool_], coefficient: Coefficient, weights: Array
) -> Correlation:
    prompt = np.nonzero(both)[1]
    x, y = metric[both], human[both]
    value = float(correlate(x, y, coefficient, np.ones((1, len(x))))[0])
    if math.isnan(value):
        return Correlation("pooled", coefficient, None, None, None, None, len(x), reason=_flat(x, y, "pieces"))
    drawn = (
        pearson_of_units(x, y, prompt, weights)
        if coefficient == "pearson"
        else correlate(x, y, coefficient, weights[:, prompt])
    )
    low, high = percentile(drawn) or (None, None)
    return Correlation("pooled", coefficient, value, low, high, None, len(x), reason=_no_interval(low, weights))


def _of_items(
    metric: Array, human: Array, both: NDArray[np.bool_], coefficient: Coefficient, weights: Array
) -> Correlation:
    x, y = (np.where(both, values, 0.0).T for values in (metric, human))
    each = by_row(x, y, both.T.astype(np.float64), coefficient)
    defined = ~np.isnan(each)
    n, left = int(defined.sum()), int((both.sum(axis=0) >= 1).sum() - defined.sum())
    if not n:
        reason = "on every prompt all ratings, or all values, are equal" if left else "no prompt has both"
        return Correlation("item", coefficient, None, None, None, None, 0, left, reason)
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = (weights[:, defined] @ each[defined]) / weights[:, defined].sum(axis=1)
    low, high = percentile(drawn) or (None, None) if n > 1 else (None, None)
    value = float(each[defined].mean())
    return Correlation("item", coefficient, value, low, high, None, n, left, _no_interval(low, weights))


def _of_systems(
    metric: Array, human: Array, both: NDArray[np.bool_], coefficient: Coefficient, weights: Array
) -> Correlation:
    judged = both.any(axis=1)
    n = int(judged.sum())
    x, y = (np.where(both, values, 0.0)[judged] for values in (metric, human))
    counts = both[judged].sum(axis=1)
    mx, my = x.sum(axis=1) / counts, y.sum(axis=1) / counts
    value = float(correlate(mx, my, coefficient, np.ones((1, n)))[0]) if n > 1 else math.nan
    if math.isnan(value):
        return Correlation("system", coefficient, None, None, None, None, n, reason=_flat(mx, my, "systems"))
    if n < ENOUGH_SYSTEMS:
        reason = f"{n} systems are too few for an interval; p is of shuffled systems"
        return Correlation("system", coefficient, value, None, None, _shuffled(mx, my, coefficient), n, 0, reason)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = [(weights @ values.T) / (weights @ both[judged].T.astype(np.float64)) for values in (x, y)]
    drawn = by_row(shares[0], shares[1], np.ones((len(weights), n)), coefficient)
    low, high = percentile(drawn) or (None, None)
    return Correlation("system", coefficient, value, low, high, None, n, reason=_no_interval(low, weights))


def _shuffled(x: Array, y: Array, coefficient: Coefficient) -> float:
    """Share of all orders of the systems with a correlation at least as strong; they are few enough to try each."""
    orders = np.array(list(permutations(range(len(x)))))
    drawn = np.abs(by_row(np.broadcast_to(x, orders.shape), y[orders], np.ones(orders.shape), coefficient))
    return float((drawn >= drawn[0] - 1e-12).mean())


def _flat(x: Array, y: Array, what: str) -> str:
    if len(x) < 2:
        return f"fewer than two {what} have both a value and a rating"
    return f"all {what} have the same {'value' if np.ptp(x) == 0 else 'rating'}"


def _no_interval(low: float | None, weights: Array) -> str:
    return "undefined in too many draws of the prompts" if low is None and len(weights) else ""
