"""What an audit is computed from: predictions of one cut-off day, what is known of learners, and what stands beside."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attain.audit.goes_by import Agreement
from attain.audit.rows import MOST_LEVELS
from attain.core.errors import UserError
from attain.core.reasons import Reasons

NEEDED = ("unit", "example", "target", "score", "course", "term", "as_of")


@dataclass(frozen=True)
class Evidence:
    """All that goes into an audit's numbers.

    Attributes:
        frame: the predictions of one cut-off: one row an enrolment.
        cohorts: one row a learner (index: names as in `unit`), one column an attribute; None where none is known.
        by: attributes and intersections that are looked at.
        weeks: the predictions of other cut-offs of the same model, by day.
        baseline: what a simpler model is called, and its predictions of the same enrolments; None without one.
        before: facts of the enrolments of the terms before, and of these: two frames with the same columns.
        reasons: of some flagged enrolments; None where there are none.
        no_reasons: why there are none.
        changes: of those, the smallest change of each that has one; None where it is not known.
        no_changes: why it is not.
        refits: what two refits agree about; None where it was not measured.
        no_refits: why it was not.
    """

    frame: pd.DataFrame
    cohorts: pd.DataFrame | None = None
    by: tuple[str, ...] = ()
    weeks: tuple[pd.DataFrame, ...] = ()
    baseline: tuple[str, pd.DataFrame] | None = None
    before: tuple[pd.DataFrame, pd.DataFrame] | None = None
    reasons: Reasons | None = None
    no_reasons: str = "none were given"
    changes: pd.DataFrame | None = None
    no_changes: str = "the model was not asked"
    refits: Agreement | None = None
    no_refits: str = "no model was fitted again"


def judged_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a predictions table that an audit can speak of.

    Raises:
        UserError: they are not predictions of enrolments.
    """
    missing = [name for name in NEEDED if name not in frame.columns]
    if missing:
        raise UserError(
            f"This run's predictions have no {', '.join(missing)}: they are not of enrolments at a cut-off day. "
            "An audit is for runs of dropout prediction."
        )
    kept = frame[frame["scored"].astype(bool)] if "scored" in frame.columns else frame
    return kept.sort_values(["as_of", "example"], kind="stable", ignore_index=True)


def at_cut_off(frame: pd.DataFrame, as_of: float | None) -> tuple[pd.DataFrame, tuple[pd.DataFrame, ...]]:
    """The rows of one cut-off day, and those of the others.

    Args:
        frame: as `judged_rows` gives it.
        as_of: the day; may be left out where there is just one.

    Raises:
        UserError: there is no such day, or several and none was named.
    """
    of_rows = frame["as_of"].to_numpy(dtype=float)
    parts = {day: frame[of_rows == day].reset_index(drop=True) for day in np.unique(of_rows).tolist()}
    days = ", ".join(f"{day:g}" for day in parts)
    if as_of is None and len(parts) > 1:
        raise UserError(f"The predictions are of several cut-off days ({days}); say which is audited: --as-of DAY.")
    chosen = next(iter(parts)) if as_of is None else as_of
    if chosen not in parts:
        raise UserError(f"There are no predictions as of {chosen:g}; there are some as of {days}.")
    return parts[chosen], tuple(part for day, part in parts.items() if day != chosen)


def usual_attributes(cohorts: pd.DataFrame | None) -> tuple[str, ...]:
    """All attributes that have at least two values and no more than cohorts may have."""
    if cohorts is None:
        return ()
    counts = {str(name): int(cohorts[name].nunique()) for name in cohorts.columns}
    return tuple(name for name, count in counts.items() if 2 <= count < MOST_LEVELS)


def attributes_in(by: Sequence[str]) -> list[str]:
    """The single attributes of a list with intersections in it.

    >>> attributes_in(["gender", "gender*age"])
    ['gender', 'age']
    """
    return list(dict.fromkeys(name for one in by for name in one.split("*")))


def stratum_of(frame: pd.DataFrame, *, per_course: bool) -> str | None:
    """The column that is held fixed, and by which ties are told apart; None where there is just one course."""
    return "course" if per_course or frame["course"].nunique() > 1 else None
