"""Learners who stand in several rows: whole learners are resampled, and intervals are widened by how alike rows are.

Learners are told apart only by which (cohort, cell) codes their rows have. There are few such patterns however many
learners there are, so that resampling learners is one multinomial draw over patterns.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.ragged import pick
from attain.core.rng import rng


@dataclass(frozen=True)
class Patterns:
    """What learners' rows look like, and how many learners look so.

    Attributes:
        times: shape (n_patterns,), how many learners have the pattern.
        code: shape (n_entries,), the codes of one learner's rows, pattern by pattern.
        of: shape (n_entries,), the pattern that an entry belongs to.
        pattern_of_unit: shape (n_units,), -1 for a learner without a row.
        n_codes: how many codes there are.
    """

    times: NDArray[np.int64]
    code: NDArray[np.int64]
    of: NDArray[np.int64]
    pattern_of_unit: NDArray[np.int64]
    n_codes: int

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """What one learner of each pattern adds up to, for a value of each code; shape (n_patterns,)."""
        total: NDArray[np.float64] = np.bincount(self.of, values[self.code], len(self.times)).astype(np.float64)
        return total

    def counts(self, times: NDArray[np.integer]) -> NDArray[np.int64]:
        """Rows of each code for `times` learners of each pattern; shapes (…, n_patterns) to (…, n_codes)."""
        out = np.zeros((*times.shape[:-1], self.n_codes), dtype=np.int64)
        for code in range(self.n_codes):
            out[..., code] = times[..., self.of[self.code == code]].sum(axis=-1)
        return out


def patterns(unit: NDArray[np.int64], code: NDArray[np.int64], n_units: int, n_codes: int) -> Patterns:
    """Find the patterns of codes among learners.

    Args:
        unit: shape (n,), codes of the learners.
        code: shape (n,), 0 to n_codes - 1.
        n_units: how many learners there may be.
        n_codes: how many codes.
    """
    order = np.lexsort((code, unit))
    unit, code = unit[order], code[order]
    start = np.flatnonzero(np.append(np.ones(min(len(unit), 1), dtype=bool), unit[1:] != unit[:-1]))
    # Equal lists of codes have equal sums of random 64-bit words; unlike ones do not, but for a chance of 1 in 1e9.
    words = rng(0, "patterns").integers(0, 2**63, size=n_codes, dtype=np.uint64)
    sums = np.add.reduceat(words[code], start) if len(start) else np.empty(0, np.uint64)
    _, first, place, times = np.unique(sums, return_index=True, return_inverse=True, return_counts=True)
    places, begins = pick(np.append(start, len(unit)), first)
    of_unit = np.full(n_units, -1, dtype=np.int64)
    of_unit[unit[start]] = place
    return Patterns(times, code[places], np.repeat(np.arange(len(first)), np.diff(begins)), of_unit, n_codes)


def design_effect(found: Patterns, residual: NDArray[np.float64]) -> float:
    """How many times wider in variance a ratio is because learners repeat, from the residual of each code.

    The variance of sums over learners over that of sums over rows; 1 where rows of a learner are no more alike than
    those of two, and never less. Without any variance it is the mean number of rows a learner.
    """
    by_row = float(found.times @ found.sums(residual**2))
    if by_row > 0:
        return max(1.0, float(found.times @ found.sums(residual) ** 2) / by_row)
    rows = found.times @ np.bincount(found.of, minlength=len(found.times))
    return max(1.0, float(rows) / max(int(found.times.sum()), 1))


def resample(counts: NDArray[np.integer], replicates: int, seed: int) -> NDArray[np.int64]:
    """Rows drawn anew as often as there are: the exact bootstrap of rows, on counts alone.

    Args:
        counts: rows of each kind, of any shape.
        replicates: how often.
        seed: of the draws.

    Returns:
        shape (replicates, *counts.shape); each replicate has as many rows as `counts`.
    """
    flat = counts.ravel().astype(np.int64)
    total = int(flat.sum())
    if not total:
        return np.zeros((replicates, *counts.shape), dtype=np.int64)
    drawn = rng(seed, "rows", total).multinomial(total, flat / total, size=replicates)
    return drawn.reshape(replicates, *counts.shape)


def resample_learners(found: Patterns, replicates: int, seed: int) -> NDArray[np.int64]:
    """Learners drawn anew with all of their rows; shape (replicates, n_codes)."""
    total = int(found.times.sum())
    drawn = rng(seed, "learners", total).multinomial(total, found.times / total, size=replicates)
    return found.counts(drawn)
