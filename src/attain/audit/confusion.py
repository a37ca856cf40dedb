"""Who was flagged, who had the outcome, cohort by cohort: four counts a cohort, and every rate that follows from them.

All counts come from one pass over the rows; rates, intervals and bootstraps are arithmetic on the small table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.audit.rates import CELLS, Rate
from attain.audit.repeats import Patterns, design_effect, patterns
from attain.audit.rows import CROSS, AuditRows, Cohorts, called
from attain.metrics.proportions import wilson

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RateColumn:
    """One rate of all cohorts of a table.

    Attributes:
        rate: what it is.
        value: shape (n_levels,), NaN where the denominator is empty.
        low: lower end of the 95 % Wilson interval.
        high: upper end.
        numerator: rows counted.
        n: the rate's own denominator, in rows.
        learners: the learners among whom it is counted.
        effective: the denominator that the interval rests on: less than `n` where learners repeat.
    """

    rate: Rate
    value: Floats
    low: Floats
    high: Floats
    numerator: NDArray[np.int64]
    n: NDArray[np.int64]
    learners: NDArray[np.int64]
    effective: Floats


@dataclass(frozen=True)
class CohortTable:
    """The counts of each cohort: four, or more where capacities stand side by side (`attain.audit.choices`).

    Attributes:
        attributes: what the cohorts are formed by; () for all rows together.
        levels: the cohorts' values, one tuple each, in the order of `attributes`.
        cells: shape (n_levels, n_cells), rows; four in the order of `CELLS`.
        repeats: how rows of a learner belong together (codes are `n_cells * level + cell`); None where nobody repeats.
    """

    attributes: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    cells: NDArray[np.int64]
    repeats: Patterns | None = None

    @property
    def name(self) -> str:
        """The attributes as a policy writes them."""
        return CROSS.join(self.attributes)

    @property
    def n_cells(self) -> int:
        """How many counts a cohort has."""
        return int(self.cells.shape[1])

    def label(self, level: int) -> str:
        """A cohort as people read it: `gender: F, disability: Y`; "all" where there are no attributes."""
        return called(self.attributes, self.levels[level])

    @property
    def total(self) -> "CohortTable":
        """All rows as one cohort."""
        repeats = self.repeats and Patterns(
            self.repeats.times,
            self.repeats.code % self.n_cells,
            self.repeats.of,
            self.repeats.pattern_of_unit,
            self.n_cells,
        )
        return CohortTable((), ((),), self.cells.sum(axis=0, keepdims=True), repeats)

    def column(self, rate: Rate) -> RateColumn:
        """The rate of every cohort."""
        numerator, n = self.cells @ rate.top.astype(np.int64), self.cells @ rate.bottom.astype(np.int64)
        with np.errstate(invalid="ignore"):
            value = numerator / np.where(n > 0, n, np.nan)
        effect = np.ones(len(n)) if self.repeats is None else self._design_effects(self.repeats, rate, value)
        effective = n / effect
        low, high = wilson(np.nan_to_num(value) * effective, effective)
        return RateColumn(rate, value, low, high, numerator, n, self.learners(rate.denominator), effective)

    def learners(self, cells: Sequence[int]) -> NDArray[np.int64]:
        """How many learners the rows of some counts are of; shape (n_levels,)."""
        if self.repeats is None:
            return np.asarray(self.cells[:, list(cells)].sum(axis=1))
        inside = np.isin(self.repeats.code % self.n_cells, list(cells))
        pairs = np.unique(np.column_stack([self.repeats.code // self.n_cells, self.repeats.of])[inside], axis=0)
        found = np.bincount(pairs[:, 0], self.repeats.times[pairs[:, 1]], len(self.levels))
        return found.astype(np.int64)

    def _design_effects(self, repeats: Patterns, rate: Rate, value: Floats) -> Floats:
        """One a cohort; rows of a learner lie in one cohort, unless cohorts are courses."""
        residual = rate.top - np.nan_to_num(value)[:, None] * rate.bottom
        level = np.repeat(np.arange(len(self.levels)), self.n_cells)
        inside = np.tile(rate.bottom, len(self.levels)) > 0
        parts = [_part(repeats, inside & (level == one)) for one in range(len(self.levels))]
        return np.array([design_effect(part, residual.ravel()) for part in parts])


def _part(found: Patterns, codes: NDArray[np.bool_]) -> Patterns:
    """The patterns with only these codes, and only those that have one of them."""
    kept = codes[found.code]
    names, of = np.unique(found.of[kept], return_inverse=True)
    return Patterns(found.times[names], found.code[kept], of, found.pattern_of_unit[:0], found.n_codes)


def cells_of(rows: AuditRows, flag: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The place in `CELLS` of each row; only meaningful where the outcome is known."""
    return np.asarray(np.where(flag, 0, 2) + (rows.target != 1), dtype=np.int64)


def cohort_tables(rows: AuditRows, flag: NDArray[np.bool_]) -> list[CohortTable]:
    """A table of all rows together, then one of each attribute and intersection of `rows`.

    Args:
        rows: rows whose outcome is not known are left out.
        flag: shape (n,), who was flagged.
    """
    return tables_of(rows, cells_of(rows, flag), len(CELLS))


def tables_of(rows: AuditRows, cell: NDArray[np.int64], n_cells: int) -> list[CohortTable]:
    """The same with other counts than the four: `cell` of each row is 0 to `n_cells` - 1."""
    known, unit = None if rows.known.all() else rows.known, rows.unit
    if known is not None:
        cell, unit = cell[known], unit[known]
    repeating = len(unit) > rows.n_units or bool((np.bincount(unit, minlength=rows.n_units) > 1).any())
    everyone = Cohorts((), ((),), np.zeros(len(cell), dtype=np.int64))
    tables = []
    for cohorts in (everyone, *rows.cohorts.values()):
        level = cohorts.code if known is None or cohorts is everyone else cohorts.code[known]
        code, n_codes = level * n_cells + cell, len(cohorts.levels) * n_cells
        counts = np.bincount(code, minlength=n_codes).reshape(-1, n_cells)
        again = patterns(unit, code, rows.n_units, n_codes) if repeating else None
        tables.append(CohortTable(cohorts.attributes, cohorts.levels, counts, again))
    return tables


def strata_counts(rows: AuditRows, flag: NDArray[np.bool_], cohorts: Cohorts) -> NDArray[np.int64]:
    """Counts by stratum (one stratum where `rows` has none); shape (n_strata, n_levels, 4)."""
    stratum = rows.stratum
    outer = 0 if stratum is None else stratum.code * len(cohorts.levels)
    code = ((outer + cohorts.code) * 4 + cells_of(rows, flag))[rows.known]
    shape = (1 if stratum is None else len(stratum.levels), len(cohorts.levels), len(CELLS))
    counts: NDArray[np.int64] = np.bincount(code, minlength=int(np.prod(shape))).reshape(shape)
    return counts


def reason(column: RateColumn, level: int) -> str:
    """Why the cohort has no such rate; "" where it has."""
    return column.rate.undefined if column.n[level] == 0 else ""


def columns(table: CohortTable, chosen: Sequence[Rate]) -> list[RateColumn]:
    """The rates of a table."""
    return [table.column(rate) for rate in chosen]
