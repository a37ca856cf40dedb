"""Cohorts: attributes of learners that results are read by; they stay with the data, never in a run's table."""

from collections.abc import Mapping, Sequence

import pandas as pd

UNKNOWN = "(unknown)"
"""The cohort of learners of whom an attribute is not known."""

SMALLEST = 10
"""Counts of fewer learners are not shown."""


def join(cohorts: pd.DataFrame, units: Sequence[str]) -> pd.DataFrame:
    """The cohort attributes of some learners.

    Args:
        cohorts: one row a learner (index: names), one column an attribute.
        units: the learners asked for, each once or more.

    Returns:
        One row for each of `units`, in their order; a learner without a row, or without a value, is `(unknown)`.
    """
    return cohorts.reindex(pd.Index(units, dtype=object, name=cohorts.index.name)).fillna(UNKNOWN)


def sizes(cohorts: pd.DataFrame) -> dict[str, dict[str, int]]:
    """How many learners each cohort has, by attribute."""
    return {
        str(name): {str(k): int(v) for k, v in column.value_counts(sort=False).sort_index().items()}
        for name, column in cohorts.items()
    }


def shown(counts: Mapping[str, int], smallest: int = SMALLEST) -> dict[str, int | str]:
    """Counts as they may be shown: those under `smallest` as a bound.

    Where that hides one only, the least of the others is hidden too: the total would give the hidden one away.

    >>> shown({"F": 40, "M": 52, "X": 3})
    {'F': 'hidden', 'M': 52, 'X': '<10'}
    """
    out: dict[str, int | str] = {k: count if count >= smallest else f"<{smallest}" for k, count in counts.items()}
    large = [name for name, count in counts.items() if count >= smallest]
    if large and len(counts) - len(large) == 1:
        out[min(large, key=counts.__getitem__)] = "hidden"
    return out
