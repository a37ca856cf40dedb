"""What a served model expected, and what came: kept as a run, with how far both have moved.

Expectations drift by the population stability index of each learner's mean (answers of one learner are alike, so each
learner counts once), calibration by the mean expectation against the share right; both by cohort too.
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from attain.audit.drift import drift
from attain.core import table_file
from attain.core.cohorts import SMALLEST, UNKNOWN, hidden
from attain.core.errors import UserError
from attain.core.table import Predictions
from attain.metrics.discover import find
from attain.metrics.evaluate import Value, evaluate
from attain.serve.learners import Learners
from attain.serve.source import Found
from attain.suite.audit_cohorts import read_cohorts
from attain.suite.record import KIND, LABEL, MODEL
from attain.suite.score import keep_values
from attain.tracking import artifacts
from attain.tracking.store import Store

METRICS = ("calibration_gap", "ece[15,quantile]", "brier", "auc")
DRIFT, BEFORE = "psi_of_expected", "before"
FILE = "drift.json"
DAY_MS = 86_400_000
REPLICATES = 400


@dataclass(frozen=True)
class Monitored:
    """What was found.

    Attributes:
        run_id: the run that keeps it.
        values: of the answers of the last days, and under `before` of those before them.
        n_now: how many answers there were in the last days.
        n_before: how many before.
    """

    run_id: str
    values: list[Value]
    n_now: int
    n_before: int


def monitor(
    store: Store, learners: Learners, found: Found, *, now_ms: int, days: float, cohorts: Path | None = None
) -> Monitored:
    """Keep the answers of the last days as a run, and compare them with those before.

    Args:
        store: where the run is made, in the experiment `serving NAME`.
        learners: where the answers are.
        found: whose expectations are read, of this version alone.
        now_ms: the end of the last day.
        days: how many are the last ones.
        cohorts: a CSV file with `learner` and attributes; learners by the ids that the server got, or by pseudonyms.

    Raises:
        UserError: there is no answer in the last days, or the file of cohorts is not right.
    """
    rows = learners.expectations(found.name, found.version)
    late = rows["kept_ms"] >= now_ms - days * DAY_MS
    now, before = _table(rows[late & (rows["kept_ms"] <= now_ms)]), _table(rows[~late])
    if not len(now):
        raise UserError(
            f"{found.name!r} version {found.version} took no answer in the last {days:g} days; "
            f"{len(before):,} before them are known."
        )
    groups = None if cohorts is None else read_cohorts(cohorts, pd.Index(rows["learner"].unique()))[0]
    values = [*_values(now, groups), *_drifts(now, before, groups)]
    if len(before):
        values += [_of_before(one) for one in _values(before, groups)]
    run_id = _keep(store, found, now, values, days)
    return Monitored(run_id, values, len(now), len(before))


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    """Answers as a predictions table has them."""
    rows = rows.reset_index(drop=True)
    timed = {} if rows["time_s"].isna().all() else {"time_s": rows["time_s"].astype(float)}
    return pd.DataFrame(
        {
            "fold": np.zeros(len(rows), dtype=np.int32),
            "example": np.arange(len(rows), dtype=np.int64),
            "unit": rows["learner"].astype("category"),
            "target": rows["correct"].astype(float),
            "skill": rows["skill"].astype("category"),
            "item": rows["item"].astype("category"),
            "step": (rows["number"] - 1).astype(np.int32),
            **timed,
            "score": rows["expected"].astype(float),
        }
    )


def _values(table: pd.DataFrame, groups: pd.DataFrame | None) -> list[Value]:
    metrics = [find(name) for name in METRICS]
    return evaluate(Predictions(table), metrics, cohorts=groups, replicates=REPLICATES)


def _of_before(value: Value) -> Value:
    return Value(**{**asdict(value), "metric": f"{value.metric}/{BEFORE}"})


def _drifts(now: pd.DataFrame, before: pd.DataFrame, groups: pd.DataFrame | None) -> list[Value]:
    """The drift of expectations, of all and by cohort; without a value where nothing was before, or too few."""
    sides = [table.groupby("unit", observed=True)["score"].mean().rename("expected") for table in (before, now)]
    found = [_drift(None, *sides)]
    if groups is None:
        return found
    for name in groups.columns:
        members = [_members(groups[name], side) for side in sides]
        sizes = {cohort: len(side) for cohort, side in members[1].items()}
        small, with_them = hidden(sizes)
        for cohort in sorted(sizes):
            label = f"{name}={cohort}"
            if cohort in small | with_them:
                found.append(Value(DRIFT, label, None, None, None, None, None, f"fewer than {SMALLEST} learners"))
            else:
                found.append(_drift(label, members[0].get(cohort, sides[0][:0]), members[1][cohort]))
    return found


def _members(cohort: "pd.Series[str]", side: "pd.Series[float]") -> "Mapping[str, pd.Series[float]]":
    """The learners of a side by cohort."""
    own = cohort.reindex(side.index.astype(object)).fillna(UNKNOWN).astype(str).to_numpy()
    return {str(name): side[own == name] for name in np.unique(own)}


def _drift(label: str | None, before: "pd.Series[float]", now: "pd.Series[float]") -> Value:
    n = len(now)
    if len(before) < SMALLEST or n < SMALLEST:
        few = f"fewer than {SMALLEST} learners, before or now"
        return Value(DRIFT, label, None, None, None, None, None, few)
    one = drift(before, now)
    note = f"below {one.null_high:.3g} in 95 of 100 deals of the same learners (p {one.p:.3g})"
    return Value(DRIFT, label, one.value, None, None, n, n, "", note)


def _keep(store: Store, found: Found, table: pd.DataFrame, values: list[Value], days: float) -> str:
    experiment = store.ensure_experiment(f"serving {found.name}").experiment_id
    label = f"{found.name}/{found.version}"
    tags = {KIND: "serving", LABEL: label, MODEL: found.name, "attain.model_run": found.run_id or found.path}
    params = {"model": found.name, "version": found.version, "days": f"{days:g}"}
    run = store.create_run(experiment, f"{label} · last {days:g} days", tags=tags, params=params)
    try:
        keep_values(store, run.run_id, values)
        with tempfile.TemporaryDirectory() as scratch:
            table_file.write(Predictions(table), Path(scratch))
            text = json.dumps([asdict(value) for value in values if value.metric == DRIFT], indent=1)
            (Path(scratch) / FILE).write_text(text, encoding="utf-8")
            artifacts.log_artifacts(store, run.run_id, scratch)
    except BaseException:
        store.update_run(run.run_id, status="FAILED")
        raise
    store.update_run(run.run_id, status="FINISHED")
    return run.run_id
