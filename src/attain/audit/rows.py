"""What an audit reads: outcomes, scores and cohorts as arrays, checked once, so that no later step need doubt them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.cohorts import UNKNOWN
from attain.core.errors import UserError, unknown

CROSS = "*"
"""Between attributes that are looked at together: `gender*disability`."""
MOST_LEVELS = 50
"""An attribute with more values than this is a number or a name, not a cohort."""


def called(attributes: Sequence[str], values: Sequence[str]) -> str:
    """A cohort as people read it; "all" where there are no attributes.

    >>> called(["gender", "disability"], ["F", "Y"]), called([], [])
    ('gender: F, disability: Y', 'all')
    """
    return ", ".join(f"{name}: {value}" for name, value in zip(attributes, values, strict=True)) or "all"


@dataclass(frozen=True)
class Cohorts:
    """The cohorts of one attribute, or of several taken together.

    Attributes:
        attributes: names of the attributes.
        levels: one tuple of values, in the order of `attributes`, for each cohort that has a row; sorted.
        code: shape (n,), which of `levels` a row belongs to.
    """

    attributes: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    code: NDArray[np.int64]

    @property
    def name(self) -> str:
        """The attributes as a policy writes them."""
        return CROSS.join(self.attributes)

    def crossed(self, other: "Cohorts") -> "Cohorts":
        """The cohorts of both together; only those that have a row."""
        both = self.code * len(other.levels) + other.code
        found, code = np.unique(both, return_inverse=True)
        levels = tuple(
            self.levels[pair // len(other.levels)] + other.levels[pair % len(other.levels)] for pair in found.tolist()
        )
        return Cohorts(self.attributes + other.attributes, levels, code.astype(np.int64, copy=False))


@dataclass(frozen=True)
class AuditRows:
    """The rows of a predictions table (enrolments at a cut-off), with what is known of the learners.

    Attributes:
        target: shape (n,), 1 where the learner had the outcome, 0 where not, -1 where it is not known.
        score: shape (n,), the predicted probability of the outcome, in [0, 1].
        unit: shape (n,), codes of the learners.
        units: their names, shape (n_units,).
        cohorts: by attribute, in the order asked for, intersections last.
        stratum: the courses (or whatever else is held fixed) of the rows; None where none was named.
    """

    target: NDArray[np.int8]
    score: NDArray[np.float64]
    unit: NDArray[np.int64]
    units: NDArray[np.generic]
    cohorts: Mapping[str, Cohorts]
    stratum: Cohorts | None

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether the outcome of a row is known; the others count nowhere, not even as negative."""
        return np.asarray(self.target >= 0)

    @property
    def n_units(self) -> int:
        """How many learners there are."""
        return len(self.units)

    def __len__(self) -> int:
        return len(self.target)


def audit_rows(
    frame: pd.DataFrame,
    cohorts: pd.DataFrame | None = None,
    *,
    by: Sequence[str] = (),
    stratum: str | None = None,
    most_levels: int = MOST_LEVELS,
) -> AuditRows:
    """Read a predictions table and join what is known of its learners.

    Args:
        frame: `unit`, `target` (0 or 1, missing where not known), `score`, and the column `stratum`.
        cohorts: one row a learner (index: the names in `unit`), one column an attribute; learners that are not in it,
            or have no value, are the cohort `(unknown)`.
        by: attributes, and intersections of them (`gender*disability`).
        stratum: column of `frame` that is held fixed in comparisons within strata, such as the course.
        most_levels: how many values an attribute may have.

    Raises:
        UserError: a column is missing or holds what it cannot; learners are listed twice or none of them is known;
            an attribute is unknown or has too many values.
    """
    for column in ("unit", "target", "score", *([stratum] if stratum else [])):
        if column not in frame.columns:
            raise unknown("column", column, map(str, frame.columns), where="The predictions table: ")
    if not len(frame):
        raise UserError("The predictions table has no row; there is nothing to audit.")
    if frame["unit"].isna().any():
        raise UserError(f"{int(frame['unit'].isna().sum()):,} rows of the predictions table have no learner.")
    unit, names = pd.factorize(frame["unit"])
    fixed = None if stratum is None else _cohorts(stratum, frame[stratum], len(frame), np.arange(len(frame)))
    single = list(dict.fromkeys(name for one in by for name in one.split(CROSS)))
    of_rows = {}
    if single:
        known, place = _found(cohorts, pd.Index(names), single)
        place = place[unit]
        of_rows = {n: _cohorts(n, known[n], most_levels, place) for n in single}
    return AuditRows(
        _target(frame["target"]),
        _score(frame["score"]),
        unit.astype(np.int64, copy=False),
        np.asarray(names),
        {one: _crossed([of_rows[n] for n in one.split(CROSS)]) for one in by},
        fixed,
    )


def _target(column: "pd.Series[float]") -> NDArray[np.int8]:
    try:
        values = column.astype(float).to_numpy()
    except (TypeError, ValueError):
        raise UserError(f"target holds {column.dropna().iloc[0]!r}; expected 1 (had the outcome) and 0.") from None
    known = ~np.isnan(values)
    odd = known & (values != 0) & (values != 1)
    if odd.any():
        raise UserError(f"target holds {values[odd][0]:g} ({odd.sum():,} rows); expected 1 (had the outcome) and 0.")
    if not known.any():
        raise UserError("No outcome is known: every target is missing.")
    return np.where(known, values, -1).astype(np.int8)


def _score(column: "pd.Series[float]") -> NDArray[np.float64]:
    try:
        values = np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        raise UserError(f"score holds {column.iloc[0]!r}; expected a probability between 0 and 1.") from None
    bad = ~((values >= 0) & (values <= 1))  # NaN too
    if bad.any():
        first = int(bad.argmax())
        raise UserError(
            f"{int(bad.sum()):,} of {len(bad):,} scores are not between 0 and 1; the first is row {first}: "
            f"{values[first]}. Give probabilities of the outcome."
        )
    return values


def _found(
    cohorts: pd.DataFrame | None, units: "pd.Index[str]", wanted: Sequence[str]
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The cohorts, and where each of `units` stands in them; -1 for one who does not."""
    if cohorts is None:
        raise UserError(f"Cohorts by {', '.join(map(repr, wanted))} were asked for, but no cohorts were given.")
    for name in wanted:
        if name not in cohorts.columns:
            raise unknown("attribute", name, map(str, cohorts.columns))
    twice = cohorts.index.duplicated()
    if twice.any():
        raise UserError(
            f"The cohorts list {int(cohorts.index[twice].nunique()):,} learners more than once (first at row "
            f"{int(twice.argmax())}). Give one row a learner."
        )
    place = cohorts.index.get_indexer(units).astype(np.int64)
    if (place < 0).all():
        raise UserError(
            f"None of the {len(units):,} learners of the predictions is in the cohorts. Their names must be the same: "
            "take the cohorts of the data set that the run was made from."
        )
    return cohorts, place


def _cohorts(name: str, column: "pd.Series[str]", most_levels: int, place: NDArray[np.int64]) -> Cohorts:
    """The cohorts of the rows that stand at `place` in the column; -1 is nowhere."""
    if CROSS in name:
        raise UserError(
            f"The attribute {name!r} has the sign {CROSS!r} in its name, which joins attributes; rename it."
        )
    of_column, values = pd.factorize(column, use_na_sentinel=True)
    code = np.append(of_column, -1)[place]  # -1, a missing value, stands for the last name: (unknown)
    names, by_name = np.unique(np.array([*map(str, values), UNKNOWN], dtype=object), return_inverse=True)
    seen = np.roll(np.bincount(code + 1, minlength=len(values) + 1), -1) > 0
    used = np.bincount(by_name[seen], minlength=len(names)) > 0
    levels, code = names[used], (np.cumsum(used) - 1)[by_name][code]
    if len(levels) > most_levels:
        raise UserError(
            f"The attribute {name!r} has {len(levels):,} values, more than {most_levels}: no cohorts, but names or "
            "numbers. Put them into bands first."
        )
    return Cohorts((name,), tuple((level,) for level in levels), code.astype(np.int64, copy=False))


def _crossed(parts: Sequence[Cohorts]) -> Cohorts:
    first, *others = parts
    for other in others:
        first = first.crossed(other)
    return first
