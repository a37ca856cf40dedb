"""Cohorts: attributes of learners that results are read by; they stay with the data, never in a run's table."""

from collections.abc import Sequence

import pandas as pd

UNKNOWN = "(unknown)"
"""The cohort of learners of whom an attribute is not known."""


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
