"""What the models of a data set would decide: where their verdicts of mastery agree, and effort against outcome."""

from collections.abc import Mapping

import numpy as np

from attain.charts.effort import Stop
from attain.core.metric import Metric
from attain.core.table import Predictions
from attain.metrics.decisions import WITHOUT_MODEL, Agreement, Judge, agreements, effort, outcome

THRESHOLD = 0.95
"""The probability from which a skill counts as mastered in comparisons of verdicts."""
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
"""Those of the effort-outcome curve."""
LONE = "three in a row"
"""The rule without a model that every model is compared with."""


def verdicts_of(tables: Mapping[str, Predictions], *, replicates: int) -> list[Agreement]:
    """How often models agree on who has mastered what; nothing where none says mastery."""
    judges = [
        Judge(label, table, f"model>={THRESHOLD}") for label, table in tables.items() if table.mastery is not None
    ]
    if not judges:
        return []
    return agreements([*judges, Judge(LONE, judges[0].table, WITHOUT_MODEL)], replicates=replicates)


def curves_of(tables: Mapping[str, Predictions]) -> dict[str, list[Stop]]:
    """Effort and outcome of each model that says mastery over the thresholds, and of the rule without a model."""
    found = {}
    speaking = {label: table for label, table in tables.items() if table.mastery is not None}
    for label, table in speaking.items():
        stops = [_stop(table, f"model>={threshold}", f"{threshold:g}") for threshold in THRESHOLDS]
        found[label] = [stop for stop in stops if stop is not None]
    if speaking and (stop := _stop(next(iter(speaking.values())), WITHOUT_MODEL, "")) is not None:
        found[LONE] = [stop]
    return {label: stops for label, stops in found.items() if stops}


def _stop(table: Predictions, rule: str, words: str) -> Stop | None:
    values = [_value(table, metric) for metric in (effort(rule), outcome(rule))]
    return None if np.isnan(values).any() else Stop(words, values[0], values[1])


def _value(table: Predictions, metric: Metric) -> float:
    return float(metric.statistic(table).at(np.ones((1, len(table.units))))[0])
