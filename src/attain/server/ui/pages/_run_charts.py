"""Charts of a run: its training, and where it kept predictions their ROC curve and calibration."""

from collections.abc import Mapping

from attain.charts.svg.calibration import Bin, CalibrationChart
from attain.charts.svg.lines import Line, Lines
from attain.charts.svg.roc import Curve, RocChart
from attain.core.errors import UserError
from attain.server.ui.pages._run_values import Measured
from attain.server.ui.tables import PREDICTIONS, names_of, numbers_of
from attain.tracking.entities import ArtifactInfo, Run
from attain.tracking.sql.store import Store

MOST_CURVES, POINTS = 12, 400
COLUMNS = ("target", "score", "scored")
OTHERWISE = frozenset({"rank", "points", "references"})
"""Columns of lists, of shares of points and of texts, which are judged in other ways."""
Answers = tuple[RocChart | CalibrationChart, ...]


def curves(store: Store, run: Run) -> list[Lines]:
    """A chart for each metric that was logged at several steps."""
    out: list[Lines] = []
    for key, point in run.latest.items():
        if point.step == 0 or len(out) == MOST_CURVES:
            continue
        points = store.thinned_histories([run.run_id], key, POINTS)[run.run_id]
        if len(points) > 1:
            line = Line(key, [(float(p.step), p.value) for p in points])
            out.append(Lines(f"{key} by step", "step", key, [line]))
    return out


def of_predictions(
    store: Store, run: Run, kept: list[ArtifactInfo], metrics: Mapping[str, Measured]
) -> tuple[Answers, str]:
    """ROC and calibration of the predictions kept, and a sentence where they cannot be shown.

    Args:
        store: where they are.
        run: whose.
        kept: its files.
        metrics: on all learners; the interval of the AUC stands beside the curve.
    """
    if PREDICTIONS not in {file.path for file in kept}:
        return (), ""
    try:
        names = set(names_of(store, run.run_id, PREDICTIONS))
        if OTHERWISE & names or not {"target", "score"} <= names:
            return (), ""
        columns = numbers_of(store, run.run_id, PREDICTIONS, COLUMNS)
    except UserError as error:
        return (), f"The predictions of this run cannot be drawn: {error}"
    return _drawn(columns, metrics.get("auc"), run.tags.get("attain.model") or run.name)


def _drawn(columns: Mapping[str, object], area: Measured | None, name: str) -> tuple[Answers, str]:
    import numpy as np  # with the first table, so that a start is quick

    from attain.charts.calibration_bins import FEWEST, calibration
    from attain.charts.roc_curve import roc

    target, score = np.asarray(columns["target"]), np.asarray(columns["score"])
    good = np.isfinite(target) & np.isfinite(score)
    if "scored" in columns:
        good &= np.asarray(columns["scored"]) == 1
    target, score = target[good], score[good]
    if not len(score):
        return (), "No prediction of this run has a known outcome, so that there is nothing to draw."
    if not ((target == 0) | (target == 1)).all() or score.min() < 0 or score.max() > 1:
        return (), "The scores of this run are no probabilities of a yes or no, so that no ROC curve is drawn."
    drawn: list[RocChart | CalibrationChart] = []
    said = f"{len(score):,} predictions, of which {target.mean():.1%} came true."
    if (curve := roc(target, score)) is not None:
        ends = (None, None) if area is None else (area.low, area.high)
        points = [(float(x), float(y)) for x, y in zip(curve.false_alarms, curve.found, strict=True)]
        interval = " [ ]: 95 % interval over learners." if None not in ends else ""
        drawn.append(
            RocChart("ROC curve", [Curve(name, points, curve.auc, *ends)], f"{said} Dashed: chance.{interval}")
        )
    binned = calibration(target, score)
    bins = [
        Bin(mean, share, low, high, int(n)) if n >= FEWEST else Bin(None, None, None, None, None)
        for mean, share, low, high, n in zip(
            binned.score, binned.right.share, binned.right.low, binned.right.high, binned.right.n, strict=True
        )
    ]
    few = int(((binned.right.n > 0) & (binned.right.n < FEWEST)).sum())
    left = f" {few} {'bin' if few == 1 else 'bins'} with fewer than {FEWEST} left out." if few else ""
    told = "Dashed: scores that come true as often as they say. Intervals treat predictions as independent"
    drawn.append(CalibrationChart("Calibration", bins, "predictions", f"{said} {told}, so they are too narrow.{left}"))
    return tuple(drawn), ""
