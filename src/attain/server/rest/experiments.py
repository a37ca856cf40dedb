"""MLflow's endpoints for experiments."""

from attain.server.rest import shown
from attain.server.rest.call import Call, Reply, Route
from attain.tracking.errors import NotFound

PAGE = 1_000


def create(call: Call) -> Reply:
    """Make an experiment."""
    tags = dict(call.pairs("tags"))
    made = call.store.create_experiment(call.text("name"), call.optional("artifact_location") or None, tags)
    return {"experiment_id": made}


def get(call: Call) -> Reply:
    """One experiment by its id."""
    return {"experiment": shown.experiment(call.store.experiment(call.text("experiment_id")))}


def get_by_name(call: Call) -> Reply:
    """One experiment by its name."""
    name = call.text("experiment_name")
    found = call.store.experiment_named(name)
    if found is None:
        raise NotFound(f"There is no experiment with the name {name!r}.")
    return {"experiment": shown.experiment(found)}


def search(call: Call) -> Reply:
    """Experiments that a filter lets through."""
    page = call.store.search_experiments(
        call.text("filter", ""),
        call.texts("order_by"),
        call.whole("max_results", PAGE),
        call.optional("page_token") or None,
        call.view("view_type"),
    )
    return shown.paged("experiments", [shown.experiment(one) for one in page.items], page)


def update(call: Call) -> Reply:
    """Give an experiment another name."""
    call.store.rename_experiment(call.text("experiment_id"), call.text("new_name"))
    return {}


def delete(call: Call) -> Reply:
    """Mark an experiment as deleted."""
    call.store.delete_experiment(call.text("experiment_id"))
    return {}


def restore(call: Call) -> Reply:
    """Bring a deleted experiment back."""
    call.store.restore_experiment(call.text("experiment_id"))
    return {}


def set_tag(call: Call) -> Reply:
    """Set a tag of an experiment."""
    call.store.set_experiment_tags(call.text("experiment_id"), {call.text("key"): call.text("value", "")})
    return {}


def delete_tag(call: Call) -> Reply:
    """Take a tag from an experiment."""
    call.store.delete_experiment_tag(call.text("experiment_id"), call.text("key"))
    return {}


ROUTES = (
    Route("POST", "experiments/create", create, writes=True),
    Route("GET", "experiments/get", get, writes=False),
    Route("GET", "experiments/get-by-name", get_by_name, writes=False),
    Route("POST", "experiments/search", search, writes=False),
    Route("GET", "experiments/search", search, writes=False),
    Route("POST", "experiments/update", update, writes=True),
    Route("POST", "experiments/delete", delete, writes=True),
    Route("POST", "experiments/restore", restore, writes=True),
    Route("POST", "experiments/set-experiment-tag", set_tag, writes=True),
    Route("POST", "experiments/delete-experiment-tag", delete_tag, writes=True),
)
