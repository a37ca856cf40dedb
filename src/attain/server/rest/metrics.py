"""MLflow's endpoints for metrics: logged one at a time or many, and their histories."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attain.server.rest import written
from attain.server.rest.call import Call, Reply, Route, as_key, as_number, as_whole
from attain.server.rest.runs import once
from attain.tracking import pages
from attain.tracking.entities import MetricPoint
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.registry_entities import ModelPoint

MOST_RUNS = 100
MOST_IN_BULK = 25_000
MOST_THINNED = 2_500


def log_metric(call: Call) -> Reply:
    """Log one point."""
    given = _given([("", call.text("key"), call.values)])
    call.store.log_batch(call.run_id(), given.points, about_models=given.about_models)
    return {}


def log_batch(call: Call) -> Reply:
    """Log points, params and tags: all of them, or none."""
    given = _given(
        [(f"metrics[{at}].", as_key("metrics", at, one), one) for at, one in enumerate(call.objects("metrics"))]
    )
    params, tags = once(call.pairs("params")), dict(call.pairs("tags"))
    call.store.log_batch(call.run_id(), given.points, params, tags, about_models=given.about_models)
    return {}


def history(call: Call) -> Reply:
    """Points of one metric: a page of `max_results`, or all of them if it is not given; none of an unknown run."""
    try:
        return _history(call)
    except NotFound:
        return written.listed("metrics", [])


def _history(call: Call) -> Reply:
    run_id, key, token = call.run_id(), call.text("metric_key"), call.optional("page_token") or None
    if call.values.get("max_results") is not None:
        page = call.store.history_rows(run_id, key, call.whole("max_results"), token)
        return written.listed("metrics", written.history(key, page.items), page.next_token)
    page = call.store.history_rows(run_id, key, pages.MOST, token)
    points = written.history(key, page.items)
    while page.next_token:
        page = call.store.history_rows(run_id, key, pages.MOST, page.next_token)
        points += written.history(key, page.items)
    return written.listed("metrics", points)


def history_bulk(call: Call) -> Reply:
    """The points of one metric of several runs, one run after the other, at most 25,000 of all."""
    run_ids, key = _run_ids(call, "run_id"), call.text("metric_key")
    most = min(call.whole("max_results", MOST_IN_BULK), MOST_IN_BULK)
    points: list[str] = []
    for run_id in sorted(run_ids):
        if len(points) < most:
            points += written.points(call.store.metric_history(run_id, key, most - len(points)).items, run_id)
    return f'{{"metrics":[{",".join(points)}]}}'


def history_thinned(call: Call) -> Reply:
    """The points of one metric of several runs for drawing: at most `max_results` of each run."""
    run_ids, key, most = _run_ids(call, "run_ids"), call.text("metric_key"), call.whole("max_results", MOST_THINNED)
    if not 1 <= most <= MOST_THINNED:
        raise Invalid(f"max_results is {most}; expected from 1 to {MOST_THINNED}.")
    found = call.store.thinned_histories(list(dict.fromkeys(run_ids)), key, most, _steps(call))
    return written.listed("metrics", [text for run_id, some in found.items() for text in written.points(some, run_id)])


@dataclass(frozen=True)
class _Given:
    points: list[MetricPoint]
    about_models: list[ModelPoint]


def _given(objects: list[tuple[str, str, Mapping[str, Any]]]) -> _Given:
    """The points of JSON objects, each with where it stands and its key; those that name a logged model apart."""
    given = _Given([], [])
    for where, key, one in objects:
        point = _point(where, key, one)
        if not one.get("model_id"):
            given.points.append(point)
            continue
        about = [one.get(name) or "" for name in ("model_id", "dataset_name", "dataset_digest")]
        if not all(isinstance(text, str) for text in about):
            raise Invalid(f"Invalid value {about!r} for {where}model_id, dataset_name, dataset_digest: expected texts.")
        given.about_models.append(ModelPoint(about[0], point, about[1], about[2]))
    return given


def _point(where: str, key: str, given: Mapping[str, Any]) -> MetricPoint:  # JSON
    value, timestamp, step = given.get("value"), given.get("timestamp"), given.get("step")
    if value is None or timestamp is None:
        raise Invalid(f"Missing value for required parameter '{where}{'value' if value is None else 'timestamp'}'.")
    return MetricPoint(
        key,
        as_number(where + "value", value),
        as_whole(where + "timestamp", timestamp),
        0 if step is None else as_whole(where + "step", step),
    )


def _run_ids(call: Call, name: str) -> list[str]:
    found = call.texts(name)
    if not 1 <= len(found) <= MOST_RUNS:
        raise Invalid(f"The request names {len(found)} runs in '{name}'; expected from 1 to {MOST_RUNS}.")
    return found


def _steps(call: Call) -> tuple[int, int] | None:
    missing = [name for name in ("start_step", "end_step") if call.values.get(name) is None]
    if len(missing) == 2:
        return None
    if missing:
        raise Invalid(f"{missing[0]} is missing; start_step and end_step go together.")
    start, end = call.whole("start_step"), call.whole("end_step")
    if start > end:
        raise Invalid(f"start_step is {start} and end_step {end}; expected the end not to come before the start.")
    return start, end


ROUTES = (
    Route("POST", "runs/log-metric", log_metric, writes=True),
    Route("POST", "runs/log-batch", log_batch, writes=True),
    Route("GET", "metrics/get-history", history, writes=False),
    Route("GET", "metrics/get-history-bulk", history_bulk, writes=False),
    Route("GET", "metrics/get-history-bulk-interval", history_thinned, writes=False),
)
