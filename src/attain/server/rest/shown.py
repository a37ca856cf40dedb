"""Values of ours as MLflow's JSON."""

from collections.abc import Mapping
from typing import Any

from attain.server.rest.call import sent
from attain.tracking.entities import DatasetInput, Experiment, MetricPoint, Page, Run

Shown = dict[str, Any]  # JSON


def experiment(one: Experiment) -> Shown:
    """An experiment."""
    shown = {
        "experiment_id": one.experiment_id,
        "name": one.name,
        "artifact_location": one.artifact_location,
        "lifecycle_stage": one.lifecycle_stage,
        "creation_time": one.creation_time,
        "last_update_time": one.last_update_time,
    }
    return shown | ({"tags": pairs(one.tags)} if one.tags else {})


def run(one: Run) -> Shown:
    """A run with its data; empty lists are left out."""
    lists = {
        "metrics": [metric(point) for point in one.latest.values()],
        "params": pairs(one.params),
        "tags": pairs(one.tags),
    }
    inputs = {
        "dataset_inputs": [dataset_input(each) for each in one.inputs],
        "model_inputs": [{"model_id": model_id} for model_id in one.model_inputs],
    }
    outputs = {"model_outputs": [{"model_id": made.model_id, "step": made.step} for made in one.model_outputs]}
    return {"info": info(one), "data": _filled(lists), "inputs": _filled(inputs), "outputs": _filled(outputs)}


def info(one: Run) -> Shown:
    """What a run is, without its data; `end_time` is missing while it runs."""
    shown = {
        "run_uuid": one.run_id,
        "experiment_id": one.experiment_id,
        "run_name": one.name,
        "user_id": one.user_id,
        "status": one.status,
        "start_time": one.start_time,
        "artifact_uri": one.artifact_uri,
        "lifecycle_stage": one.lifecycle_stage,
        "run_id": one.run_id,
    }
    return shown if one.end_time is None else shown | {"end_time": one.end_time}


def metric(point: MetricPoint) -> Shown:
    """One point of a metric."""
    return {"key": point.key, "value": sent(point.value), "timestamp": point.timestamp, "step": point.step}


def dataset_input(one: DatasetInput) -> Shown:
    """A data set that a run read."""
    kept = {"name": one.name, "digest": one.digest, "source_type": one.source_type, "source": one.source}
    more = {name: text for name, text in (("schema", one.schema), ("profile", one.profile)) if text is not None}
    return {"tags": pairs(one.tags), "dataset": kept | more}


def pairs(values: Mapping[str, str]) -> list[Shown]:
    """Params or tags."""
    return [{"key": key, "value": value} for key, value in values.items()]


def paged(name: str, rows: list[Shown], page: Page[Any]) -> Shown:  # of whatever the page holds
    """A part of a list, with the token that asks for the next."""
    shown: Shown = {name: rows} if rows else {}
    return shown | ({"next_page_token": page.next_token} if page.next_token else {})


def _filled(lists: Mapping[str, list[Shown]]) -> Shown:
    return {name: rows for name, rows in lists.items() if rows}
