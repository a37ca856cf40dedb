"""MLflow's JSON as values of ours, and back: what our client, the import and the sink read and write."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attain.tracking.entities import PARENT_TAG, DatasetInput, Experiment, MetricPoint, ModelOutput, Run
from attain.tracking.registry_entities import LoggedModel, ModelPoint, ModelStatus, ModelVersion

Json = dict[str, Any]

MODEL_STATUSES: dict[ModelStatus, str] = {
    "PENDING": "LOGGED_MODEL_PENDING",
    "READY": "LOGGED_MODEL_READY",
    "FAILED": "LOGGED_MODEL_UPLOAD_FAILED",
}
"""Our words for the state of a logged model, and those on the wire, in the order of their numbers (from 1)."""


def experiment(found: Json) -> Experiment:
    """An experiment; times are 0 where an old server knows none."""
    return Experiment(
        experiment_id=str(found["experiment_id"]),
        name=found["name"],
        artifact_location=found.get("artifact_location", ""),
        lifecycle_stage=found.get("lifecycle_stage", "active"),
        creation_time=int(found.get("creation_time", 0)),
        last_update_time=int(found.get("last_update_time", 0)),
        tags=pairs(found.get("tags", [])),
    )


def run(found: Json, process: str | None = None, heartbeat: int | None = None) -> Run:
    """A run; who attends it is not in MLflow's JSON."""
    info, data = found["info"], found.get("data", {})
    tags = pairs(data.get("tags", []))
    return Run(
        run_id=info["run_id"],
        experiment_id=str(info["experiment_id"]),
        name=info.get("run_name", ""),
        status=info["status"],
        start_time=int(info.get("start_time") or 0),
        end_time=int(info["end_time"]) if info.get("end_time") else None,
        lifecycle_stage=info.get("lifecycle_stage", "active"),
        user_id=info.get("user_id", ""),
        artifact_uri=info.get("artifact_uri", ""),
        parent_run_id=tags.get(PARENT_TAG),
        process=process,
        heartbeat=heartbeat,
        latest={point["key"]: metric(point) for point in data.get("metrics", [])},
        params=pairs(data.get("params", [])),
        tags=tags,
        inputs=tuple(dataset(one) for one in found.get("inputs", {}).get("dataset_inputs", [])),
        model_inputs=tuple(one["model_id"] for one in found.get("inputs", {}).get("model_inputs", [])),
        model_outputs=tuple(
            ModelOutput(one["model_id"], int(one.get("step", 0)))
            for one in found.get("outputs", {}).get("model_outputs", [])
        ),
    )


def metric(found: Json) -> MetricPoint:
    """A point of a metric; NaN and infinities come as text."""
    return MetricPoint(found["key"], float(found["value"]), int(found["timestamp"]), int(found.get("step", 0)))


def logged_model(found: Json) -> LoggedModel:
    """A logged model."""
    info, data = found["info"], found.get("data", {})
    return LoggedModel(
        model_id=info["model_id"],
        experiment_id=str(info["experiment_id"]),
        name=info.get("name", ""),
        model_type=info.get("model_type", ""),
        source_run_id=info.get("source_run_id", ""),
        status=next((ours for ours, word in MODEL_STATUSES.items() if word == info.get("status")), "PENDING"),
        lifecycle_stage="active",  # others are not shown
        artifact_uri=info.get("artifact_uri", ""),
        creation_time=int(info.get("creation_timestamp_ms", 0)),
        last_update_time=int(info.get("last_updated_timestamp_ms", 0)),
        params=pairs(data.get("params", [])),
        tags=pairs(info.get("tags", [])),
        metrics=tuple(
            ModelPoint(
                info["model_id"],
                metric(one),
                one.get("dataset_name", ""),
                one.get("dataset_digest", ""),
                one.get("run_id", ""),
            )
            for one in data.get("metrics", [])
        ),
    )


def version(found: Json) -> ModelVersion:
    """A version of a registered model; where its files lie is not in MLflow's JSON."""
    return ModelVersion(
        name=found["name"],
        version=int(found["version"]),
        stage=found.get("current_stage", "None"),
        description=found.get("description", ""),
        source=found.get("source", ""),
        storage=found.get("source", ""),
        run_id=found.get("run_id", ""),
        run_link=found.get("run_link", ""),
        model_id=found.get("model_id", ""),
        user_id=found.get("user_id", ""),
        creation_time=int(found.get("creation_timestamp", 0)),
        last_update_time=int(found.get("last_updated_timestamp", 0)),
        tags=pairs(found.get("tags", [])),
        aliases=tuple(found.get("aliases", [])),
    )


def dataset(found: Json) -> DatasetInput:
    """A data set that a run read."""
    one = found["dataset"]
    return DatasetInput(
        name=one["name"],
        digest=one["digest"],
        source_type=one.get("source_type", ""),
        source=one.get("source", ""),
        schema=one.get("schema"),
        profile=one.get("profile"),
        tags=pairs(found.get("tags", [])),
    )


def pairs(found: Iterable[Json]) -> dict[str, str]:
    """Tags or params, by key; an empty value may be left out on the wire."""
    return {one["key"]: one.get("value", "") for one in found}


def metrics_json(points: Sequence[MetricPoint]) -> list[Json]:
    """Points as MLflow takes them."""
    return [{"key": p.key, "value": number(p.value), "timestamp": p.timestamp, "step": p.step} for p in points]


def number(value: float) -> float | str:
    """A double; JSON has no NaN."""
    return value if value == value else "NaN"


def pairs_json(values: Mapping[str, object]) -> list[Json]:
    """Tags or params as MLflow takes them."""
    return [{"key": key, "value": value} for key, value in values.items()]


def datasets_json(datasets: Sequence[DatasetInput]) -> list[Json]:
    """Data sets as MLflow takes them."""
    return [
        {
            "dataset": {
                "name": one.name,
                "digest": one.digest,
                "source_type": one.source_type,
                "source": one.source,
                **({"schema": one.schema} if one.schema is not None else {}),
                **({"profile": one.profile} if one.profile is not None else {}),
            },
            "tags": pairs_json(one.tags),
        }
        for one in datasets
    ]
