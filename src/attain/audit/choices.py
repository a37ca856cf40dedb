"""What each choice would mean: capacities side by side, for everybody and for each cohort, and what mistakes cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.audit.capacity import Capacity, Flags, flag_highest
from attain.audit.confusion import CohortTable, cohort_tables
from attain.audit.rates import Rate
from attain.audit.rows import AuditRows
from attain.audit.suppression import Hidden, SuppressionRule, shown_table, suppress
from attain.core.errors import UserError


@dataclass(frozen=True)
class Consequence:
    """What one choice means.

    Attributes:
        flags: the choice, with its thresholds and ties.
        tables: the counts of everybody, then by each attribute of the rows.
    """

    flags: Flags
    tables: tuple[CohortTable, ...]


def consequences(rows: AuditRows, choices: Sequence[Capacity]) -> list[Consequence]:
    """Each choice on the same rows. Cohorts never have thresholds of their own."""
    made = [flag_highest(rows, choice) for choice in choices]
    return [Consequence(flags, tuple(cohort_tables(rows, flags.flag))) for flags in made]


def shown_consequences(
    found: Sequence[Consequence], rates: Sequence[Rate], rule: SuppressionRule
) -> list[dict[str, object]]:
    """The choices as plain data, with what is hidden for any one of them hidden for all.

    Neighbouring choices differ by few learners: what is hidden for one could be narrowed down from the next. Each
    choice is safe by itself (`attain.audit.suppression`); sums across choices are not put to the test.
    """
    hidden = [suppress(one.tables, rates, rule.smallest) for one in found]
    everywhere = Hidden(frozenset().union(*(one.places for one in hidden)))
    shown: list[dict[str, object]] = []
    for one in found:
        shown.append(
            {
                "rule": one.flags.words,
                "flagged": rule.count(int(one.flags.flag.sum())),
                "decided_by_name": rule.count(one.flags.decided_by_name),
                "tables": [shown_table(table, rates, everywhere, rule) for table in one.tables],
            }
        )
    return shown


@dataclass(frozen=True)
class CostCurve:
    """What each capacity costs, on outcomes that are known.

    Attributes:
        flagged: shape (m,), capacities at which no tie is cut; 0 is the first.
        threshold: shape (m,), the lowest flagged score; NaN for nobody.
        missed: shape (m,), learners with the outcome who are not flagged.
        in_vain: shape (m,), learners without it who are.
        cost: shape (m,), a row of flags, misses and vain flags at their prices.
    """

    flagged: NDArray[np.int64]
    threshold: NDArray[np.float64]
    missed: NDArray[np.int64]
    in_vain: NDArray[np.int64]
    cost: NDArray[np.float64]

    @property
    def cheapest(self) -> tuple[int, int]:
        """Least and most flagged among the capacities of the least cost."""
        best = self.flagged[np.isclose(self.cost, self.cost.min(), rtol=1e-12, atol=1e-12)]
        return int(best.min()), int(best.max())


def cost_curve(rows: AuditRows, *, missed: float, in_vain: float, call: float = 0.0) -> CostCurve:
    """The cost of flagging the highest scores, for every number of them.

    Args:
        rows: whose outcome is not known are left out.
        missed: what it costs not to flag a learner who has the outcome.
        in_vain: what it costs to flag one who does not.
        call: what every flag costs besides.

    Raises:
        UserError: a price is below 0, or not a number.
    """
    prices: Mapping[str, float] = {"missed": missed, "in_vain": in_vain, "call": call}
    for name, price in prices.items():
        if not price >= 0:
            raise UserError(f"The price {name} is {price}; it must be 0 or more.")
    score, target = rows.score[rows.known], rows.target[rows.known].astype(np.int64)
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, np.ones(min(len(score), 1), dtype=bool)))
    hits = np.concatenate([[0], np.cumsum(target[order])[ends]])
    flagged = np.concatenate([[0], ends + 1])
    lost, vain = target.sum() - hits, flagged - hits
    return CostCurve(
        flagged,
        np.concatenate([[np.nan], score[order][ends]]),
        lost,
        vain,
        lost * missed + vain * in_vain + flagged * call,
    )
