"""Who is predicted, and what is predicted of them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError, unknown
from attain.data.courses.rows import Rows
from attain.data.courses.source import CourseOptions, Outcome
from attain.data.dataset import Change


def outcomes(
    name: str, options: CourseOptions, rows: Rows, changes: list[Change]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each enrolment's outcome (1, 0, or NaN where it is not known) and the day on which it came true.

    Args:
        name: of the data set.
        options: which outcome.
        rows: the enrolments.
        changes: gets a line where some outcomes are not known.

    Raises:
        UserError: there is no such outcome, or a result that should be a number is none.
    """
    declared = rows.source.outcomes
    wanted = options.outcome or next(iter(declared))
    if wanted not in declared:
        raise unknown(f"outcome of dataset {name!r}", wanted, declared)
    rule: Outcome = declared[wanted]
    if rule.leaves_within:
        left = (rows.ends > options.as_of) & (rows.ends <= options.as_of + options.horizon)
        return left.astype(float), np.where(rows.ends <= options.as_of + options.horizon, rows.ends, np.nan)
    result = rows.cells(rows.source.result)
    if rule.below is None:
        yes, no = np.isin(result, rule.yes), np.isin(result, rule.no)
    else:
        no_result = np.isin(result, [*rule.unknown, ""])
        number = pd.to_numeric(pd.Series(np.where(no_result, "nan", result)), errors="coerce").to_numpy(float)
        if (bad := np.isnan(number) & ~no_result).any():
            row = int(bad.argmax())
            raise rows.table.error(row, rows.source.result, f"{str(result[row])!r} is not a number.")
        yes, no = number < rule.below, number >= rule.below
    other = ~yes & ~no
    if other.any():
        words = ", ".join(sorted({str(text) or "empty" for text in result[other]}))
        changes.append(Change(f"dropped enrolments whose outcome is not known ({words})", int(other.sum())))
    return np.where(other, np.nan, yes.astype(float)), np.where(yes, rows.ends, np.nan)


def under_way(options: CourseOptions, rows: Rows) -> NDArray[np.bool_]:
    """Who is in the course on the day of the cut-off, whatever became of them later; shape (n,)."""
    there = ~(rows.begins > options.as_of)
    if "left_already" not in options.mistakes:
        there &= ~(rows.ends <= options.as_of)
    return np.asarray(there)


def population(
    name: str,
    options: CourseOptions,
    rows: Rows,
    outcome: NDArray[np.float64],
    length: NDArray[np.float64],
    changes: list[Change],
) -> NDArray[np.bool_]:
    """Which enrolments are predicted: those under way on the day of the cut-off, of the wanted courses and terms.

    Args:
        name: of the data set.
        options: the cut-off, the courses, the terms.
        rows: the enrolments.
        outcome: shape (n,), NaN where it is not known.
        length: shape (n_offerings,), days from the start to the end, NaN where unknown.
        changes: gets a line for each reason for which some were dropped.

    Raises:
        UserError: there is no such course or term.
    """
    keep = np.ones(len(outcome), dtype=bool)

    def drop(bad: NDArray[np.bool_], why: str) -> None:
        if why and (keep & bad).any():
            changes.append(Change(why, int((keep & bad).sum())))
        keep[bad] = False

    for kind, names, wanted, code in (
        ("course", rows.courses, options.courses, rows.course[rows.offering]),
        ("term", rows.terms, options.terms, rows.term[rows.offering]),
    ):
        for one in wanted or ():
            if one not in names:
                raise unknown(f"{kind} of dataset {name!r}", one, list(map(str, names)))
        if wanted is not None:
            drop(~np.isin(names[code], wanted), "")
    drop(np.isnan(outcome), "")
    drop(rows.begins > options.as_of, "dropped enrolments that began after the cut-off")
    if "left_already" not in options.mistakes:
        if options.as_of >= 0:  # before the start, nobody knows who will not come
            drop(rows.ends <= 0, "dropped enrolments that ended before the course began")
        drop(rows.ends <= options.as_of, "dropped enrolments that had ended by the cut-off")
    over = (length < options.as_of)[rows.offering]
    drop(over, "dropped enrolments in offerings that were over by the cut-off")
    if not keep.any():
        raise UserError(f"Dataset {name!r}: no enrolment is left after the choice of courses, terms and cut-off.")
    return keep
