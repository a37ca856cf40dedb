"""Runs and metrics as MLflow's JSON, written from rows at once: pages of them are most of what a server sends."""

import json
import math
from collections.abc import Iterable, Sequence
from json.encoder import encode_basestring as quoted
from typing import Any

from attain.server.rest.shown import dataset_input
from attain.tracking.entities import DatasetInput, MetricPoint, ModelOutput, Run
from attain.tracking.sql.metrics import PointRow
from attain.tracking.sql.run_rows import RunRows

NAN = '"NaN"'


def listed(name: str, items: Sequence[str], next_token: str | None = None) -> str:
    """A part of a list, with the token that asks for the next; an empty list is left out."""
    fields = [f'"{name}":[{",".join(items)}]'] if items else []
    fields += [f'"next_page_token":{quoted(next_token)}'] if next_token else []
    return f"{{{','.join(fields)}}}"


def run(one: Run) -> str:
    """A run with its data; empty lists are left out."""
    metrics = points(one.latest.values())
    params, tags = ([_pair(*pair) for pair in pairs.items()] for pairs in (one.params, one.tags))
    return _run(info(one), metrics, params, tags, one.inputs, one.model_inputs, one.model_outputs)


def runs(found: RunRows) -> list[str]:
    """Runs with their data, in order."""
    metrics: dict[int, list[str]] = {row.id: [] for row in found.runs}
    params: dict[int, list[str]] = {row.id: [] for row in found.runs}
    tags: dict[int, list[str]] = {row.id: [] for row in found.runs}
    for number, key, value, timestamp, step, is_nan in found.latest:
        metrics[number].append(_point(quoted(key), value, timestamp, step, is_nan))
    for number, key, text in found.params:
        params[number].append(_pair(key, text))
    for number, key, text in found.tags:
        tags[number].append(_pair(key, text))
    written = []
    for row in found.runs:
        number, (used, made) = row.id, found.models.get(row.id, ((), ()))
        data = metrics[number], params[number], tags[number]
        written.append(_run(_info(row, row.experiment), *data, found.inputs.get(number, ()), used, made))
    return written


def info(one: Run) -> str:
    """What a run is, without its data; `end_time` is missing while it runs."""
    return _info(one, one.experiment_id)


def points(given: Iterable[MetricPoint], run_id: str | None = None) -> list[str]:
    """Points of any metrics, with their run's id where it is given."""
    more = "" if run_id is None else f',"run_id":{quoted(run_id)}'
    return [_point(quoted(p.key), p.value, p.timestamp, p.step, math.isnan(p.value), more) for p in given]


def history(key: str, rows: Iterable[PointRow]) -> list[str]:
    """Points of one metric."""
    begin = f'{{"key":{quoted(key)},"value":'
    return [
        f'{begin}{NAN if nan else repr(value)},"timestamp":{time},"step":{step}}}' for time, step, nan, value in rows
    ]


def _point(key: str, value: float, timestamp: int, step: int, is_nan: object, more: str = "") -> str:
    return f'{{"key":{key},"value":{NAN if is_nan else repr(value)},"timestamp":{timestamp},"step":{step}{more}}}'


def _pair(key: str, value: str) -> str:
    return f'{{"key":{quoted(key)},"value":{quoted(value)}}}'


def _info(one: Any, experiment: str | int) -> str:  # a run, or a row of the whole table `runs`
    end = "" if one.end_time is None else f',"end_time":{one.end_time}'
    return (
        f'{{"run_uuid":"{one.run_id}","experiment_id":"{experiment}","run_name":{quoted(one.name)},'
        f'"user_id":{quoted(one.user_id)},"status":"{one.status}","start_time":{one.start_time},'
        f'"artifact_uri":{quoted(one.artifact_uri)},"lifecycle_stage":"{one.lifecycle_stage}",'
        f'"run_id":"{one.run_id}"{end}}}'
    )


def _run(
    described: str,
    metrics: Sequence[str],
    params: Sequence[str],
    tags: Sequence[str],
    inputs: Sequence[DatasetInput],
    used: Sequence[str],
    made: Sequence[ModelOutput],
) -> str:
    data = _lists(metrics=metrics, params=params, tags=tags)
    read = _lists(dataset_inputs=_data_sets(inputs), model_inputs=_models(used)) if inputs or used else "{}"
    outputs = [f'{{"model_id":{quoted(one.model_id)},"step":{one.step}}}' for one in made]
    written = _lists(model_outputs=outputs) if outputs else "{}"
    return f'{{"info":{described},"data":{data},"inputs":{read},"outputs":{written}}}'


def _data_sets(inputs: Sequence[DatasetInput]) -> list[str]:
    return [json.dumps(dataset_input(one), ensure_ascii=False) for one in inputs]


def _models(used: Sequence[str]) -> list[str]:
    return [f'{{"model_id":{quoted(model_id)}}}' for model_id in used]


def _lists(**lists: Sequence[str]) -> str:
    """An object of lists; empty ones are left out."""
    return "{" + ",".join([f'"{name}":[{",".join(items)}]' for name, items in lists.items() if items]) + "}"
