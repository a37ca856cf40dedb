"""Does a model rank the answers of one cohort better than those of another? The area between their ROC curves.

ABROCA (Gardner, Brooks & Baker 2019) is never below 0, and far above it by chance alone where cohorts are small or
unlike in size (Borchers & Baker 2025). So it is read against what comes out when the cohorts are dealt anew among the
learners, whole, and with a note on what could not have been seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.cohorts import SMALLEST, UNKNOWN
from attain.core.compiled import compiled
from attain.core.rng import rng
from attain.core.table import Predictions
from attain.metrics._answers import judged
from attain.metrics._auc import SortedAnswers
from attain.metrics.intervals import LEVEL, holm

OTHERS = "all others"
POWER = 0.84
"""So many standard deviations above what chance reaches, a difference is found four times in five."""


@dataclass(frozen=True)
class Abroca:
    """The ROC curves of two cohorts against each other.

    Attributes:
        attribute: of the learners.
        names: of the two; the second is `all others` where the attribute has more than two values.
        n_units: learners of each.
        aucs: of each; None where all its answers are right, or all wrong.
        value: the area between the curves, from 0 to 1; None where an AUC is.
        by_chance: the area that dealing cohorts at random exceeds in one case of twenty.
        p: share of the deals that reach the value, itself counted; one-sided.
        p_holm: p adjusted by Holm for all the comparisons made together.
        detectable: about the least area that would be found four times in five.
        reason: why there is no value.
    """

    attribute: str
    names: tuple[str, str]
    n_units: tuple[int, int]
    aucs: tuple[float | None, float | None] = (None, None)
    value: float | None = None
    by_chance: float | None = None
    p: float | None = None
    p_holm: float | None = None
    detectable: float | None = None
    reason: str = ""

    @property
    def note(self) -> str:
        """All that it takes to read the value, in words."""
        if self.value is None:
            return ""
        first, second = (f"{name} {auc:.3f}" for name, auc in zip(self.names, self.aucs, strict=True))
        return (
            f"AUC of {first}, of {second}; randomisation p {self.p:.3f} ({self.p_holm:.3f} by Holm); by chance up to "
            f"{self.by_chance:.3f}; a difference under about {self.detectable:.3f} would be missed one time in five"
        )


def abroca(
    table: Predictions, cohorts: pd.DataFrame, *, shuffles: int = 1000, seed: int = 0, smallest: int = SMALLEST
) -> list[Abroca]:
    """Each attribute's two cohorts against each other; of more than two, each against all others.

    Args:
        table: the predictions.
        cohorts: one row a learner (index: its name), one column an attribute; learners not in it are left out.
        shuffles: how often cohorts are dealt anew.
        seed: seed of the deals.
        smallest: cohorts of fewer learners are left out.
    """
    rows = judged(table.rows("answer"))
    ranked = SortedAnswers.of(rows)
    judged_units = np.bincount(rows.unit, minlength=rows.n_units) > 0
    found = []
    for attribute, names, side in _sides(table, cohorts, judged_units, smallest):
        blank = Abroca(attribute, names, (int((side == 0).sum()), int((side == 1).sum())))
        found.append(_tested(blank, ranked, side, shuffles, seed))
    adjusted = holm(np.array([one.p for one in found], dtype=np.float64))
    return [one if one.p is None else replace(one, p_holm=float(p)) for one, p in zip(found, adjusted, strict=True)]


def _sides(
    table: Predictions, cohorts: pd.DataFrame, judged_units: NDArray[np.bool_], smallest: int
) -> Iterator[tuple[str, tuple[str, str], NDArray[np.int8]]]:
    """Attribute, names of the two cohorts, and for each unit 0 or 1, or -1 for neither."""
    for attribute in cohorts.columns:
        joined = cohorts[attribute].astype(object).reindex(table.units)
        text = joined.where(joined.isna(), joined.astype(str)).fillna(UNKNOWN).to_numpy()
        levels, counts = np.unique(text[judged_units], return_counts=True)
        shown = [str(x) for x, n in zip(levels, counts, strict=True) if n >= smallest and x != UNKNOWN]
        inside = np.isin(text, shown) & judged_units
        for level in shown if len(shown) > 2 else shown[: len(shown) - 1]:
            side = np.where(inside, np.where(text == level, 0, 1), -1).astype(np.int8)
            yield str(attribute), (level, OTHERS if len(shown) > 2 else shown[1]), side


def _tested(blank: Abroca, ranked: SortedAnswers, side: NDArray[np.int8], shuffles: int, seed: int) -> Abroca:
    weights = [(side == k).astype(np.float64)[None, :] for k in (0, 1)]
    aucs = [float(ranked.mean(w)[0]) for w in weights]
    known = [None if np.isnan(auc) else auc for auc in aucs]
    blank = replace(blank, aucs=(known[0], known[1]))
    if None in known:
        return replace(blank, reason="a cohort's answers are all right, or all wrong")
    members = np.flatnonzero(side >= 0)
    generator = rng(seed, "abroca", blank.attribute, *blank.names)
    dealt = np.repeat(side[None, :], shuffles + 1, axis=0)
    for row in dealt[1:]:
        row[members] = generator.permutation(row[members])
    areas = _areas_between(ranked.unit, ranked.positive, ranked.tie_end, dealt)
    value, chance = float(areas[0]), areas[1:][~np.isnan(areas[1:])]
    if not len(chance):
        return replace(blank, value=value, reason="no randomisation was asked for")
    by_chance = float(np.quantile(chance, LEVEL))
    p = float((1 + (chance >= value - 1e-12).sum()) / (1 + len(chance)))
    detectable = by_chance + POWER * float(chance.std())
    return replace(blank, value=value, by_chance=by_chance, p=p, detectable=detectable)


@compiled
def _areas_between(
    unit: NDArray[np.int32], positive: NDArray[np.bool_], tie_end: NDArray[np.bool_], sides: NDArray[np.int8]
) -> NDArray[np.float64]:
    """For each row of `sides`, shape (deals, n_units), the area between the curves of sides 0 and 1; NaN if undefined.

    Answers stand by ascending score; the curves are followed from their upper right ends.
    """
    out = np.full(len(sides), np.nan)
    x, y = np.zeros((2, len(unit) + 1)), np.zeros((2, len(unit) + 1))
    for deal in range(len(sides)):
        length = np.zeros(2, dtype=np.int64)
        wrong, right = np.zeros(2), np.zeros(2)
        for i in range(len(unit)):
            side = sides[deal, unit[i]]
            if side >= 0:
                if positive[i]:
                    right[side] += 1
                else:
                    wrong[side] += 1
            if tie_end[i]:
                for k in range(2):
                    if x[k, length[k]] != wrong[k] or y[k, length[k]] != right[k]:
                        length[k] += 1
                        x[k, length[k]], y[k, length[k]] = wrong[k], right[k]
        if wrong.min() > 0 and right.min() > 0:
            for k in range(2):
                for i in range(length[k] + 1):
                    x[k, i] /= wrong[k]
                    y[k, i] /= right[k]
            out[deal] = _between(x[0, : length[0] + 1], y[0], x[1, : length[1] + 1], y[1])
    return out


@compiled
def _between(
    xa: NDArray[np.float64], ya: NDArray[np.float64], xb: NDArray[np.float64], yb: NDArray[np.float64]
) -> float:
    """Integral of |a - b| over [0, 1] for curves of straight pieces, exact also where they cross."""
    area, at, i, j = 0.0, 0.0, 0, 0
    while at < 1.0:
        while xa[i + 1] <= at:
            i += 1
        while xb[j + 1] <= at:
            j += 1
        to = min(xa[i + 1], xb[j + 1])
        slope_a, slope_b = (ya[i + 1] - ya[i]) / (xa[i + 1] - xa[i]), (yb[j + 1] - yb[j]) / (xb[j + 1] - xb[j])
        begin = ya[i] + slope_a * (at - xa[i]) - yb[j] - slope_b * (at - xb[j])
        end = ya[i] + slope_a * (to - xa[i]) - yb[j] - slope_b * (to - xb[j])
        if begin * end >= 0:
            area += (abs(begin) + abs(end)) / 2 * (to - at)
        else:
            area += (begin * begin + end * end) / (2 * (abs(begin) + abs(end))) * (to - at)
        at = to
    return area
