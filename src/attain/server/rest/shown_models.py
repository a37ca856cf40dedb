"""Logged models and registered models as MLflow's JSON."""

from attain.server.rest.shown import Shown, metric, pairs
from attain.tracking.registry_entities import LoggedModel, ModelPoint, ModelVersion, RegisteredModel
from attain.tracking.wire import MODEL_STATUSES


def logged_model(one: LoggedModel) -> Shown:
    """A logged model with its data; what is empty is left out."""
    info = {
        "model_id": one.model_id,
        "experiment_id": one.experiment_id,
        "name": one.name,
        "creation_timestamp_ms": one.creation_time,
        "last_updated_timestamp_ms": one.last_update_time,
        "artifact_uri": one.artifact_uri,
        "status": MODEL_STATUSES[one.status],
        "model_type": one.model_type,
        "source_run_id": one.source_run_id,
        "tags": pairs(one.tags),
        "registrations": [{"name": name, "version": str(version)} for name, version in one.registered],
    }
    data = {"params": pairs(one.params), "metrics": [model_metric(point) for point in one.metrics]}
    return {"info": _full(info), "data": _full(data)}


def model_metric(one: ModelPoint) -> Shown:
    """A point that is about a logged model."""
    about = {"model_id": one.model_id, "run_id": one.run_id}
    data = {"dataset_name": one.dataset_name, "dataset_digest": one.dataset_digest}
    return metric(one.point) | about | _full(data)


def version(one: ModelVersion) -> Shown:
    """A version of a registered model."""
    optional = {
        "description": one.description,
        "user_id": one.user_id,
        "run_id": one.run_id,
        "run_link": one.run_link,
        "model_id": one.model_id,
        "tags": pairs(one.tags),
        "aliases": list(one.aliases),
    }
    return {
        "name": one.name,
        "version": str(one.version),
        "creation_timestamp": one.creation_time,
        "last_updated_timestamp": one.last_update_time,
        "current_stage": one.stage,
        "source": one.source,
        "status": "READY",
    } | _full(optional)


def registered_model(one: RegisteredModel) -> Shown:
    """A registered model with its latest versions."""
    optional = {
        "description": one.description,
        "latest_versions": [version(each) for each in one.latest_versions],
        "tags": pairs(one.tags),
        "aliases": [{"alias": alias, "version": str(number)} for alias, number in one.aliases.items()],
    }
    return {
        "name": one.name,
        "creation_timestamp": one.creation_time,
        "last_updated_timestamp": one.last_update_time,
    } | _full(optional)


def _full(fields: Shown) -> Shown:
    """The fields that are not empty."""
    return {name: value for name, value in fields.items() if value not in ("", [])}
