"""Lists of one-letter items, for the tests of metrics of lists."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from attain.core.table import Predictions
from attain.metrics.discover import find
from attain.metrics.evaluate import Value, evaluate

CATALOGUE = 12


def lists(listed: Mapping[str, str], relevant: Mapping[str, str], *, depth: int = 10, **columns: Any) -> Predictions:
    """A table of recommendation.

    Args:
        listed: the list of each learner, such as `abc`.
        relevant: the relevant items of each.
        depth: how deep lists were made.
        columns: more columns; a mapping gives the value of each item.
    """
    rows = []
    for number, unit in enumerate(relevant):
        for item in dict.fromkeys(listed[unit] + relevant[unit]):
            place = listed[unit].find(item)
            rank = place + 1.0 if place >= 0 else np.nan
            rows.append((1000 * number + ord(item), unit, item, float(item in relevant[unit]), rank))
    frame = pd.DataFrame(rows, columns=["example", "unit", "item", "target", "rank"])
    frame = frame.assign(fold=0, score=-frame["rank"].fillna(99), depth=depth, n_items=CATALOGUE)
    for name, values in columns.items():
        frame[name] = frame["item"].map(values) if isinstance(values, dict) else values
    return Predictions(frame)


def value(table: Predictions, metric: str, replicates: int = 0) -> Value:
    """The value of one metric."""
    return evaluate(table, [find(metric)], replicates=replicates)[0]
