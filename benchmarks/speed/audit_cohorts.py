"""How fast are rates by cohort, and are they the same? Against fairlearn's MetricFrame, on the same rows, in one run.

    python benchmarks/speed/audit_cohorts.py                    # 100,000 rows side by side; a million for ours alone
    python benchmarks/speed/audit_cohorts.py --rows 1000000     # a million side by side: minutes of fairlearn's

Both sides start from the same pandas columns (outcome, flag, and three attributes as words, of 2, 5 and 12 values) and
end with seven rates of each of the 19 cohorts. Ours also gives Wilson intervals and denominators. CPU seconds of one
thread, the median of several runs for ours. Every rate is compared; the exit status is 1 if one differs, or if ours is
not at least 300 times as fast.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import TypeVar

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate, selection_rate
from sklearn.metrics import accuracy_score, precision_score, recall_score

from attain.audit.confusion import CohortTable, cohort_tables, columns
from attain.audit.rates import rates
from attain.audit.repeats import resample
from attain.audit.rows import audit_rows

ATTRIBUTES = {"gender": 2, "age": 5, "imd": 12}
PEERS = {
    "precision": precision_score,
    "recall": recall_score,
    "false_positive_rate": false_positive_rate,
    "false_negative_rate": false_negative_rate,
    "selection_rate": selection_rate,
    "prevalence": lambda target, flag: float(np.mean(target)),
    "accuracy": accuracy_score,
}
OURS = [name for name in PEERS if name != "accuracy"] + ["false_discovery_rate"]
LEAST = 300
T = TypeVar("T")
RUNS = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000, help="for both sides")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()

    world = made(chosen.rows)
    ours_s, tables = timed(lambda: ours(*world), RUNS)
    theirs_s, frames = timed(lambda: theirs(*world), 1)
    differing = differences(tables, frames)
    million = made(1_000_000)
    million_s, tables = timed(lambda: ours(*million), RUNS)
    rows = audit_rows(million[0], million[1], by=list(ATTRIBUTES))
    kernel_s, _ = timed(lambda: [columns(t, rates(OURS)) for t in cohort_tables(rows, million[2])], RUNS)
    bootstrap_s, _ = timed(lambda: [resample(table.cells, 1000, 0) for table in tables[1:]], RUNS)
    result = {
        "rows": chosen.rows,
        "ours_cpu_s": round(ours_s, 4),
        "fairlearn_cpu_s": round(theirs_s, 2),
        "ratio": round(theirs_s / ours_s),
        "rates_compared": sum(frame.by_group.size for frame in frames),
        "rates_that_differ": differing,
        "million_rows_cpu_s": round(million_s, 3),
        "million_rows_from_checked_arrays_cpu_s": round(kernel_s, 3),
        "thousand_bootstraps_cpu_s": round(bootstrap_s, 4),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "pandas", "fairlearn", "scikit-learn")},
    }
    print(json.dumps(result) if chosen.json else "\n".join(f"{k:40} {v}" for k, v in result.items()))
    return 0 if not differing and result["ratio"] >= LEAST else 1


def made(n: int) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    score = rng.random(n)
    frame = pd.DataFrame({"unit": np.arange(n), "target": (rng.random(n) < 0.3 + 0.3 * score) * 1.0, "score": score})
    words = {
        name: np.array([f"{name} {v}" for v in range(k)], object)[rng.integers(0, k, n)]
        for name, k in ATTRIBUTES.items()
    }
    return frame, pd.DataFrame(words), score > 0.8


def ours(frame: pd.DataFrame, cohorts: pd.DataFrame, flag: np.ndarray) -> list[CohortTable]:
    tables = cohort_tables(audit_rows(frame, cohorts, by=list(ATTRIBUTES)), flag)
    for table in tables:
        columns(table, rates(OURS))
    return tables


def theirs(frame: pd.DataFrame, cohorts: pd.DataFrame, flag: np.ndarray) -> list[MetricFrame]:
    target, predicted = frame["target"].to_numpy(int), flag.astype(int)
    frames = []
    for name in ATTRIBUTES:
        found = MetricFrame(metrics=PEERS, y_true=target, y_pred=predicted, sensitive_features=cohorts[name])
        found.difference()
        frames.append(found)
    return frames


def differences(tables: list[CohortTable], frames: list[MetricFrame]) -> int:
    """Rates that are not the same to 12 digits; accuracy is had from the cells."""
    differing = 0
    for table, frame in zip(tables[1:], frames, strict=True):
        labels = [level[0] for level in table.levels]
        own = {column.rate.name: column.value for column in columns(table, rates(OURS))}
        own["accuracy"] = table.cells[:, [0, 3]].sum(1) / table.cells.sum(1)
        for name in PEERS:
            differing += int((~np.isclose(own[name], frame.by_group[name].loc[labels], rtol=1e-12)).sum())
    return differing


def timed(work: Callable[[], T], times: int) -> tuple[float, T]:
    took = []
    for _ in range(times):
        begun = time.process_time()
        found = work()
        took.append(time.process_time() - begun)
    return statistics.median(took), found


if __name__ == "__main__":
    sys.exit(main())
