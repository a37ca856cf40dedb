"""Do equally able learners of two cohorts find an item equally hard? Differential item functioning, in two ways.

Mantel-Haenszel compares the odds of being right within strata of ability; anchored difficulties compare one parameter
a cohort on the scale of ability. Abilities that are themselves unfair to a cohort hide what all items have in common.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import chi2

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]

Size = Literal["A", "B", "C"]
DELTA = -2.35
"""ETS's delta is this times the logarithm of the odds ratio: below 0, the item is harder for the focal cohort."""
STRATA = 10
"""Into how many strata of ability an item's answers are parted, at most."""
LEAST_IN_STRATUM = 10
"""Answers a stratum, on the average."""


@dataclass(frozen=True)
class MantelHaenszel:
    """The common odds ratio of a 2 × 2 × k table (Mantel & Haenszel 1959).

    Attributes:
        odds: of the reference cohort being right over those of the focal one; None where it is not defined.
        delta: on ETS's scale.
        se: of delta (Robins, Breslow & Greenland 1986).
        p: of the test of no difference, with continuity correction.
        size: A negligible, B moderate, C large (Zieky 1993).
        reason: why there is no odds ratio.
    """

    odds: float | None
    delta: float | None
    se: float | None
    p: float | None
    size: Size | None
    reason: str = ""


def mantel_haenszel(table: Floats) -> MantelHaenszel:
    """The odds ratio of some strata.

    Args:
        table: shape (k, 2, 2): of each stratum, the reference and the focal cohort's right and wrong answers.

    >>> found = mantel_haenszel(np.array([[[30.0, 10], [20, 20]], [[38, 2], [30, 10]]]))
    >>> round(found.odds, 3), found.size
    (3.769, 'C')
    """
    whole = table[table.sum(axis=(1, 2)) > 0]
    whole = whole[(whole.sum(axis=2) > 0).all(axis=1)]  # a stratum of one cohort compares nothing
    if not len(whole):
        return MantelHaenszel(None, None, None, None, None, "no stratum has learners of both cohorts")
    a, b, c, d = whole[:, 0, 0], whole[:, 0, 1], whole[:, 1, 0], whole[:, 1, 1]
    total = a + b + c + d
    up, down = a * d / total, b * c / total
    if up.sum() == 0 or down.sum() == 0:
        return MantelHaenszel(None, None, None, None, None, "a cohort is always or never right where both are seen")
    odds = float(up.sum() / down.sum())
    along, across = (a + d) / total, (b + c) / total
    variance = (
        (along * up).sum() / (2 * up.sum() ** 2)
        + (along * down + across * up).sum() / (2 * up.sum() * down.sum())
        + (across * down).sum() / (2 * down.sum() ** 2)
    )
    delta, se = DELTA * float(np.log(odds)), abs(DELTA) * float(np.sqrt(variance))
    p = _no_difference(a, b, c, d)
    return MantelHaenszel(odds, delta, se, p, _size(delta, se, p))


def _no_difference(a: Floats, b: Floats, c: Floats, d: Floats) -> float:
    total = a + b + c + d
    expected = (a + b) * (a + c) / total
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (a + b) * (c + d) * (a + c) * (b + d) / (total**2 * (total - 1))
    spread = float(np.nansum(variance))
    if spread == 0:
        return 1.0
    apart = max(abs(float((a - expected).sum())) - 0.5, 0.0)
    return float(chi2.sf(apart**2 / spread, 1))


def _size(delta: float, se: float, p: float) -> Size:
    if p >= 0.05 or abs(delta) < 1:
        return "A"
    above_one = float(ndtr(-(abs(delta) - 1) / se)) < 0.05
    return "C" if abs(delta) >= 1.5 and above_one else "B"


def strata(ability: Floats, *, most: int = STRATA) -> NDArray[np.int64]:
    """The stratum of each answer to an item: groups of about equal size by ability; shape (n,).

    >>> strata(np.arange(40.0)).tolist() == [0] * 10 + [1] * 10 + [2] * 10 + [3] * 10
    True
    """
    k = int(np.clip(len(ability) // LEAST_IN_STRATUM, 1, most))
    edges = np.quantile(ability, np.arange(1, k) / k) if len(ability) else np.empty(0)
    return np.searchsorted(edges, ability, side="right").astype(np.int64)


def tables(correct: Ints, focal: NDArray[np.bool_], stratum: Ints) -> Floats:
    """Counts as `mantel_haenszel` takes them; each argument has shape (n,)."""
    k = int(stratum.max(initial=-1)) + 1
    cell = (stratum * 2 + focal) * 2 + (np.asarray(correct) == 0)
    return np.bincount(cell, minlength=4 * k).reshape(k, 2, 2).astype(np.float64)
