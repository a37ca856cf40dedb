"""Has a column changed from the terms before to this one? The population stability index, with all that defines it.

Four common recipes give 0.02 to 0.26 for one and the same pair of terms; here the bins are the deciles of the terms
before, or the values of a column of words, and they are written down. A missing value has a bin of its own. What chance
makes of the same number of rows stands beside the value: there is no theory behind the customary bounds 0.1 and 0.25.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.audit.small_groups import NOT_SHOWN
from attain.core.cohorts import SMALLEST, UNKNOWN
from attain.core.errors import UserError
from attain.core.rng import rng

Floats = NDArray[np.float64]
BINS = 10
EMPTY = 0.5
"""Rows that a bin counts which is empty on one side."""
MOST_VALUES = 50


@dataclass(frozen=True)
class Drift:
    """How far a column has moved.

    Attributes:
        column: its name.
        value: the population stability index.
        null_high: 95 of 100 values stay below it where nothing has changed.
        p: share of values as large where nothing has changed (rows dealt anew to both sides).
        bins: edges (each bin reaches up to its edge, the last to infinity) or words, `(unknown)` last.
        before: shares of the bins in the terms before.
        now: shares in this term.
        n_before: rows of the terms before.
        n_now: rows of this term.
        reason: why the shares are not shown; "" where they are.
    """

    column: str
    value: float
    null_high: float
    p: float
    bins: tuple[float | str, ...]
    before: tuple[float, ...]
    now: tuple[float, ...]
    n_before: int
    n_now: int
    reason: str = ""

    def to_dict(self) -> dict[str, object]:
        """As plain data; shares have four decimals."""
        plain = asdict(self)
        for name in ("before", "now"):
            plain[name] = [round(share, 4) for share in plain[name]]
        return plain | {name: round(plain[name], 4) for name in ("value", "null_high", "p")}


def drift(
    before: "pd.Series[float]", now: "pd.Series[float]", *, smallest: int = SMALLEST, draws: int = 1000, seed: int = 0
) -> Drift:
    """Compare a column of numbers or of words.

    Args:
        before: of the terms before.
        now: of this term.
        smallest: where a bin has fewer rows, but some, the shares of all bins are hidden.
        draws: how often rows are dealt anew.
        seed: of the draws.

    Raises:
        UserError: a side is empty, or the column has too many different words.
    """
    name = str(now.name)
    if not len(before) or not len(now):
        raise UserError(f"Column {name!r}: there is no row {'before' if not len(before) else 'now'} to compare with.")
    bins, old, new = _numbers(before, now) if pd.api.types.is_numeric_dtype(before) else _words(name, before, now)
    counts = np.stack([np.bincount(side, minlength=len(bins)) for side in (old, new)])
    used = counts.sum(axis=0) > 0
    counts, bins = counts[:, used], tuple(one for one, kept in zip(bins, used, strict=True) if kept)
    value = float(_index(counts[0], counts[1]))
    total = counts.sum(axis=0)
    dealt = rng(seed, "drift", name).multivariate_hypergeometric(total, len(now), size=draws, method="marginals")
    null = _index(total - dealt, dealt)
    few = bool(((counts > 0) & (counts < smallest)).any())
    shares = [tuple(map(float, [] if few else side / side.sum())) for side in counts]
    return Drift(
        name,
        value,
        float(np.quantile(null, 0.95)),
        float((1 + (null >= value - 1e-12).sum()) / (1 + draws)),
        bins,
        shares[0],
        shares[1],
        len(before),
        len(now),
        NOT_SHOWN if few else "",
    )


def _numbers(
    before: "pd.Series[float]", now: "pd.Series[float]"
) -> tuple[tuple[float | str, ...], NDArray[np.int64], NDArray[np.int64]]:
    """Bins up to each decile of the known values before; equal deciles are one, missing values the last bin."""
    sides = [np.asarray(side, dtype=np.float64) for side in (before, now)]
    known = np.sort(sides[0][~np.isnan(sides[0])])
    places = np.ceil(len(known) * np.arange(1, BINS) / BINS).astype(np.int64) - 1
    edges = np.unique(known[places]) if len(known) else np.empty(0)
    old, new = (np.where(np.isnan(s), len(edges) + 1, np.searchsorted(edges, s, "left")) for s in sides)
    return (*map(float, edges), "above", UNKNOWN), old.astype(np.int64), new.astype(np.int64)


def _words(
    name: str, before: "pd.Series[float]", now: "pd.Series[float]"
) -> tuple[tuple[float | str, ...], NDArray[np.int64], NDArray[np.int64]]:
    known = pd.concat([before, now]).dropna().astype(str)
    values = sorted(known.unique())
    if len(values) > MOST_VALUES:
        raise UserError(f"Column {name!r} has {len(values):,} different values; put them into bands to see a drift.")
    codes = [pd.Categorical(side.astype(object).map(str, na_action="ignore"), values).codes for side in (before, now)]
    old, new = (np.where(side < 0, len(values), side).astype(np.int64) for side in codes)
    return (*values, UNKNOWN), old, new


def _index(before: NDArray[np.integer], now: NDArray[np.integer]) -> Floats:
    """The index of histograms along the last axis."""
    p = np.maximum(before, EMPTY) / before.sum(axis=-1, keepdims=True)
    q = np.maximum(now, EMPTY) / now.sum(axis=-1, keepdims=True)
    return np.asarray(np.where((before > 0) | (now > 0), (q - p) * np.log(q / p), 0).sum(axis=-1))
