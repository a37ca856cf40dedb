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

from attain.metrics.intervals import bootstrap_weights, percentile

Level = Literal["system", "item", "pooled"]
Coefficient = Literal["pearson", "spearman", "kendall_b"]
Array = NDArray[np.float64]
LEVELS: tuple[Level, ...] = get_args(Level)
COEFFICIENTS: tuple[Coefficient, ...] = get_args(Coefficient)
MEANING: dict[Level, str] = {
    "system": "systems' means",
    "item": "systems on one prompt, mean over prompts",
    "pooled": "all pieces together",
}
ENOUGH_SYSTEMS = 8
"""With fewer, a correlation of systems has no usable interval."""
BLOCK = 4_000_000
MOST_COLUMNS = 64


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


def correlate(x: Array, y: Array, coefficient: Coefficient, weights: Array) -> Array:
    """Correlations of x and y with the rows weighted.

    >>> correlate(np.array([1.0, 2, 3]), np.array([1.0, 4, 9]), "spearman", np.ones((1, 3)))
    array([1.])

    Args:
        x: shape (n,).
        y: shape (n,).
        coefficient: which.
        weights: shape (replicates, n): how often each row counts.

    Returns:
        shape (replicates,), NaN where either has one value only.
    """
    if not len(x):
        return np.full(len(weights), np.nan)
    if coefficient == "kendall_b":
        return _kendall(x, y, weights)
    if coefficient == "spearman":
        return _spearman(x, y, weights)
    return _pearson(np.broadcast_to(x, weights.shape), np.broadcast_to(y, weights.shape), weights)


def _pearson(x: Array, y: Array, weights: Array) -> Array:
    """Row by row; all of shape (replicates, n)."""
    total = weights.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        dx = x - (weights * x).sum(axis=1, keepdims=True) / total
        dy = y - (weights * y).sum(axis=1, keepdims=True) / total
        both = (weights * dx * dy).sum(axis=1)
        spread = (weights * dx**2).sum(axis=1) * (weights * dy**2).sum(axis=1)
        size = total[:, 0] ** 2 * np.maximum(np.abs(x).max(initial=0), 1e-300) ** 2
        flat = spread <= 1e-24 * size * np.maximum(np.abs(y).max(initial=0), 1e-300) ** 2
        return np.where(flat, np.nan, (both / np.sqrt(spread)).clip(-1, 1))


def _pearson_of_sums(x: Array, y: Array, unit: NDArray[np.integer], weights: Array) -> Array:
    """Pearson's where rows of one unit share its weight; `weights` is of shape (replicates, n_units)."""
    dx, dy = x - x.mean(), y - y.mean()
    parts = (np.ones_like(x), dx, dy, dx * dx, dy * dy, dx * dy)
    by_unit = np.stack([np.bincount(unit, part, weights.shape[1]) for part in parts], axis=1)
    n, sx, sy, sxx, syy, sxy = (weights @ by_unit).T
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (sxx - sx**2 / n) * (syy - sy**2 / n)
        return np.where(spread > 1e-24 * sxx * syy, ((sxy - sx * sy / n) / np.sqrt(spread)).clip(-1, 1), np.nan)


def _spearman(x: Array, y: Array, weights: Array) -> Array:
    """Pearson's of middle ranks, where each row counts as often as its weight says."""
    group = [np.unique(values, return_inverse=True)[1] for values in (x, y)]
    of_group = [_grouped(codes, weights) for codes in group]
    rank = [counts.cumsum(axis=1) - counts / 2 for counts in of_group]
    total = weights.sum(axis=1)
    own = [(counts * ranks**2).sum(axis=1) - total**3 / 4 for counts, ranks in zip(of_group, rank, strict=True)]
    fine, coarse = (0, 1) if len(rank[0][0]) >= len(rank[1][0]) else (1, 0)
    by_group = _grouped(group[coarse], weights * rank[fine][:, group[fine]])
    cross = (by_group * rank[coarse]).sum(axis=1) - total**3 / 4
    with np.errstate(divide="ignore", invalid="ignore"):
        flat = np.minimum(*own) <= 1e-12 * total**3
        return np.where(flat, np.nan, (cross / np.sqrt(own[0] * own[1])).clip(-1, 1))


def _grouped(group: NDArray[np.integer], weights: Array) -> Array:
    """Weights summed by group; shape (replicates, groups)."""
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(int(group.max(initial=-1)) + 1))
    return np.add.reduceat(weights[:, order], starts, axis=1) if len(starts) else np.zeros((len(weights), 0))


def _kendall(x: Array, y: Array, weights: Array) -> Array:
    """Tau-b: pairs in the same order less pairs in the opposite one, over those that are no ties."""
    _, gx = np.unique(x, return_inverse=True)
    values, gy = np.unique(y, return_inverse=True)
    if len(values) > gx.max(initial=0) + 1:
        gx, gy = gy, gx  # the one with fewer values goes through the columns
    rows, columns = int(gx.max(initial=-1)) + 1, int(gy.max(initial=-1)) + 1
    if columns > MOST_COLUMNS:
        return np.array([_kendall_of_many(gx, gy, row) for row in weights])
    size = max(1, BLOCK // max(rows * columns, 1))
    parts = [np.empty(0)]
    for start in range(0, len(weights), size):
        own = weights[start : start + size]
        table = _grouped_cells(gx, gy, own, rows, columns)
        before = table.cumsum(axis=1) - table  # of smaller x
        less = before.cumsum(axis=2) - before  # and smaller y
        more = before.sum(axis=2, keepdims=True) - before.cumsum(axis=2)
        apart = (table * (less - more)).sum(axis=(1, 2))
        total = own.sum(axis=1)
        untied = [total**2 - (table.sum(axis=axis) ** 2).sum(axis=1) for axis in (1, 2)]
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.sqrt(untied[0] * untied[1])
            parts.append(np.where(spread > 0, 2 * apart / spread, np.nan))
    return np.concatenate(parts)


def _by_row(x: Array, y: Array, told: Array, coefficient: Coefficient) -> Array:
    """A correlation within each row, of the columns that are 1 in `told`; all of shape (rows, columns), few columns."""
    if coefficient == "pearson":
        return _pearson(x, y, told)
    pairs = told[:, :, None] * told[:, None, :]
    up, along = (np.sign(v[:, :, None] - v[:, None, :]) * pairs for v in (x, y))
    if coefficient == "spearman":
        return _pearson(up.sum(axis=2) / 2, along.sum(axis=2) / 2, told)  # middle ranks, but for a constant
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.abs(up).sum(axis=(1, 2)) * np.abs(along).sum(axis=(1, 2)))
        return np.where(spread > 0, (up * along).sum(axis=(1, 2)) / spread, np.nan)


def _kendall_of_many(x: NDArray[np.integer], y: NDArray[np.integer], weights: Array) -> float:
    """For two finely graded sides, where a table of their values would be too large."""
    from scipy.stats import kendalltau  # heavy

    times = weights.astype(int)
    return float(kendalltau(np.repeat(x, times), np.repeat(y, times)).statistic)


def _grouped_cells(gx: NDArray[np.integer], gy: NDArray[np.integer], weights: Array, rows: int, columns: int) -> Array:
    table = np.zeros((len(weights), rows * columns))
    cells, place = np.unique(gx * columns + gy, return_inverse=True)
    table[:, cells] = _grouped(place, weights)
    return table.reshape(len(weights), rows, columns)


def _of_all(
    metric: Array, human: Array, both: NDArray[np.bool_], coefficient: Coefficient, weights: Array
) -> Correlation:
    prompt = np.nonzero(both)[1]
    x, y = metric[both], human[both]
    value = float(correlate(x, y, coefficient, np.ones((1, len(x))))[0])
    if math.isnan(value):
        return Correlation("pooled", coefficient, None, None, None, None, len(x), reason=_flat(x, y, "pieces"))
    drawn = (
        _pearson_of_sums(x, y, prompt, weights)
        if coefficient == "pearson"
        else correlate(x, y, coefficient, weights[:, prompt])
    )
    low, high = percentile(drawn) or (None, None)
    return Correlation("pooled", coefficient, value, low, high, None, len(x), reason=_no_interval(low, weights))


def _of_items(
    metric: Array, human: Array, both: NDArray[np.bool_], coefficient: Coefficient, weights: Array
) -> Correlation:
    x, y = (np.where(both, values, 0.0).T for values in (metric, human))
    each = _by_row(x, y, both.T.astype(np.float64), coefficient)
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
    drawn = _by_row(shares[0], shares[1], np.ones((len(weights), n)), coefficient)
    low, high = percentile(drawn) or (None, None)
    return Correlation("system", coefficient, value, low, high, None, n, reason=_no_interval(low, weights))


def _shuffled(x: Array, y: Array, coefficient: Coefficient) -> float:
    """Share of all orders of the systems with a correlation at least as strong; they are few enough to try each."""
    orders = np.array(list(permutations(range(len(x)))))
    drawn = np.abs(_by_row(np.broadcast_to(x, orders.shape), y[orders], np.ones(orders.shape), coefficient))
    return float((drawn >= drawn[0] - 1e-12).mean())


def _flat(x: Array, y: Array, what: str) -> str:
    if len(x) < 2:
        return f"fewer than two {what} have both a value and a rating"
    return f"all {what} have the same {'value' if np.ptp(x) == 0 else 'rating'}"


def _no_interval(low: float | None, weights: Array) -> str:
    return "undefined in too many draws of the prompts" if low is None and len(weights) else ""
