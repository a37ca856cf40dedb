"""The figures of a run and of a suite, drawn from what they keep."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attain.charts.agreement import agreement, draw_agreement
from attain.charts.by_history import Point, Stretch, draw_by_history
from attain.charts.calibration import draw_calibration
from attain.charts.calibration_bins import calibration
from attain.charts.effort import Stop, draw_effort
from attain.charts.forest import Estimate, draw_forest, panel
from attain.charts.mastery_map import draw_mastery_map, mastery_map
from attain.charts.opportunity import draw_learning_curve, learning_curve
from attain.charts.roc import draw_roc
from attain.charts.roc_curve import roc
from attain.charts.style import save
from attain.charts.training import draw_training_curves, training_curves
from attain.core.metric import Metric
from attain.core.table import Predictions
from attain.metrics.by_history import BINS, auc_by_history, calibration_gap_by_history
from attain.metrics.difference import Difference
from attain.metrics.evaluate import Value, evaluate
from attain.tracking.store import Store

FOLDER = "figures"
REPLICATES = 400
"""Bootstrap replicates behind the intervals that only a figure shows."""


def draw_run(
    store: Store, folds: Mapping[int, str], table: Predictions, label: str, folder: Path, values: Sequence[Value] = ()
) -> None:
    """Draw what there is to draw of a model: training, ROC, calibration, learning curve, cold start, mastery.

    Args:
        store: where the folds' training curves are.
        folds: fold to run id.
        table: the predictions of all folds.
        label: of the model.
        folder: where the files go.
        values: of the model; the interval of its AUC stands in the ROC figure.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if "references" in table.columns:  # pieces of text: nothing was trained, and scores are no probabilities
        return
    if points := _training_points(store, folds):
        save(draw_training_curves(training_curves(points), model=label), folder, "training")
    if "points" in table.columns:
        _draw_agreement(table, label, folder)
    elif "rank" not in table.columns:
        _draw_answers(table, label, folder, values)


def _draw_agreement(table: Predictions, label: str, folder: Path) -> None:
    """Draw scores against those of people, each part apart."""
    rows = table.rows("answer")
    part, target, score = rows.text("part"), rows.numbers("target"), rows.numbers("score")
    facts = {name: agreement(target[part == name], score[part == name]) for name in table.parts}
    save(draw_agreement(facts, model=label), folder, "agreement")


def _draw_answers(table: Predictions, label: str, folder: Path, values: Sequence[Value]) -> None:
    """Draw what there is to draw of scores that are probabilities."""
    answers, pairs = table.rows("answer"), table.rows("pair")
    target, score = answers.numbers("target"), answers.numbers("score")
    if (curve := roc(target, score)) is not None:
        save(draw_roc({label: curve}, _interval_of_area(label, values)), folder, "roc")
    save(draw_calibration(calibration(target, score), model=label), folder, "calibration")
    facts = learning_curve(pairs.opportunity, pairs.numbers("target"), pairs.numbers("score"))
    if len(facts.opportunity):
        save(draw_learning_curve(facts, model=label), folder, "learning_curve")
    save(draw_by_history(_stretches(table), model=label), folder, "history")
    if table.mastery is not None and len(pairs):
        skill: NDArray[np.integer] = pairs["skill"].astype(np.int32)
        known = mastery_map(pairs.unit, skill, pairs.numbers("mastery"), list(table.units), list(table.skills))
        save(draw_mastery_map(known, model=label), folder, "mastery")


def _stretches(table: Predictions) -> list[Stretch]:
    """AUC and calibration by length of the history, with intervals."""
    pairs = [(auc_by_history(*ends), calibration_gap_by_history(*ends)) for ends in BINS]
    metrics = [metric for pair in pairs for metric in pair]
    values = {value.metric: value for value in evaluate(table, metrics, replicates=REPLICATES)}
    points = {name: Point(value.value, value.low, value.high) for name, value in values.items()}
    return [
        Stretch(first, last, values[gap.id].n or 0, points[auc.id], points[gap.id])
        for (first, last), (auc, gap) in zip(BINS, pairs, strict=True)
    ]


def draw_suite(
    values: Mapping[str, Sequence[Value]],
    metrics: Sequence[Metric],
    differences: Sequence[Difference],
    dataset: str,
    folder: Path,
    units: str = "learners",
) -> None:
    """Draw the models of a data set beside each other, one panel a metric, each with its interval."""
    folder.mkdir(parents=True, exist_ok=True)
    panels, n_units = [], 0
    for metric in metrics:
        overall = {
            label: next(v for v in own if v.metric == metric.id and v.cohort is None) for label, own in values.items()
        }
        estimates = [Estimate(label, v.value, v.low, v.high, v.reason) for label, v in overall.items()]
        clear = [d.names for d in differences if d.metric == metric.id and d.clear] if differences else None
        panels.append(panel(metric.id, metric.direction, metric.unit, estimates, clear))
        n_units = max([n_units, *(v.n_units or 0 for v in overall.values())])
    if panels:
        save(
            draw_forest(panels, title=f"Models on {dataset}", n_units=n_units, units=units),
            folder,
            f"models-{_file_name(dataset)}",
        )


def draw_decisions(curves: Mapping[str, Sequence[Stop]], dataset: str, folder: Path) -> None:
    """Draw effort against outcome, where a model says mastery."""
    if curves:
        save(draw_effort(curves, dataset=dataset), folder, f"effort-{_file_name(dataset)}")


def _file_name(text: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in text)


def _interval_of_area(label: str, values: Sequence[Value]) -> dict[str, tuple[float, float]] | None:
    area = next((v for v in values if v.metric == "auc" and v.cohort is None), None)
    if area is None or area.low is None or area.high is None:
        return None
    return {label: (area.low, area.high)}


def _training_points(
    store: Store, folds: Mapping[int, str]
) -> dict[tuple[str, str], tuple[NDArray[np.number], NDArray[np.number]]]:
    """What models reported while they trained: (value, fold) to steps and values."""
    points = {}
    for fold, run_id in folds.items():
        for key in store.get_run(run_id).metrics:
            history = store.metric_history(run_id, key).items
            if len(history) > 1:
                steps, values = np.array([p.step for p in history]), np.array([p.value for p in history])
                points[key, f"fold {fold}"] = (steps, values)
    return points
