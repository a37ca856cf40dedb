"""MLflow's endpoints for logged models, and for which of them a run used and made."""

import json
from typing import Any

from attain.server.rest import artifacts, shown, shown_models
from attain.server.rest.call import Call, Reply, Route, as_choice, as_whole
from attain.server.rest.runs import once
from attain.tracking.artifacts import list_artifacts
from attain.tracking.entities import ModelOutput
from attain.tracking.errors import Invalid
from attain.tracking.sql.logged_model_search import Dataset, OrderBy
from attain.tracking.wire import MODEL_STATUSES

PAGE = 100
HISTORY_TAG = "mlflow.log-model.history"
"""The tag of a run in which older clients find the models that it logged, as a JSON list."""


def create(call: Call) -> Reply:
    """Make a logged model whose files are still to come."""
    made = call.store.models.create(
        call.text("experiment_id"),
        call.optional("name") or None,
        model_type=call.text("model_type", ""),
        source_run_id=call.text("source_run_id", ""),
        params=once(call.pairs("params")),
        tags=dict(call.pairs("tags")),
    )
    return {"model": shown_models.logged_model(made)}


def get(call: Call) -> Reply:
    """One logged model."""
    found = call.store.models.get(call.text("model_id"), deleted=call.flag("allow_deleted"))
    return {"model": shown_models.logged_model(found)}


def finish(call: Call) -> Reply:
    """Say that the files are there, or will not be."""
    sent = as_choice("status", call.values.get("status"), tuple(MODEL_STATUSES.values()))
    status = {word: ours for ours, word in MODEL_STATUSES.items()}[sent]
    return {"model": shown_models.logged_model(call.store.models.finish(call.text("model_id"), status))}


def delete(call: Call) -> Reply:
    """Mark a logged model as deleted."""
    call.store.models.delete(call.text("model_id"))
    return {}


def add_params(call: Call) -> Reply:
    """Add params of a logged model."""
    call.store.models.add_params(call.text("model_id"), once(call.pairs("params")))
    return {}


def set_tags(call: Call) -> Reply:
    """Set tags of a logged model."""
    changed = call.store.models.set_tags(call.text("model_id"), dict(call.pairs("tags")))
    return {"model": shown_models.logged_model(changed)}


def delete_tag(call: Call) -> Reply:
    """Take a tag from a logged model."""
    call.store.models.delete_tag(call.text("model_id"), call.text("tag_key"))
    return {}


def search(call: Call) -> Reply:
    """Logged models that a filter lets through."""
    if not call.values.get("experiment_ids"):
        raise Invalid("Missing value for required parameter 'experiment_ids'.")
    page = call.store.models.search(
        call.texts("experiment_ids"),
        call.text("filter", ""),
        [_dataset(one) for one in call.objects("datasets")],
        [_order(one) for one in call.objects("order_by")],
        call.whole("max_results", PAGE) or PAGE,
        call.optional("page_token") or None,
    )
    return shown.paged("models", [shown_models.logged_model(one) for one in page.items], page)


def files(call: Call) -> Reply:
    """What lies directly in a folder of a logged model, by path."""
    model = call.store.models.get(call.text("model_id"))
    found = list_artifacts(call.store, model.model_id, call.text("artifact_directory_path", ""))
    return {"root_uri": model.artifact_uri, "files": [artifacts.shown(file, file.path) for file in found]}


def outputs(call: Call) -> Reply:
    """Say which logged models a run made."""
    made = [ModelOutput(_id(one), as_whole("models.step", one.get("step", 0))) for one in call.objects("models")]
    call.store.models.link(call.run_id(), outputs=made)
    return {}


def log_model(call: Call) -> Reply:
    """Note in a tag of a run that it logged a model, for clients that are older than logged models."""
    needed = {"artifact_path", "flavors", "utc_time_created", "run_id"}
    try:
        model = json.loads(call.text("model_json"))
    except (ValueError, RecursionError) as error:
        raise Invalid(f"The model_json is not JSON: {error}.") from None
    if not isinstance(model, dict) or (missing := sorted(needed - model.keys())):
        raise Invalid(f"The model_json lacks {', '.join(missing) if isinstance(model, dict) else 'its fields'}.")
    run = call.store.get_run(call.run_id())
    before = json.loads(run.tags.get(HISTORY_TAG, "[]"))
    call.store.log_batch(run.run_id, tags={HISTORY_TAG: json.dumps([*before, model])})
    return {}


def _dataset(one: Any) -> Dataset:  # a JSON object
    name, digest = one.get("dataset_name"), one.get("dataset_digest") or ""
    if not isinstance(name, str) or not name or not isinstance(digest, str):
        raise Invalid("Missing value for required parameter 'datasets.dataset_name'.")
    return Dataset(name, digest)


def _order(one: Any) -> OrderBy:  # a JSON object
    field, ascending = one.get("field_name"), one.get("ascending", True)
    if not isinstance(field, str) or not field:
        raise Invalid("Missing value for required parameter 'order_by.field_name'.")
    if not isinstance(ascending, bool):
        raise Invalid(f"Invalid value {ascending!r} for parameter 'order_by.ascending': expected true or false.")
    if one.get("dataset_digest") and not one.get("dataset_name"):
        raise Invalid("In order_by a dataset_digest needs its dataset_name.")
    return OrderBy(field, not ascending, _dataset(one) if one.get("dataset_name") else None)


def _id(one: Any) -> str:  # a JSON object
    model_id = one.get("model_id")
    if not isinstance(model_id, str) or not model_id:
        raise Invalid("Missing value for required parameter 'models.model_id'.")
    return model_id


ROUTES = (
    Route("POST", "logged-models", create, writes=True),
    Route("POST", "logged-models/search", search, writes=False),
    Route("GET", "logged-models/{model_id}", get, writes=False),
    Route("PATCH", "logged-models/{model_id}", finish, writes=True),
    Route("DELETE", "logged-models/{model_id}", delete, writes=True),
    Route("POST", "logged-models/{model_id}/params", add_params, writes=True),
    Route("PATCH", "logged-models/{model_id}/tags", set_tags, writes=True),
    Route("DELETE", "logged-models/{model_id}/tags/{tag_key}", delete_tag, writes=True),
    Route("GET", "logged-models/{model_id}/artifacts/directories", files, writes=False),
    Route("POST", "runs/outputs", outputs, writes=True),
    Route("POST", "runs/log-model", log_model, writes=True),
)
