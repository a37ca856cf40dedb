"""The folds of a model together: its metrics with intervals, its figures, its tables."""

import json
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from attain.core import table_file
from attain.core.errors import UserError, unknown
from attain.core.facts import TESTS
from attain.core.metric import Metric
from attain.core.table import Predictions
from attain.data.cache import find_prepared
from attain.data.prepared import obtain
from attain.metrics.abroca import Abroca, abroca
from attain.metrics.discover import find
from attain.metrics.evaluate import Value, by_fold, evaluate
from attain.metrics.names import to_key
from attain.suite.figures import FOLDER, draw_run
from attain.suite.pieces import write_pieces
from attain.suite.results import BESIDE, PREPARED, attributes_of, cohorts_of, pooled, predictions_of
from attain.tracking import artifacts, signatures
from attain.tracking.entities import MetricPoint, Run
from attain.tracking.liveness import now_ms
from attain.tracking.store import Store, open_store

VALUES = "values.json"
"""Artifact with every value, its interval, its n, and the reason where it is undefined."""
BATCH = 1000
OF_FITS = ("unidentified_skill_share", "unidentified_skill_share/n")
"""Reported by fits, and wanted beside the scores: the share of skills whose parameters the data do not tell, and of how
many."""


def run_score(message: dict[str, Any], say: Callable[..., None]) -> dict[str, Any]:
    """Score the run of a model from the runs of its folds.

    Args:
        message: `store`, `run`, `folds` (run ids), `metrics` (ids), `cohorts`, `prepared`, `replicates`, `label`.
        say: tells the parent of the start.

    Returns:
        `run_id` and `outcome`.
    """
    store, run_id = open_store(message["store"]), message["run"]
    say("started", run_id=run_id)
    try:
        _score(store, run_id, message)
    except UserError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever a metric raises costs this model's scores and no other's
        artifacts.log_bytes(store, run_id, traceback.format_exc().encode(), "error.txt")
        return {"run_id": run_id, "outcome": "failed", "why": f"{type(error).__name__}: {error}"}
    store.update_run(run_id, status="FINISHED")
    return {"run_id": run_id, "outcome": "finished"}


def _score(store: Store, run_id: str, message: dict[str, Any]) -> None:
    prepared = obtain(Path(message["prepared"]), message["data_fingerprint"])
    table = pooled(store, message["folds"], prepared)
    metrics = [find(identity, folder=Path(message["folder"])) for identity in message["metrics"]]
    cohorts = cohorts_of(prepared, message["cohorts"])
    values = score(table, metrics, cohorts=cohorts, replicates=message["replicates"])
    keep_values(store, run_id, values)
    if said := store.get_run(message["folds"][0]).tags.get(BESIDE):
        store.log_batch(run_id, tags={BESIDE: said})
    _keep_folds(store, run_id, table, metrics)
    _keep_of_fits(store, run_id, message["folds"])
    with tempfile.TemporaryDirectory() as scratch:
        table_file.write(table, Path(scratch))
        write_pieces(table, Path(scratch))
        folds = dict(enumerate(message["folds"]))
        draw_run(store, folds, table, message["label"], Path(scratch) / FOLDER, values)
        artifacts.log_artifacts(store, run_id, scratch)


def score(
    table: Predictions, metrics: Sequence[Metric], *, cohorts: pd.DataFrame | None, replicates: int
) -> list[Value]:
    """Every metric on a table; the seed of the bootstrap is fixed, so a table always has the same intervals.

    Where the AUC is asked for by cohort, the area between the cohorts' ROC curves comes with its randomisation test.
    """
    values = evaluate(table, metrics, cohorts=cohorts, replicates=replicates, seed=0)
    if cohorts is None or "auc" not in [metric.id for metric in metrics]:
        return values
    return values + [_area_between(one) for one in abroca(table, cohorts, shuffles=replicates, seed=0)]


def _area_between(one: Abroca) -> Value:
    cohort = f"{one.attribute}={one.names[0]} against {one.names[1]}"
    return Value("abroca", cohort, one.value, None, None, None, sum(one.n_units), one.reason, one.note)


def score_run(
    store: Store,
    run: Run,
    metrics: Sequence[Metric],
    attributes: Sequence[str],
    replicates: int,
    table: Predictions | None = None,
) -> list[Value]:
    """Metrics of a run that is done, overall and by cohort attributes of its data set.

    Args:
        store: where the run is.
        run: of a model.
        metrics: to compute.
        attributes: of cohorts.
        replicates: of the bootstrap.
        table: the run's predictions where something stands beside them; read from the store where not given.

    Raises:
        UserError: the run keeps no predictions, lacks what a metric needs, or its data have no such attribute.
    """
    table = table or predictions_of(store, run.run_id)
    for metric in metrics:
        if reason := metric.lacks(table):
            raise UserError(f"Metric {metric.id!r} cannot be computed for this run: {reason}.{_instead(metric, table)}")
    cohorts = None
    if attributes:
        cohorts = cohorts_of(_prepared_of(run), attributes)
        known = [] if cohorts is None else list(cohorts.columns)
        for name in attributes:
            if name not in known:
                raise unknown("cohort attribute", name, attributes_of(_prepared_of(run)))
    return score(table, metrics, cohorts=cohorts, replicates=replicates)


def _instead(metric: Metric, table: Predictions) -> str:
    """What to write where something is wanted that follows from the scores, or can stand in a file beside them."""
    lacking = metric.needs - table.columns
    if lacking == {"prerequisites"}:
        return " Name a file with the columns skill and needs: --prerequisites FILE."
    if lacking == set(TESTS):
        return " Name a file with the columns learner, pre and post: --tests FILE."
    if lacking != {"flag"} or "score" not in table.columns:
        return ""
    return f" Say who counts as flagged: {metric.id}@10% (the highest tenth), {metric.id}@40 or {metric.id}@0.5."


def add_values(store: Store, run_id: str, values: Sequence[Value]) -> None:
    """Keep further values with those that a run has; a value computed again replaces the older one."""
    fresh = {(value.metric, value.cohort) for value in values}
    older = [value for value in values_of(store, run_id) if (value.metric, value.cohort) not in fresh]
    keep_values(store, run_id, values, older)


def keep_values(store: Store, run_id: str, values: Sequence[Value], older: Sequence[Value] = ()) -> None:
    """Log each value with the ends of its interval as metrics; with the older ones they are one artifact."""
    points = []
    for value in values:
        parts = [value.metric] if value.cohort is None else [value.metric, value.cohort]
        for number, end in ((value.value, []), (value.low, ["low"]), (value.high, ["high"])):
            if number is not None:
                points.append(MetricPoint(to_key(*parts, *end), number, now_ms()))
    _log(store, run_id, points)
    kept = (*older, *values)
    if tags := signatures.tags_of({value.metric: value.signature for value in kept if value.cohort is None}):
        store.log_batch(run_id, tags=tags)
    text = json.dumps([asdict(value) for value in kept], indent=1, ensure_ascii=False)
    artifacts.log_bytes(store, run_id, text.encode(), VALUES)


def values_of(store: Store, run_id: str) -> list[Value]:
    """The values that a run keeps; none where it was not scored."""
    if VALUES not in {file.path for file in store.artifacts_under(run_id, VALUES)}:
        return []
    return [Value(**value) for value in json.loads(artifacts.read_bytes(store, run_id, VALUES))]


def _keep_folds(store: Store, run_id: str, table: Predictions, metrics: Sequence[Metric]) -> None:
    """The mean and spread over folds, where there are several."""
    points = []
    for metric in metrics:
        if table.frame["fold"].nunique() > 1 and not metric.lacks(table):
            folds = by_fold(table, metric)
            for name, number in (("fold_mean", folds.mean), ("fold_sd", folds.sd)):
                if number is not None:
                    points.append(MetricPoint(to_key(metric.id, name), number, now_ms()))
    _log(store, run_id, points)


def _keep_of_fits(store: Store, run_id: str, folds: Sequence[str]) -> None:
    """What fits found out about themselves, as the mean over the folds, where all of them said it."""
    known = [store.get_run(fold).metrics for fold in folds]
    for name in OF_FITS:
        if known and all(name in one for one in known):
            mean = sum(one[name] for one in known) / len(known)
            _log(store, run_id, [MetricPoint(name, mean, now_ms())])


def _log(store: Store, run_id: str, points: Sequence[MetricPoint]) -> None:
    for start in range(0, len(points), BATCH):
        store.log_batch(run_id, metrics=points[start : start + BATCH])


def _prepared_of(run: Run) -> Path:
    """The folder of the run's prepared data: that which the run used, else one of the same content."""
    used = Path(run.tags.get(PREPARED, ""))
    if PREPARED in run.tags and used.is_dir():
        return used
    wanted = next((data.digest for data in run.inputs), "")
    if (found := find_prepared(wanted)) is not None:
        return found
    raise UserError(
        f"The prepared data of run {run.run_id} (fingerprint {wanted!r}) are not in the cache, and cohorts lie there. "
        f"Prepare them again by checking the run's suite: attain check {run.tags.get('attain.suite', 'SUITE')}"
    )
