"""Which of two models serves better, when both flag equally many: the learners on whom they disagree decide."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.audit.capacity import Capacity, flag_highest
from attain.audit.repeats import patterns, resample, resample_learners
from attain.audit.rows import AuditRows
from attain.core.errors import UserError
from attain.metrics.intervals import percentile

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CapacityDifference:
    """Two models at one capacity, a minus b.

    Attributes:
        rule: the capacity in words.
        flagged: rows that each flags, among those whose outcome is known: of a and b.
        agreed: rows that both flag.
        precision: of a and b; None where nobody is flagged.
        recall: of a and b; None where nobody has the outcome.
        found: learners' rows with the outcome that a flags more than b.
        precision_difference: a minus b, with its 95 % interval (bootstrap of learners, who is flagged held fixed).
        recall_difference: the same of recall.
    """

    rule: str
    flagged: tuple[int, int]
    agreed: int
    precision: tuple[float, float] | None
    recall: tuple[float, float] | None
    found: int
    precision_difference: tuple[float, float, float] | None
    recall_difference: tuple[float, float, float] | None

    @property
    def verdict(self) -> str:
        """In words, and never a winner whose interval holds 0."""
        gap = self.recall_difference
        if gap is None:
            return "cannot tell: nobody has the outcome"
        if gap[1] <= 0 <= gap[2]:
            return "no clear difference"
        return "a finds more" if gap[0] > 0 else "b finds more"


def compare_at_capacity(
    a: AuditRows, b: AuditRows, capacity: Capacity, *, replicates: int = 1000, seed: int = 0
) -> CapacityDifference:
    """Compare two models on the same rows, in the same order.

    Raises:
        UserError: the rows differ in more than their scores.
    """
    same = len(a) == len(b) and (a.units[a.unit] == b.units[b.unit]).all() and (a.target == b.target).all()
    if not same:
        raise UserError("The two models were judged on different rows; give the rows that both have, in one order.")
    flags = [flag_highest(rows, capacity) for rows in (a, b)]
    known = a.known
    code = (flags[0].flag * 4 + flags[1].flag * 2 + (a.target == 1))[known]
    counts = np.bincount(code, minlength=8)
    if len(code) and np.bincount(a.unit[known]).max() > 1:
        drawn = resample_learners(patterns(a.unit[known], code, a.n_units, 8), replicates, seed)
    else:
        drawn = resample(counts, replicates, seed)
    one, two = _flagged(counts[None])
    positive = int(counts[1::2].sum())
    precisions, recalls = _rates(counts[None])
    return CapacityDifference(
        flags[0].words,
        (int(one[0, 1]), int(two[0, 1])),
        int(counts[6:].sum()),
        (float(precisions[0, 0]), float(precisions[0, 1])) if one[0, 1] and two[0, 1] else None,
        (float(recalls[0, 0]), float(recalls[0, 1])) if positive else None,
        int(one[0, 0] - two[0, 0]),
        *(_difference(value, many) for value, many in zip((precisions, recalls), _rates(drawn), strict=True)),
    )


def _flagged(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows with the outcome, and all rows, that each model flags; each of shape (m, 2)."""
    first, second = counts[:, 4:], counts[:, [2, 3, 6, 7]]
    return tuple(np.column_stack([own[:, 1::2].sum(1), own.sum(1)]) for own in (first, second))  # type: ignore[return-value]  # two of them


def _rates(counts: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Precision and recall of both models; each of shape (m, 2), NaN where undefined."""
    hits_flagged = np.stack(_flagged(counts), axis=1).astype(np.float64)  # (m, model, hits or flagged)
    positive = counts[:, 1::2].sum(1).astype(np.float64)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return hits_flagged[..., 0] / hits_flagged[..., 1], hits_flagged[..., 0] / positive


def _difference(value: Floats, drawn: Floats) -> tuple[float, float, float] | None:
    apart = float(value[0, 0] - value[0, 1])
    ends = percentile(drawn[:, 0] - drawn[:, 1])
    return None if np.isnan(apart) or ends is None else (apart, *ends)
