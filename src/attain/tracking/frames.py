"""Runs as a pandas frame, with MLflow's columns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attain.core.extras import not_installed
from attain.tracking.entities import Run

if TYPE_CHECKING:
    import pandas as pd


def runs_frame(runs: Sequence[Run]) -> "pd.DataFrame":
    """One row a run, in the order given.

    Columns: `run_id`, `experiment_id`, `status`, `artifact_uri`, `start_time` and `end_time` (UTC, NaT while it
    runs), then `metrics.*` (NaN where missing), `params.*` and `tags.*` (None where missing), each sorted by name.

    Raises:
        UserError: pandas is not installed.
    """
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise not_installed("A frame of runs", error) from None
    columns: dict[str, object] = {
        "run_id": [run.run_id for run in runs],
        "experiment_id": [run.experiment_id for run in runs],
        "status": [run.status for run in runs],
        "artifact_uri": [run.artifact_uri for run in runs],
        "start_time": _moments([run.start_time for run in runs]),
        "end_time": _moments([run.end_time for run in runs]),
    }
    metrics = [run.metrics for run in runs]
    for name in sorted({name for one in metrics for name in one}):
        columns[f"metrics.{name}"] = [one.get(name, float("nan")) for one in metrics]
    for kind, texts in {"params": [run.params for run in runs], "tags": [run.tags for run in runs]}.items():
        for name in sorted({name for one in texts for name in one}):
            columns[f"{kind}.{name}"] = pd.Series([one.get(name) for one in texts], dtype=object)
    return pd.DataFrame(columns)


def _moments(ms: Sequence[int | None]) -> "pd.Series[pd.Timestamp]":
    import pandas as pd

    return pd.to_datetime(pd.Series(pd.array(list(ms), dtype="Int64")), unit="ms", utc=True)
