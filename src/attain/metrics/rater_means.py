"""Mean ratings by people, with intervals that know that both the raters and the items could have been others."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from attain.core.rng import rng
from attain.metrics.compare import corrected, p_value
from attain.metrics.difference import Difference
from attain.metrics.intervals import drawn_counts, percentile

Array = NDArray[np.float64]
ENOUGH_RATERS = 5
"""With fewer, no interval is honest: three raters with a severity of their own make 95 % intervals of about 80 %."""


@dataclass(frozen=True)
class RatedMean:
    """The mean rating of one system.

    Attributes:
        system: which.
        value: mean of all its ratings, each counted once; None where there is none.
        low: lower end of the 95 % interval (two-way bootstrap: raters and items are both drawn anew), or None.
        high: upper end.
        n_ratings: how many.
        n_items: rated items.
        n_raters: raters with a rating of it.
        reason: why there is no value or no interval; "" where both are there.
    """

    system: str
    value: float | None
    low: float | None
    high: float | None
    n_ratings: int
    n_items: int
    n_raters: int
    reason: str = ""


@dataclass(frozen=True)
class Severity:
    """How far a rater's ratings lie above those of the others of the same pieces.

    Attributes:
        rater: who.
        value: mean of the rater's rating minus the others' mean of the same piece; None where nobody shares a piece.
        n_ratings: ratings by this rater.
        n_shared: those of pieces that others rated too.
    """

    rater: str
    value: float | None
    n_ratings: int
    n_shared: int


@dataclass(frozen=True)
class RatedMeans:
    """The systems of one dimension.

    Attributes:
        means: in the order given.
        differences: each pair of systems, on the pieces both were rated on by the same raters, the same draws for both.
    """

    means: tuple[RatedMean, ...]
    differences: tuple[Difference, ...]


def few_raters(n_raters: int) -> str:
    """The sentence that must stand beside intervals from few raters; "" for enough."""
    if n_raters >= ENOUGH_RATERS:
        return ""
    who = "One rater" if n_raters == 1 else f"{n_raters} raters"
    return (
        f"{who}: the true uncertainty is larger than the intervals say, for so few cannot tell how much people differ. "
        f"Ask {ENOUGH_RATERS} or more."
    )


def rater_means(
    ratings: Array, systems: Sequence[str], dimension: str, *, replicates: int = 1000, seed: int = 0
) -> RatedMeans:
    """Means and paired differences of systems on one dimension.

    Args:
        ratings: shape (n_systems, n_items, n_raters), NaN where there is none; an item is a prompt, the same for all.
        systems: their names.
        dimension: what was rated.
        replicates: how often raters and items are drawn anew; 0 for no intervals.
        seed: of the draws.
    """
    told = ~np.isnan(ratings)
    known = np.where(told, ratings, 0.0)
    draws = _draws(ratings.shape[1], ratings.shape[2], replicates, seed)
    replicated = [_weighted_means(known[s], told[s], draws) for s in range(len(systems))]
    means = tuple(_mean(name, ratings[s], replicated[s]) for s, name in enumerate(systems))
    pairs = combinations(range(len(systems)), 2)
    found = [_difference(ratings[a], ratings[b], (systems[a], systems[b]), dimension, draws) for a, b in pairs]
    return RatedMeans(means, tuple(corrected(found)))


def severities(ratings: Array, raters: Sequence[str]) -> tuple[Severity, ...]:
    """Each rater against the others.

    Args:
        ratings: shape (n_pieces, n_raters), NaN where there is none.
        raters: their names.
    """
    told = ~np.isnan(ratings)
    known = np.where(told, ratings, 0.0)
    others = told.sum(axis=1, keepdims=True) - told
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = known - (known.sum(axis=1, keepdims=True) - known) / others
    shared = told & (others > 0)
    return tuple(
        Severity(
            name,
            float(apart[shared[:, r], r].mean()) if shared[:, r].any() else None,
            int(told[:, r].sum()),
            int(shared[:, r].sum()),
        )
        for r, name in enumerate(raters)
    )


def _draws(n_items: int, n_raters: int, replicates: int, seed: int) -> tuple[Array, Array]:
    """How often each item and each rater is drawn in each replicate: shapes (replicates, n_items), (…, n_raters)."""
    generator = rng(seed, "two-way bootstrap", n_items, n_raters)
    items, raters = (drawn_counts(generator, replicates, n).astype(np.float64) for n in (n_items, n_raters))
    return items, raters


def _weighted_means(known: Array, told: NDArray[np.bool_], draws: tuple[Array, Array]) -> Array:
    """The mean in each replicate; shape (replicates,), NaN where nothing was drawn."""
    items, raters = draws
    with np.errstate(divide="ignore", invalid="ignore"):
        total = ((items @ known) * raters).sum(axis=1)
        return np.asarray(total / ((items @ told.astype(np.float64)) * raters).sum(axis=1))


def _mean(system: str, ratings: Array, replicated: Array) -> RatedMean:
    told = ~np.isnan(ratings)
    size = (int(told.sum()), int(told.any(axis=1).sum()), int(told.any(axis=0).sum()))
    if not told.any():
        return RatedMean(system, None, None, None, *size, "no rating")
    value = float(ratings[told].mean())
    ends = percentile(replicated) if len(replicated) else None
    reason = ""
    if size[2] < 2:
        ends, reason = None, "a single rater cannot tell how raters differ"
    elif size[1] < 2:
        ends, reason = None, "a single item cannot tell how items differ"
    elif np.ptp(ratings[told]) == 0:
        ends, reason = None, "all its ratings are equal, so that drawing them anew tells nothing"
    elif ends is None and len(replicated):
        reason = "too few draws hold a rating"
    low, high = ends or (None, None)
    return RatedMean(system, value, low, high, *size, reason)


def _difference(a: Array, b: Array, names: tuple[str, str], dimension: str, draws: tuple[Array, Array]) -> Difference:
    both = ~np.isnan(a) & ~np.isnan(b)
    n_items, n_raters = int(both.any(axis=1).sum()), int(both.any(axis=0).sum())
    dropped = int((~np.isnan(a)).sum() + (~np.isnan(b)).sum() - 2 * both.sum())
    if not both.any():
        return Difference(dimension, "max", names, 0, dropped, reason="no rater rated both on the same prompt")
    apart = np.where(both, np.nan_to_num(a) - np.nan_to_num(b), 0.0)
    values = (float(a[both].mean()), float(b[both].mean()))
    drawn = _weighted_means(apart, both, draws)
    ends = percentile(drawn) if len(drawn) and min(n_items, n_raters) > 1 else None
    if ends is None:
        few = "a single rater or item cannot tell how others would differ"
        reason = few if min(n_items, n_raters) < 2 else "too few draws hold a rating of both"
        return Difference(dimension, "max", names, n_items, dropped, *values, values[0] - values[1], reason=reason)
    apart_by = values[0] - values[1]
    p, spread = p_value(apart_by, drawn, n_items), float(np.nanstd(drawn))
    return Difference(dimension, "max", names, n_items, dropped, *values, apart_by, *ends, p, spread=spread)
