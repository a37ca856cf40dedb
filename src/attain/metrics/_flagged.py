"""Who counts as flagged, and the four counts that follow: right and wrong among the flagged and among the others."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator

from attain.core.compiled import compiled
from attain.core.table import Rows
from attain.metrics._answers import judged

Floats = NDArray[np.float64]
_WRITTEN = re.compile(r"[1-9]\d*|\d+(\.\d+)?%|0?\.\d+")


def _checked(value: object) -> str | None:
    if value is None:
        return None
    text = str(value)
    if not _WRITTEN.fullmatch(text) or (text.endswith("%") and not 0 < float(text[:-1]) <= 100):
        raise ValueError("it must be how many are flagged (40), what share of all (10%), or from which score (0.5)")
    return text


By = Annotated[str | None, BeforeValidator(_checked)]
"""How flags are made: None for the column `flag`; `40`, the 40 highest scores; `10%`, the highest tenth;
`0.5`, every score of 0.5 or more."""


@dataclass(frozen=True)
class Rule:
    """`By`, read.

    Attributes:
        kind: the table's own flags, a threshold, or a capacity: a number of rows or a share of them.
        size: the threshold, the number or the share.
    """

    kind: Literal["column", "threshold", "count", "share"]
    size: float = 0.0

    @classmethod
    def of(cls, by: str | None) -> "Rule":
        """Read what stands in an id."""
        if by is None:
            return cls("column")
        if by.endswith("%"):
            return cls("share", float(by[:-1]) / 100)
        return cls("count", float(by)) if by.isdigit() else cls("threshold", float(by))


def needs(by: str | None, *rest: object) -> str:
    """The columns that rates read."""
    return "target flag" if by is None else "target score"


def apart(by: str | None, *rest: object) -> bool:
    """Whether a cohort can have a value of its own: not where it shares the capacity with others."""
    return Rule.of(by).kind in ("column", "threshold")


class Cells:
    """Rows flagged rightly, flagged in vain, missed, and rightly left alone; under any weights of the units.

    Args:
        rows: answers or enrolments; those whose target is not known are left out.
        by: how flags are made.
    """

    def __init__(self, rows: Rows, by: str | None) -> None:
        self.rows, self.rule = judged(rows), Rule.of(by)
        positive = self.rows.numbers("target") > 0.5
        self.fixed: Floats | None = None
        if self.rule.kind in ("column", "threshold"):
            flag = self._flag()
            cell = np.where(flag, 0, 2) + ~positive
            flat = np.bincount(self.rows.unit * 4 + cell, minlength=self.rows.n_units * 4)
            self.fixed = flat.reshape(-1, 4).astype(np.float64)
            return
        score = self.rows.numbers("score")
        order = np.argsort(-score, kind="stable")
        self._unit, self._positive = self.rows.unit[order], positive[order]
        self._tie_end = np.append(np.diff(score[order]) != 0, np.ones(min(len(order), 1), dtype=bool))

    def _flag(self) -> NDArray[np.bool_]:
        if self.rule.kind == "threshold":
            return np.asarray(self.rows.numbers("score") >= self.rule.size)
        return np.asarray(self.rows.numbers("flag") > 0.5)

    def at(self, weights: Floats) -> Floats:
        """The four counts; shapes (replicates, n_units) to (replicates, 4). Ties at a capacity are flagged in part."""
        if self.fixed is not None:
            return np.asarray(weights @ self.fixed)
        size, share = self.rule.size, self.rule.kind == "share"
        return _highest(self._unit, self._positive, self._tie_end, size, share, np.ascontiguousarray(weights, float))

    def tied(self) -> tuple[int, float]:
        """How many rows tie at the capacity's cut, and how many of them are flagged; (0, 0) where none is cut."""
        if self.fixed is not None or not len(self._unit):
            return 0, 0.0
        most = _most(self.rule.size, self.rule.kind == "share", float(len(self._unit)))
        ends = np.flatnonzero(self._tie_end) + 1
        last = int(np.searchsorted(ends, most))
        begin = int(ends[last - 1]) if last else 0
        return (int(ends[last]) - begin, most - begin) if most < ends[last] else (0, 0.0)


@compiled
def _most(size: float, share: bool, total: float) -> float:
    wanted: float = max(np.floor(size * total + 1e-9), 1.0) if share else size
    return min(wanted, total)


@compiled
def _highest(
    unit: NDArray[np.int32],
    positive: NDArray[np.bool_],
    tie_end: NDArray[np.bool_],
    size: float,
    share: bool,
    weights: Floats,
) -> Floats:
    """Rows by descending score; those who tie at the cut are flagged by the same part each."""
    out = np.zeros((len(weights), 4))
    for r in range(len(weights)):
        total = 0.0
        for u in unit:
            total += weights[r, u]
        left = _most(size, share, total)
        right, wrong = 0.0, 0.0
        for i in range(len(unit)):
            w = weights[r, unit[i]]
            if positive[i]:
                right += w
            else:
                wrong += w
            if tie_end[i]:
                part = min(1.0, left / (right + wrong)) if right + wrong > 0 else 0.0
                out[r, 0] += part * right
                out[r, 1] += part * wrong
                out[r, 2] += (1 - part) * right
                out[r, 3] += (1 - part) * wrong
                left -= part * (right + wrong)
                right, wrong = 0.0, 0.0
    return out
