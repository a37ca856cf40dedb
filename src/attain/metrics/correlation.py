"""Pearson's, Spearman's and Kendall's correlations of rows that count as often as weights say."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Coefficient = Literal["pearson", "spearman", "kendall_b"]
COEFFICIENTS: tuple[Coefficient, ...] = get_args(Coefficient)
Array = NDArray[np.float64]
BLOCK = 4_000_000
MOST_COLUMNS = 64
_FLAT = 1e-6


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


def pearson_of_units(x: Array, y: Array, unit: NDArray[np.integer], weights: Array) -> Array:
    """Pearson's where rows of one unit share its weight; `weights` is of shape (replicates, n_units)."""
    terms = pearson_terms(x, y)
    by_unit = np.stack([np.bincount(unit, term, weights.shape[1]) for term in terms.T], axis=1)
    scale = tuple(float(np.abs(side).max(initial=0)) for side in terms.T[1:3])
    return pearson_of_sums(weights @ by_unit, scale)


def pearson_terms(x: Array, y: Array) -> Array:
    """What each row adds to the sums that `pearson_of_sums` reads; shape (n, 6)."""
    dx, dy = x - x.sum() / max(len(x), 1), y - y.sum() / max(len(y), 1)  # so that the sums lose no digits
    return np.column_stack([np.ones_like(dx), dx, dy, dx * dx, dy * dy, dx * dy])


def pearson_of_sums(sums: Array, scale: tuple[float, ...] = (1.0, 1.0)) -> Array:
    """Pearson's from sums of `pearson_terms`; shape (replicates,), NaN where either side has one value only.

    Args:
        sums: shape (replicates, 6).
        scale: of x and of y: what varies by less than a millionth of it is taken as one value.
    """
    n, sx, sy, sxx, syy, sxy = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        of_x, of_y = sxx - sx**2 / n, syy - sy**2 / n
        varies = (of_x > (_FLAT * scale[0]) ** 2 * n) & (of_y > (_FLAT * scale[1]) ** 2 * n)
        return np.where(varies, ((sxy - sx * sy / n) / np.sqrt(of_x * of_y)).clip(-1, 1), np.nan)


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


def by_row(x: Array, y: Array, told: Array, coefficient: Coefficient) -> Array:
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
