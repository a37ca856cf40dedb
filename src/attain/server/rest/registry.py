"""MLflow's endpoints for the model registry: registered models, versions, tags, stages, aliases."""

from attain.server.rest import shown, shown_models
from attain.server.rest.call import Call, Reply, Route
from attain.tracking.errors import Invalid
from attain.tracking.pages import MOST

MODELS, MOST_MODELS, VERSIONS = 100, 1_000, 10_000


def create_model(call: Call) -> Reply:
    """Make a registered model."""
    made = call.store.registry.create_model(call.text("name"), call.text("description", ""), dict(call.pairs("tags")))
    return {"registered_model": shown_models.registered_model(made)}


def get_model(call: Call) -> Reply:
    """One registered model."""
    return {"registered_model": shown_models.registered_model(call.store.registry.model(call.text("name")))}


def rename_model(call: Call) -> Reply:
    """Give a registered model another name."""
    renamed = call.store.registry.rename_model(call.text("name"), call.text("new_name"))
    return {"registered_model": shown_models.registered_model(renamed)}


def update_model(call: Call) -> Reply:
    """Change the description of a registered model."""
    changed = call.store.registry.describe_model(call.text("name"), call.text("description", ""))
    return {"registered_model": shown_models.registered_model(changed)}


def delete_model(call: Call) -> Reply:
    """Delete a registered model with all its versions."""
    call.store.registry.delete_model(call.text("name"))
    return {}


def search_models(call: Call) -> Reply:
    """Registered models that a filter lets through."""
    size = call.whole("max_results", MODELS)
    if size > MOST_MODELS:
        raise Invalid(f"max_results is {size}; at most {MOST_MODELS} registered models fit on a page.")
    page = call.store.registry.search_models(
        call.text("filter", ""), call.texts("order_by"), size, call.optional("page_token") or None
    )
    return shown.paged("registered_models", [shown_models.registered_model(one) for one in page.items], page)


def latest_versions(call: Call) -> Reply:
    """The last version in each stage."""
    found = call.store.registry.latest_versions(call.text("name"), call.texts("stages"))
    return {"model_versions": [shown_models.version(one) for one in found]} if found else {}


def set_model_tag(call: Call) -> Reply:
    """Set a tag of a registered model."""
    call.store.registry.set_model_tag(call.text("name"), call.text("key"), call.text("value", ""))
    return {}


def delete_model_tag(call: Call) -> Reply:
    """Take a tag from a registered model."""
    call.store.registry.delete_model_tag(call.text("name"), call.text("key"))
    return {}


def set_alias(call: Call) -> Reply:
    """Let an alias name a version."""
    call.store.registry.set_alias(call.text("name"), call.text("alias"), _version(call), _by(call))
    return {}


def delete_alias(call: Call) -> Reply:
    """Take an alias away."""
    call.store.registry.delete_alias(call.text("name"), call.text("alias"), _by(call))
    return {}


def get_by_alias(call: Call) -> Reply:
    """The version that an alias names."""
    found = call.store.registry.version_by_alias(call.text("name"), call.text("alias"))
    return {"model_version": shown_models.version(found)}


def create_version(call: Call) -> Reply:
    """Add a version to a registered model."""
    made = call.store.registry.create_version(
        call.text("name"),
        call.text("source"),
        call.text("run_id", ""),
        model_id=call.text("model_id", ""),
        run_link=call.text("run_link", ""),
        description=call.text("description", ""),
        tags=dict(call.pairs("tags")),
        user_id=call.user,
    )
    return {"model_version": shown_models.version(made)}


def get_version(call: Call) -> Reply:
    """One version."""
    found = call.store.registry.version(call.text("name"), _version(call))
    return {"model_version": shown_models.version(found)}


def update_version(call: Call) -> Reply:
    """Change the description of a version."""
    changed = call.store.registry.describe_version(call.text("name"), _version(call), call.text("description", ""))
    return {"model_version": shown_models.version(changed)}


def move_version(call: Call) -> Reply:
    """Put a version into a stage."""
    moved = call.store.registry.move_version(
        call.text("name"), _version(call), call.text("stage"), archive_others=call.flag("archive_existing_versions")
    )
    return {"model_version": shown_models.version(moved)}


def delete_version(call: Call) -> Reply:
    """Delete a version."""
    call.store.registry.delete_version(call.text("name"), _version(call))
    return {}


def search_versions(call: Call) -> Reply:
    """Versions that a filter lets through."""
    page = call.store.registry.search_versions(
        call.text("filter", ""),
        call.texts("order_by"),
        min(call.whole("max_results", VERSIONS), MOST),
        call.optional("page_token") or None,
    )
    return shown.paged("model_versions", [shown_models.version(one) for one in page.items], page)


def download_uri(call: Call) -> Reply:
    """Where the files of a version lie."""
    return {"artifact_uri": call.store.registry.version(call.text("name"), _version(call)).storage}


def set_version_tag(call: Call) -> Reply:
    """Set a tag of a version."""
    call.store.registry.set_version_tag(call.text("name"), _version(call), call.text("key"), call.text("value", ""))
    return {}


def delete_version_tag(call: Call) -> Reply:
    """Take a tag from a version."""
    call.store.registry.delete_version_tag(call.text("name"), _version(call), call.text("key"))
    return {}


def _by(call: Call) -> str:
    """Who the ledger says moved an alias."""
    return f"{call.user or 'somebody'} (REST)"


def _version(call: Call) -> str:
    """The number of a version, sent as text or as a number."""
    value = call.values.get("version")
    if value is None or value == "":
        raise Invalid("Missing value for required parameter 'version'.")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Invalid(f"Invalid value {value!r} for parameter 'version': expected a whole number.")
    return str(value)


ROUTES = (
    Route("POST", "registered-models/create", create_model, writes=True),
    Route("GET", "registered-models/get", get_model, writes=False),
    Route("POST", "registered-models/rename", rename_model, writes=True),
    Route("PATCH", "registered-models/update", update_model, writes=True),
    Route("DELETE", "registered-models/delete", delete_model, writes=True),
    Route("GET", "registered-models/search", search_models, writes=False),
    Route("POST", "registered-models/get-latest-versions", latest_versions, writes=False),
    Route("GET", "registered-models/get-latest-versions", latest_versions, writes=False),
    Route("POST", "registered-models/set-tag", set_model_tag, writes=True),
    Route("DELETE", "registered-models/delete-tag", delete_model_tag, writes=True),
    Route("POST", "registered-models/alias", set_alias, writes=True),
    Route("DELETE", "registered-models/alias", delete_alias, writes=True),
    Route("GET", "registered-models/alias", get_by_alias, writes=False),
    Route("POST", "model-versions/create", create_version, writes=True),
    Route("GET", "model-versions/get", get_version, writes=False),
    Route("PATCH", "model-versions/update", update_version, writes=True),
    Route("POST", "model-versions/transition-stage", move_version, writes=True),
    Route("DELETE", "model-versions/delete", delete_version, writes=True),
    Route("GET", "model-versions/search", search_versions, writes=False),
    Route("GET", "model-versions/get-download-uri", download_uri, writes=False),
    Route("POST", "model-versions/set-tag", set_version_tag, writes=True),
    Route("DELETE", "model-versions/delete-tag", delete_version_tag, writes=True),
)
