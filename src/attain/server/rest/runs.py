"""MLflow's endpoints for runs."""

from collections.abc import Iterable

from attain.server.rest import written
from attain.server.rest.call import STATUSES, Call, Reply, Route, as_choice
from attain.tracking.errors import Invalid

PAGE = 1_000
DEFAULT_EXPERIMENT = "0"


def create(call: Call) -> Reply:
    """Start a run."""
    made = call.store.create_run(
        call.text("experiment_id", "") or DEFAULT_EXPERIMENT,
        call.optional("run_name") or None,
        tags=dict(call.pairs("tags")),
        start_time=call.whole("start_time") if call.values.get("start_time") is not None else None,
        user_id=call.user or call.text("user_id", ""),
        attended=False,
    )
    return f'{{"run":{written.run(made)}}}'


def get(call: Call) -> Reply:
    """One run with its data."""
    return f'{{"run":{written.run(call.store.get_run(call.run_id()))}}}'


def update(call: Call) -> Reply:
    """Change a run's state or name."""
    run_id, status = call.run_id(), call.values.get("status")
    call.store.update_run(
        run_id,
        as_choice("status", status, STATUSES) if status is not None else None,
        call.whole("end_time") if call.values.get("end_time") is not None else None,
        call.optional("run_name"),
    )
    return f'{{"run_info":{written.info(call.store.bare_run(run_id))}}}'


def delete(call: Call) -> Reply:
    """Mark a run as deleted."""
    call.store.delete_run(call.run_id())
    return {}


def restore(call: Call) -> Reply:
    """Bring a deleted run back."""
    call.store.restore_run(call.run_id())
    return {}


def search(call: Call) -> Reply:
    """Runs that a filter lets through."""
    page = call.store.search_rows(
        call.texts("experiment_ids"),
        call.text("filter", ""),
        call.texts("order_by"),
        call.whole("max_results", PAGE),
        call.optional("page_token") or None,
        call.view("run_view_type"),
    )
    return written.listed("runs", [run for some in page.items for run in written.runs(some)], page.next_token)


def log_parameter(call: Call) -> Reply:
    """Log one param."""
    call.store.log_batch(call.run_id(), params={call.text("key"): call.text("value", "")})
    return {}


def set_tag(call: Call) -> Reply:
    """Set one tag."""
    call.store.log_batch(call.run_id(), tags={call.text("key"): call.text("value", "")})
    return {}


def delete_tag(call: Call) -> Reply:
    """Take a tag from a run."""
    call.store.delete_tag(call.run_id(), call.text("key"))
    return {}


def once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Params by key; none may be given twice."""
    found: dict[str, str] = {}
    for key, value in pairs:
        if key in found:
            raise Invalid(f"Param {key!r} is in the batch twice; params are logged once.")
        found[key] = value
    return found


ROUTES = (
    Route("POST", "runs/create", create, writes=True),
    Route("GET", "runs/get", get, writes=False),
    Route("POST", "runs/update", update, writes=True),
    Route("POST", "runs/delete", delete, writes=True),
    Route("POST", "runs/restore", restore, writes=True),
    Route("POST", "runs/search", search, writes=False),
    Route("POST", "runs/log-parameter", log_parameter, writes=True),
    Route("POST", "runs/set-tag", set_tag, writes=True),
    Route("POST", "runs/delete-tag", delete_tag, writes=True),
)
