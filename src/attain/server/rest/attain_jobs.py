"""What our own client needs and MLflow's protocol lacks: signs of life, claims of jobs, points of many runs at once."""

from typing import Any

from attain.server.rest.call import Call, Reply, Route, as_number, as_whole
from attain.tracking.entities import MetricPoint, View
from attain.tracking.errors import Invalid
from attain.tracking.rules import checked_process

PREFIX = "/api/attain/"
"""Where these routes lie."""


def create_run(call: Call) -> Reply:
    """Make a run with everything at once, under an id that the client chose."""
    made = call.store.create_run(
        call.text("experiment_id"),
        call.optional("run_name") or None,
        tags=_pairs(call, "tags"),
        params=_pairs(call, "params"),
        parent_run_id=call.optional("parent_run_id") or None,
        start_time=call.whole("start_time"),
        user_id=call.user or call.text("user_id", ""),
        attended=False,
        process=_process(call),
        run_id=call.text("run_id"),
    )
    return {"run_id": made.run_id, "experiment_id": made.experiment_id}


def add_points(call: Call) -> Reply:
    """Add points of many runs; each is kept once, however often it is sent."""
    runs = call.texts("run_ids")
    return {"unknown": sorted(call.store.add_points([_point(row, runs) for row in _rows(call)]))}


def heartbeat(call: Call) -> Reply:
    """Note that a process attends runs and lives."""
    call.store.heartbeat(call.texts("run_ids"), process=_process(call))
    return {}


def attended(call: Call) -> Reply:
    """Who attends runs, and when it was last heard of."""
    return {"runs": {run: list(sign) for run, sign in call.store.attended(call.texts("run_ids")).items()}}


def finished(call: Call) -> Reply:
    """Which jobs' keys have a finished run."""
    return {"runs": call.store.finished_runs(call.texts("keys"))}


def count(call: Call) -> Reply:
    """How many runs a search finds on all its pages."""
    view: Any = call.text("run_view_type", "ACTIVE_ONLY")  # checked by the store
    known: View = view
    return {"count": call.store.count_runs(call.texts("experiment_ids"), call.text("filter", ""), known)}


def take(call: Call) -> Reply:
    """Take a job's key for a run."""
    return {"granted": call.store.claim(call.text("key"), call.text("run_id"), process=_process(call))}


def release(call: Call) -> Reply:
    """Give a job's key up."""
    call.store.release(call.text("key"))
    return {}


def held(call: Call) -> Reply:
    """Which jobs' keys are held by a living process."""
    return {"runs": call.store.claimed(call.texts("keys"))}


def artifacts(call: Call) -> Reply:
    """Every file of a run at or under a path, with its size and hash."""
    found = call.store.artifacts_under(call.text("run_id"), call.text("path", ""))
    return {"files": [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in found]}


ROUTES = [
    Route("POST", "runs/create", create_run, writes=True),
    Route("POST", "points", add_points, writes=True),
    Route("POST", "heartbeat", heartbeat, writes=True),
    Route("POST", "runs/attended", attended, writes=False),
    Route("POST", "runs/finished", finished, writes=False),
    Route("POST", "runs/count", count, writes=False),
    Route("POST", "claims/take", take, writes=True),
    Route("POST", "claims/release", release, writes=True),
    Route("POST", "claims/held", held, writes=False),
    Route("POST", "artifacts", artifacts, writes=False),
]


def _process(call: Call) -> str | None:
    name = call.text("process", "")
    return checked_process(name) if name else None


def _pairs(call: Call, name: str) -> dict[str, object]:
    return {str(one.get("key", "")): one.get("value") for one in call.objects(name)}


def _rows(call: Call) -> list[list[Any]]:  # JSON
    rows = call.values.get("points")
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == 5 for row in rows):
        raise Invalid("'points' is expected to be a list of [place in run_ids, key, value, timestamp, step].")
    return rows


def _point(row: list[Any], runs: list[str]) -> tuple[str, MetricPoint]:  # JSON
    place, key, value, timestamp, step = row
    if type(place) is not int or not 0 <= place < len(runs):
        raise Invalid(f"A point belongs to run {place!r}; expected its place in run_ids, from 0.")
    point = MetricPoint(key, as_number("value", value), as_whole("timestamp", timestamp), as_whole("step", step))
    return runs[place], point
