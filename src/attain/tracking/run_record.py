"""A run as plain data that any store can take in: what it is, params, tags, histories, inputs; its files go beside."""

import math
from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from attain.core.strict import Strict
from attain.tracking.entities import DatasetInput, MetricPoint, Run, Status
from attain.tracking.find_run import experiments
from attain.tracking.store import Store

PIECE = 500
"""How many points are logged at once."""


class RunRecord(Strict):
    """A run as plain data; times in ms, points as value, timestamp and step, by timestamp, step, value."""

    run_id: str = Field(pattern="^[0-9a-f]{32}$")
    experiment: str
    name: str
    status: Status
    start_time: int
    end_time: int | None
    user_id: str
    parent_run_id: str | None
    params: dict[str, str]
    tags: dict[str, str]
    metrics: dict[str, list[tuple[float | str, int, int]]]
    inputs: list[DatasetInput]


def record_of(store: Store, run: Run, *, without: Sequence[str] = ()) -> RunRecord:
    """A run as a store has it.

    Args:
        store: where it is.
        run: which.
        without: tags that mean nothing elsewhere.
    """
    return RunRecord(
        run_id=run.run_id,
        experiment=store.experiment(run.experiment_id).name,
        name=run.name,
        status=run.status,
        start_time=run.start_time,
        end_time=run.end_time,
        user_id=run.user_id,
        parent_run_id=run.parent_run_id,
        params=dict(run.params),
        tags={name: value for name, value in run.tags.items() if name not in without},
        metrics={key: [_plain(point) for point in _history(store, run.run_id, key)] for key in sorted(run.latest)},
        inputs=list(run.inputs),
    )


def take_in(store: Store, known: RunRecord, tags: Mapping[str, str]) -> None:
    """Make a run of the same id in another store, with more tags; it counts as running until its files are there too.

    What a broken-off attempt has brought already is brought again, and is kept once.
    """
    if not store.count_runs(list(experiments(store).values()), f"attributes.run_id = '{known.run_id}'"):
        store.create_run(
            store.ensure_experiment(known.experiment).experiment_id,
            known.name,
            tags={**known.tags, **tags},
            params=known.params,
            parent_run_id=known.parent_run_id,
            start_time=known.start_time,
            user_id=known.user_id,
            attended=False,
            run_id=known.run_id,
        )
        store.log_inputs(known.run_id, known.inputs)
    points = [MetricPoint(key, float(v), at, step) for key, all_ in known.metrics.items() for v, at, step in all_]
    for start in range(0, len(points), PIECE):
        store.add_points([(known.run_id, point) for point in points[start : start + PIECE]])


def _history(store: Store, run_id: str, key: str) -> Iterator[MetricPoint]:
    token: str | None = None
    while True:
        page = store.metric_history(run_id, key, page_token=token)
        yield from page.items
        if (token := page.next_token) is None:
            return


def _plain(point: MetricPoint) -> tuple[float | str, int, int]:
    """A point as strict JSON has it, which knows neither NaN nor infinity."""
    value = point.value if math.isfinite(point.value) else str(point.value)
    return value, point.timestamp, point.step
