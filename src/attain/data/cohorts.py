"""Cohorts: attributes of learners that results are read by; they stay with the data, never in a run's table."""

from collections.abc import Mapping

import pandas as pd

from attain.core.cohorts import SMALLEST, hidden


def sizes(cohorts: pd.DataFrame) -> dict[str, dict[str, int]]:
    """How many learners each cohort has, by attribute."""
    return {
        str(name): {str(k): int(v) for k, v in column.value_counts(sort=False).sort_index().items()}
        for name, column in cohorts.items()
    }


def shown(counts: Mapping[str, int], smallest: int = SMALLEST) -> dict[str, int | str]:
    """Counts as they may be shown beside their total: those under `smallest` as a bound.

    >>> shown({"F": 40, "M": 52, "X": 3})
    {'F': 'hidden', 'M': 52, 'X': '<10'}
    """
    small, with_them = hidden(counts, smallest)
    words = dict.fromkeys(small, f"<{smallest}") | dict.fromkeys(with_them, "hidden")
    return {name: words.get(name, count) for name, count in counts.items()}
