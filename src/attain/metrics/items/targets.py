"""Did items come out as hard as they were meant to be? Target level against achieved difficulty."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from attain.core.compiled import compiled
from attain.metrics.correlation import by_row
from attain.metrics.intervals import percentile
from attain.metrics.items.difficulty import by_item

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]

REPLICATES = 500
FEWEST_ITEMS = 5
"""With fewer items no rank correlation is given."""


@dataclass(frozen=True)
class Interval:
    """A value and its 95 % interval; None where there is none."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Targets:
    """Target and achieved difficulty of the items of one generator.

    Attributes:
        items: with a target and enough answers.
        rank: Spearman's correlation; the interval is of new items of the generator, by resampling items.
        rank_same: the same value; the interval is of what these items are truly worth, by resampling the answers to
            each. Noise draws a correlation down, in the value and once more in what is resampled, so the interval is
            turned over (basic bootstrap): it reaches further up than down.
        slope: logits that a step of the target adds, by least squares; interval by resampling items.
        at_middle: difficulty where the target is the mean of all, in logits.
        reason: why there is nothing.
    """

    items: int
    rank: Interval
    rank_same: Interval
    slope: Interval
    at_middle: Interval
    reason: str = ""


NOTHING = Interval(None)


def against_target(target: Floats, b: Floats, drawn: Floats, middle: float, *, seed: int = 0) -> Targets:
    """Compare targets with difficulties.

    Args:
        target: shape (n,), any numbers that grow with the wanted difficulty.
        b: shape (n,), achieved difficulties.
        drawn: shape (n_replicates, n), difficulties from resampled answers (`resampled`).
        middle: the target at which generators are compared.
        seed: of the draws of items.
    """
    n = len(b)
    if n < FEWEST_ITEMS or np.ptp(target) == 0:
        few = f"fewer than {FEWEST_ITEMS} items with enough answers"
        why = few if n < FEWEST_ITEMS else "all items with enough answers have the same target"
        return Targets(n, NOTHING, NOTHING, NOTHING, NOTHING, why)
    picked = np.random.default_rng(seed).integers(n, size=(REPLICATES, n))
    x, y = target[picked], b[picked]
    ranks, lines = _spearmans(x, y), _lines(x - middle, y)
    same = _spearmans(np.broadcast_to(target, drawn.shape), drawn)
    value, line = spearman(target, b), _lines((target - middle)[None], b[None])[0]
    return Targets(
        n, _interval(value, ranks), _turned(value, same), _interval(line[1], lines[:, 1]),
        _interval(line[0], lines[:, 0]),
    )  # fmt: skip


def spearman(x: Floats, y: Floats) -> float:
    """Rank correlation, ties at their mean rank; NaN where one of them does not vary.

    >>> round(spearman(np.array([1.0, 2, 2, 3]), np.array([0.1, 0.4, 0.2, 0.9])), 4)
    0.9487
    """
    return float(_spearmans(x[None], y[None])[0])


def _spearmans(x: Floats, y: Floats) -> Floats:
    """The same of each row of two tables; shape (n_rows,)."""
    return by_row(rankdata(x, axis=1), rankdata(y, axis=1), np.ones(x.shape), "pearson")


def mean_interval(values: Floats, *, seed: int = 0) -> Interval:
    """The mean and its interval by resampling; no interval for fewer than three values."""
    if not len(values):
        return NOTHING
    if len(values) < 3:
        return Interval(float(values.mean()))
    picked = np.random.default_rng(seed).integers(len(values), size=(REPLICATES, len(values)))
    return _interval(float(values.mean()), values[picked].mean(axis=1))


def resampled(
    item: Ints,
    correct: Ints,
    ability: Floats,
    b: Floats,
    prior_sd: float,
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Floats:
    """Difficulties from answers drawn anew within each item, by one Newton step from `b`; NaN for an item without b.

    Args:
        item: shape (n,), codes from 0.
        correct: shape (n,).
        ability: shape (n,), in logits; NaN where not known.
        b: shape (n_items,), the difficulties from all answers.
        prior_sd: with which they were found, around 0.
        replicates: how many draws.
        seed: of the draws.

    Returns:
        Shape (replicates, n_items).
    """
    start, y, theta = by_item(item, correct, ability, len(b))
    return _one_step(start, y, theta, b, prior_sd, replicates, seed)


@compiled
def _one_step(
    start: NDArray[np.int64], y: Floats, theta: Floats, b: Floats, prior_sd: float, replicates: int, seed: int
) -> Floats:
    np.random.seed(seed)  # the generator that compiled code has
    out = np.full((replicates, len(b)), np.nan)
    weight = 1 / prior_sd**2
    for i in range(len(b)):
        first, n = start[i], start[i + 1] - start[i]
        if n == 0 or np.isnan(b[i]):
            continue
        apart, known = np.empty(n), np.empty(n)
        for k in range(n):
            p = 1 / (1 + np.exp(b[i] - theta[first + k]))
            apart[k], known[k] = p - y[first + k], p * (1 - p)
        apart -= apart.mean()  # at the maximum the prior holds the balance; so what is drawn varies around b
        for r in range(replicates):
            score, information = 0.0, weight
            for _ in range(n):
                k = np.random.randint(n)
                score += apart[k]
                information += known[k]
            out[r, i] = b[i] + score / information
    return out


def _lines(x: Floats, y: Floats) -> Floats:
    """Height at 0 and slope by least squares of each row; NaN where x does not vary; shape (n_rows, 2)."""
    centred = x - x.mean(axis=1, keepdims=True)
    spread = (centred**2).sum(axis=1)
    slope = np.divide((centred * y).sum(axis=1), spread, out=np.full(len(x), np.nan), where=spread > 0)
    return np.column_stack([y.mean(axis=1) - slope * x.mean(axis=1), slope])


def _interval(value: float, drawn: Floats) -> Interval:
    if not np.isfinite(value):
        return NOTHING
    low, high = percentile(drawn) or (None, None)
    return Interval(float(value), low, high)


def _turned(value: float, drawn: Floats) -> Interval:
    """The interval on the other side of the value: what resampling loses is what sampling lost before."""
    found = _interval(value, drawn)
    if found.value is None or found.low is None or found.high is None:
        return found
    low, high = (min(max(2 * found.value - end, -1.0), 1.0) for end in (found.high, found.low))
    return Interval(found.value, low, high)
