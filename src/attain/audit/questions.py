"""What an audit asks of its tables: is this rate the same in all of these cohorts?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.audit.confusion import CohortTable, RateColumn, cells_of, strata_counts
from attain.audit.permute import Deck, decks_of_counts, decks_of_rows
from attain.audit.rates import Rate
from attain.audit.rows import AuditRows, Cohorts
from attain.audit.suppression import Hidden
from attain.audit.within import mantel_haenszel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Question:
    """One rate by one attribute, with or without strata.

    Attributes:
        cohorts: who is compared.
        rate: in what.
        table: the counts of the cohorts.
        column: the rate of each cohort.
        counts: shape (n_strata, n_levels, 2), rows of the rate's denominator, and of its numerator.
        decks: the learners, ready to be dealt out anew.
        within: what is held fixed, "" for nothing.
        shown: shape (n_levels,), whether the rate of each cohort is shown.
        tested: the cohorts whose rate exists and is shown, and so is that of all people.
    """

    cohorts: Cohorts
    rate: Rate
    table: CohortTable
    column: RateColumn
    counts: NDArray[np.int64]
    decks: list[Deck]
    within: str
    shown: NDArray[np.bool_]
    tested: NDArray[np.int64]

    @property
    def two(self) -> bool:
        """Whether there are just two cohorts, so that each is the other's rest and the range is their difference."""
        return len(self.cohorts.levels) == 2

    @property
    def n_tests(self) -> int:
        """How many tests it takes: each cohort against the rest, and the range."""
        levels = min(len(self.tested), 1) if self.two else len(self.tested)
        return levels + (not self.two and not self.within and len(self.tested) > 1)

    def differences(self, successes: NDArray[np.integer]) -> Floats:
        """Each cohort minus the rest; shapes (…, n_strata, n_levels) to (…, n_levels)."""
        n = self.counts[..., 0]
        rest, others = successes.sum(-1, keepdims=True) - successes, n.sum(-1, keepdims=True) - n
        return mantel_haenszel(*(np.moveaxis(part, -2, -1) for part in (successes, n, rest, others)))

    def range(self, successes: NDArray[np.integer]) -> Floats:
        """From the lowest to the highest of the tested cohorts; shapes (…, n_strata, n_levels) to (…,)."""
        shares = (successes.sum(-2) / np.maximum(self.counts[..., 0].sum(0), 1))[..., self.tested]
        return np.asarray(shares.max(-1) - shares.min(-1))


def questions_of(
    rows: AuditRows, flag: NDArray[np.bool_], table: CohortTable, cohorts: Cohorts, rate: Rate, hidden: Hidden
) -> list[Question]:
    """The questions of one rate and table: over all, and within strata where `rows` has them."""
    cells = strata_counts(rows, flag, cohorts)
    counts = np.stack([cells @ rate.bottom.astype(np.int64), cells @ rate.top.astype(np.int64)], axis=-1)
    column = table.column(rate)
    shown = np.array([(cohorts.name, level, rate.name) not in hidden for level in range(len(cohorts.levels))])
    shown &= ("", 0, rate.name) not in hidden
    tested = np.flatnonzero(shown & (column.n > 0) & (column.n < column.n.sum()))
    found = []
    for within in ("", *([rows.stratum.name] if rows.stratum else [])):
        own = counts if within else counts.sum(axis=0, keepdims=True)
        if table.repeats is None:
            decks = decks_of_counts(own)
        else:
            cell = cells_of(rows, flag)
            kept = rows.known & np.isin(cell, rate.denominator)
            stratum = rows.stratum.code[kept] if within and rows.stratum else np.zeros(kept.sum(), dtype=np.int64)
            decks = decks_of_rows(np.isin(cell[kept], rate.numerator), cohorts.code[kept], stratum, rows.unit[kept])
        found.append(Question(cohorts, rate, table, column, own, decks, within, shown, tested))
    return found
