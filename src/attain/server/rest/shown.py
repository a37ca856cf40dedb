"""Values of ours as MLflow's JSON; runs and points, of which there are most, are `written`."""

import math
from collections.abc import Mapping
from typing import Any

from attain.tracking.entities import DatasetInput, Experiment, MetricPoint, Page

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


def metric(point: MetricPoint) -> Shown:
    """One point of a metric; NaN as text."""
    value = "NaN" if math.isnan(point.value) else point.value
    return {"key": point.key, "value": value, "timestamp": point.timestamp, "step": point.step}


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
