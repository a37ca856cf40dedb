"""Runs with what belongs to them, as rows: what runs are made of, and what a server writes as JSON at once."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, exists, select

from attain.tracking.entities import DatasetInput, MetricPoint, ModelOutput, Run
from attain.tracking.sql import inputs, run_models
from attain.tracking.sql import tables as t
from attain.tracking.sql.rows import THESE, plain

_MANY = 5_000
"""Runs whose belongings are read at once."""


@dataclass(frozen=True)
class RunRows:
    """Some runs, and what belongs to them by the key of the run.

    Attributes:
        runs: rows of the whole table `runs`, perhaps with more behind.
        latest: (run, key, value, timestamp, step, is_nan) of each metric, by run and key.
        params: (run, key, value), by run and key.
        tags: likewise.
        inputs: the data sets that they read; runs without any are left out.
        models: the logged models that they used and made, likewise.
    """

    runs: Sequence[Row[Any]]  # of several types
    latest: list[tuple[int, str, float, int, int, bool]]
    params: list[tuple[int, str, str]]
    tags: list[tuple[int, str, str]]
    inputs: Mapping[int, tuple[DatasetInput, ...]]
    models: Mapping[int, tuple[tuple[str, ...], tuple[ModelOutput, ...]]]


def with_belongings(c: Connection, runs: Sequence[Row[Any]]) -> list[RunRows]:
    """Read what belongs to runs (rows of the whole table), along primary keys; at most 5,000 of them an item."""
    return [_with_belongings(c, runs[at : at + _MANY]) for at in range(0, len(runs), _MANY)]


def _with_belongings(c: Connection, runs: Sequence[Row[Any]]) -> RunRows:
    these = [row.id for row in runs]
    given = {THESE.key: these}
    ((has_inputs, has_models),) = plain(c, _HAS, given)
    return RunRows(
        runs,
        latest=plain(c, _LATEST, given),
        params=plain(c, _PARAMS, given),
        tags=plain(c, _TAGS, given),
        inputs=inputs.of_runs(c, these) if has_inputs else {},
        models=run_models.of_runs(c, these) if has_models else {},
    )


def entities(c: Connection, rows: Sequence[Row[Any]]) -> list[Run]:  # rows of the whole table `runs`
    """Runs of rows of `runs`, in their order, with params, tags, latest metrics and inputs."""
    return [run for found in with_belongings(c, rows) for run in _entities(found)]


def _entities(found: RunRows) -> list[Run]:
    latest: dict[int, dict[str, MetricPoint]] = {row.id: {} for row in found.runs}
    for number, key, value, timestamp, step, is_nan in found.latest:
        latest[number][key] = MetricPoint(key, math.nan if is_nan else value, timestamp, step)
    params, tags = (_by_run(found, texts) for texts in (found.params, found.tags))
    made = []
    for row in found.runs:
        used, outputs = found.models.get(row.id, ((), ()))
        run = entity(row, latest[row.id], params[row.id], tags[row.id], found.inputs.get(row.id, ()), used, outputs)
        made.append(run)
    return made


def _by_run(found: RunRows, texts: list[tuple[int, str, str]]) -> dict[int, dict[str, str]]:
    by_run: dict[int, dict[str, str]] = {row.id: {} for row in found.runs}
    for number, key, value in texts:
        by_run[number][key] = value
    return by_run


def entity(
    row: Row[Any],  # of the whole table `runs`
    latest: Mapping[str, MetricPoint] = MappingProxyType({}),
    params: Mapping[str, str] = MappingProxyType({}),
    tags: Mapping[str, str] = MappingProxyType({}),
    inputs: tuple[DatasetInput, ...] = (),
    model_inputs: tuple[str, ...] = (),
    model_outputs: tuple[ModelOutput, ...] = (),
) -> Run:
    """A run from its row, and whatever belongs to it."""
    return Run(
        run_id=row.run_id,
        experiment_id=str(row.experiment),
        name=row.name,
        status=row.status,
        start_time=row.start_time,
        end_time=row.end_time,
        lifecycle_stage=row.lifecycle_stage,
        user_id=row.user_id,
        artifact_uri=row.artifact_uri,
        parent_run_id=row.parent_run_id,
        process=row.process,
        heartbeat=row.heartbeat,
        latest=latest,
        params=params,
        tags=tags,
        inputs=inputs,
        model_inputs=model_inputs,
        model_outputs=model_outputs,
    )


def _texts(table: Table) -> Select[Any]:
    query = select(table.c.run, table.c.key, table.c.value)
    return query.where(table.c.run.op("IN")(THESE)).order_by(table.c.run, table.c.key)


def _latest() -> Select[Any]:
    m, key = t.latest_metrics.c, t.metric_keys.c.key
    query = select(m.run, key, m.value, m.timestamp, m.step, m.is_nan)
    return query.join(t.metric_keys, t.metric_keys.c.id == m.key).where(m.run.op("IN")(THESE)).order_by(m.run, key)


def _has(table: Table) -> ColumnElement[Any]:  # of booleans
    return exists(select(1).where(table.c.run.op("IN")(THESE)))


_HAS = select(_has(t.inputs), _has(t.run_models))
"""Most runs have neither: asked at once, since a statement has its price."""

_PARAMS, _TAGS, _LATEST = _texts(t.params), _texts(t.tags), _latest()
