"""Values with intervals, overall and by cohort, of one predictions table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.cohorts import SMALLEST, UNKNOWN, hidden
from attain.core.metric import Metric, Statistic
from attain.core.table import Predictions
from attain.metrics.intervals import DEFINED_SHARE, bootstrap_weights, percentile


@dataclass(frozen=True)
class Value:
    """One number with all that it takes to read it.

    Attributes:
        metric: the metric's id.
        cohort: `attribute=value`, or None for all units.
        value: None where undefined or hidden.
        low: lower end of the 95 % interval (bootstrap over units), or None.
        high: upper end.
        n: rows (answers, or answers and their skills) that the value rests on; None where hidden.
        n_units: units (learners) that can change the value; None where hidden.
        reason: why the value or its interval is missing; "" where neither is.
        note: what the value leaves out, with counts; "" for nothing.
        signature: what it was made with that the id does not say; values of different signatures are not compared.
    """

    metric: str
    cohort: str | None
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    n_units: int | None
    reason: str = ""
    note: str = ""
    signature: str = ""


@dataclass(frozen=True)
class _Part:
    """A metric on a part of the units; `replicates` fills up as the bootstrap goes on."""

    metric: Metric
    statistic: Statistic
    cohort: str | None
    mask: NDArray[np.float64]
    replicates: list[NDArray[np.float64]]


def evaluate(
    table: Predictions,
    metrics: Sequence[Metric],
    *,
    cohorts: pd.DataFrame | None = None,
    replicates: int = 1000,
    seed: int = 0,
    smallest_cohort: int = SMALLEST,
) -> list[Value]:
    """Each metric overall, then (where it may) on each cohort; all from the same bootstrap weights.

    Args:
        table: the predictions.
        metrics: what to compute; one whose columns the table lacks gets no value and a reason.
        cohorts: one row a unit (index: its name), one column an attribute; units not in it are `(unknown)`.
        replicates: how often units are drawn anew; 0 for no intervals.
        seed: seed of the draws.
        smallest_cohort: a cohort's value on fewer units is hidden, and so is the next smallest cohort of the attribute
            where the hidden ones could be worked out from the rest. The value on all units is shown, with a note.
    """
    masks = {None: np.ones(len(table.units))} | _cohort_masks(table, cohorts)
    values: dict[tuple[str, str | None], Value] = {}
    parts: list[_Part] = []
    for metric in metrics:
        if reason := metric.lacks(table):
            values[metric.id, None] = Value(metric.id, None, None, None, None, None, None, reason)
            continue
        statistic = metric.statistic(table)
        own = masks if metric.by_cohort else {None: masks[None]}
        sizes = {name: int((statistic.counted & (mask > 0)).sum()) for name, mask in own.items()}
        reasons = _hidden(sizes, smallest_cohort, table.units_are)
        for name, mask in own.items():
            if reason := reasons.get(name, ""):
                values[metric.id, name] = Value(metric.id, name, None, None, None, None, None, reason)
            else:
                parts.append(_Part(metric, statistic, name, mask, []))
    for weights in bootstrap_weights(len(table.units), replicates, seed, table.strata):
        for name, mask in masks.items():
            masked = weights * mask
            for part in parts:
                if part.cohort == name:
                    part.replicates.append(part.statistic.at(masked))
    values |= {(part.metric.id, part.cohort): _value(table, part, smallest_cohort) for part in parts}
    return [values[metric.id, name] for metric in metrics for name in masks if (metric.id, name) in values]


@dataclass(frozen=True)
class ByFold:
    """A metric fold by fold.

    Attributes:
        values: fold to value, None where undefined.
        mean: over the folds where it is defined; None where there is none.
        sd: sample standard deviation over the same folds; None for fewer than two.
    """

    values: dict[int, float | None]
    mean: float | None
    sd: float | None


def by_fold(table: Predictions, metric: Metric) -> ByFold:
    """The metric on each fold's rows alone.

    Raises:
        UserError: the table lacks a column that the metric reads.
    """
    values = {}
    for fold, frame in table.frame.groupby("fold", sort=True):
        part = Predictions(frame.reset_index(drop=True), table.mastery, table.facts)
        values[int(str(fold))] = defined(metric.statistic(part).at(np.ones((1, len(part.units))))[0])
    found = [value for value in values.values() if value is not None]
    mean = float(np.mean(found)) if found else None
    return ByFold(values, mean, float(np.std(found, ddof=1)) if len(found) > 1 else None)


def defined(value: float) -> float | None:
    """The value, None for NaN."""
    return None if np.isnan(value) else float(value)


def _value(table: Predictions, part: _Part, smallest: int) -> Value:
    members = part.mask > 0
    units = members & part.statistic.counted
    read = part.statistic.n_rows
    n = int(units[table.rows(part.metric.grain).unit].sum() if read is None else read[units].sum())
    value = defined(part.statistic.at(part.mask[None, :])[0])
    notes = [part.statistic.note(part.mask)]
    if part.cohort is None and 0 < (few := int(units.sum())) < smallest:
        notes.insert(0, f"only {few} {table.units_are}{'s' if few > 1 else ''}")
    whole = (part.metric.id, part.cohort, value)
    if value is None:
        why = part.statistic.why(part.mask)
        return Value(*whole, None, None, n, int(units.sum()), why, _joined(notes), part.statistic.signature)
    interval, reason = interval_of(part.replicates, int(units.sum()), table.units_are)
    low, high = interval or (None, None)
    if interval and not interval[0] <= value <= interval[1]:
        notes.append("the value lies outside its interval, for it is biased on small samples")
    return Value(*whole, low, high, n, int(units.sum()), reason, _joined(notes), part.statistic.signature)


def _joined(notes: Sequence[str]) -> str:
    return "; ".join(filter(None, notes))


def interval_of(
    replicates: list[NDArray[np.float64]], n_units: int, unit: str = "learner"
) -> tuple[tuple[float, float] | None, str]:
    """The percentile interval and "", or None and the reason why there is none."""
    if not replicates:
        return None, "no interval: no bootstrap was asked for"
    if n_units < 2:
        return None, f"no interval: {n_units} {unit}(s) cannot be resampled"
    together = np.concatenate(replicates)
    if interval := percentile(together):
        return interval, ""
    share = np.isnan(together).mean()
    return None, f"no interval: undefined in {share:.0%} of the replicates (at most {1 - DEFINED_SHARE:.0%} may be)"


def _cohort_masks(table: Predictions, cohorts: pd.DataFrame | None) -> dict[str | None, NDArray[np.float64]]:
    """`attribute=value` to the weights, shape (n_units,), that select the cohort."""
    masks: dict[str | None, NDArray[np.float64]] = {}
    if cohorts is None:
        return masks
    for attribute in cohorts.columns:
        joined = cohorts[attribute].astype(object).reindex(table.units)
        text = joined.where(joined.isna(), joined.astype(str)).fillna(UNKNOWN)
        for value in sorted(text.unique()):
            masks[f"{attribute}={value}"] = (text == value).to_numpy(dtype=np.float64)
    return masks


def _hidden(sizes: dict[str | None, int], smallest: int, unit: str) -> dict[str | None, str]:
    """Why each cohort that must not be shown is hidden; each attribute's cohorts make up the whole."""
    reasons: dict[str | None, str] = {}
    attributes = {name.partition("=")[0] for name in sizes if name is not None}
    for attribute in attributes:
        own = {name: size for name, size in sizes.items() if name and name.partition("=")[0] == attribute}
        small, with_them = hidden(own, smallest)
        reasons |= dict.fromkeys(small, f"fewer than {smallest} {unit}s")
        reasons |= dict.fromkeys(with_them, "hidden so that a smaller cohort cannot be worked out")
    return reasons
