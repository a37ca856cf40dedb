"""If cohorts made no difference: the same outcomes, with the cohorts dealt out anew among the learners.

For a rate, only the rows of its denominator are dealt, so that each cohort keeps its own denominator: this tests
that the *rate* is the same, not that cohorts are alike in everything. On counts, dealing is a draw from the
multivariate hypergeometric distribution, whose cost does not grow with the number of rows. Where a stratum is held
fixed, cohorts are dealt within it; learners with several rows are dealt whole, among those with equally many rows in
the same strata.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.audit.repeats import patterns

BLOCK = 4_000_000
"""Counts held in memory at once (32 MB)."""


@dataclass(frozen=True)
class Deck:
    """Learners among whom cohorts are dealt out anew.

    Attributes:
        counts: shape (n_patterns, n_levels), learners of each pattern and cohort.
        successes: shape (n_patterns, n_strata), rows that count in the numerator, of one learner.
    """

    counts: NDArray[np.int64]
    successes: NDArray[np.int64]


def decks_of_counts(table: NDArray[np.int64]) -> list[Deck]:
    """Decks where each learner has one row: one a stratum.

    Args:
        table: shape (n_strata, n_levels, 2), rows of the denominator, and those of them in the numerator.
    """
    decks = []
    for stratum, counts in enumerate(table):
        successes = np.zeros((2, len(table)), dtype=np.int64)
        successes[1, stratum] = 1
        decks.append(Deck(np.stack([counts[:, 0] - counts[:, 1], counts[:, 1]]), successes))
    return decks


def decks_of_rows(
    success: NDArray[np.bool_], level: NDArray[np.int64], stratum: NDArray[np.int64], unit: NDArray[np.int64]
) -> list[Deck]:
    """Decks where learners may have several rows: one for all with equally many rows in the same strata.

    Args:
        success: shape (n,), whether a row of the denominator is in the numerator.
        level: shape (n,), its cohort, the same in all rows of a learner.
        stratum: shape (n,), its stratum.
        unit: shape (n,), its learner.
    """
    if not len(unit):
        return []
    n_units, n_strata, n_levels = int(unit.max()) + 1, int(stratum.max()) + 1, int(level.max()) + 1
    found = patterns(unit, stratum * 2 + success, n_units, n_strata * 2)
    where = patterns(unit, stratum, n_units, n_strata)
    here = np.flatnonzero(found.pattern_of_unit >= 0)
    level_of_unit = np.zeros(n_units, dtype=np.int64)
    level_of_unit[unit] = level
    pattern, n_patterns = found.pattern_of_unit[here], len(found.times)
    flat = np.bincount(pattern * n_levels + level_of_unit[here], minlength=n_patterns * n_levels)
    counts = flat.reshape(n_patterns, n_levels)
    successes = np.zeros((n_patterns, n_strata), dtype=np.int64)
    np.add.at(successes, (found.of, found.code // 2), found.code % 2)
    deck = np.zeros(n_patterns, dtype=np.int64)
    deck[pattern] = where.pattern_of_unit[here]
    return [Deck(counts[deck == one], successes[deck == one]) for one in range(len(where.times))]


def deal(
    decks: list[Deck], shape: tuple[int, int], times: int, generator: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Deal the cohorts out anew, again and again.

    Args:
        decks: who they are dealt among.
        shape: how many strata and cohorts.
        times: how often.
        generator: of the draws.

    Yields:
        Rows in the numerator by stratum and cohort, shape (some, *shape); `times` in all.
    """
    size = max(1, BLOCK // max(shape[0] * shape[1], 1))
    for start in range(0, times, size):
        total = np.zeros((min(size, times - start), *shape), dtype=np.int64)
        for deck in decks:
            _deal(deck, total, generator)
        yield total


def _deal(deck: Deck, total: NDArray[np.int64], generator: np.random.Generator) -> None:
    """Add the successes of `deck`, dealt anew, to `total`."""
    counts = deck.counts[deck.counts.sum(axis=1) > 0]
    successes = deck.successes[deck.counts.sum(axis=1) > 0]
    levels = np.flatnonzero(counts.sum(axis=0))
    if len(levels) < 2 or len(counts) < 2:
        total[:, : successes.shape[1], : counts.shape[1]] += successes.T @ counts
        return
    left = np.broadcast_to(counts.sum(axis=1), (len(total), len(counts))).copy()
    for level in levels[:-1]:
        drawn = _hand(left, int(counts[:, level].sum()), generator)
        left -= drawn
        total[:, : successes.shape[1], level] += drawn @ successes
    total[:, : successes.shape[1], levels[-1]] += left @ successes


def _hand(left: NDArray[np.int64], size: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Take `size` learners from those who are left of each pattern; shape (deals, n_patterns)."""
    drawn = np.zeros_like(left)
    wanted = np.full(len(left), size)
    after = left.sum(axis=1)
    for pattern in range(left.shape[1] - 1):
        here = left[:, pattern]
        after = after - here
        drawn[:, pattern] = generator.hypergeometric(here, after, wanted)
        wanted = wanted - drawn[:, pattern]
    drawn[:, -1] = wanted
    return drawn
