"""MLflow's endpoints for metrics: logged one at a time or many, and their histories."""

from typing import Any

from attain.server.rest import shown
from attain.server.rest.call import Call, Reply, Route, as_key, as_number, as_whole
from attain.server.rest.runs import once
from attain.tracking.entities import MetricPoint
from attain.tracking.errors import Invalid

HISTORY = 25_000


def log_metric(call: Call) -> Reply:
    """Log one point."""
    key = call.text("key")
    call.store.log_batch(call.run_id(), [_point("", key, call.values)])
    return {}


def log_batch(call: Call) -> Reply:
    """Log points, params and tags: all of them, or none."""
    points = [
        _point(f"metrics[{at}].", as_key("metrics", at, one), one) for at, one in enumerate(call.objects("metrics"))
    ]
    call.store.log_batch(call.run_id(), points, once(call.pairs("params")), dict(call.pairs("tags")))
    return {}


def history(call: Call) -> Reply:
    """Every point of one metric, a page at a time."""
    page = call.store.metric_history(
        call.run_id(), call.text("metric_key"), call.whole("max_results", HISTORY), call.optional("page_token") or None
    )
    return shown.paged("metrics", [shown.metric(point) for point in page.items], page)


def _point(where: str, key: str, given: Any) -> MetricPoint:  # a JSON object
    value, timestamp, step = given.get("value"), given.get("timestamp"), given.get("step")
    if value is None or timestamp is None:
        raise Invalid(f"Missing value for required parameter '{where}{'value' if value is None else 'timestamp'}'.")
    return MetricPoint(
        key,
        as_number(where + "value", value),
        as_whole(where + "timestamp", timestamp),
        0 if step is None else as_whole(where + "step", step),
    )


ROUTES = (
    Route("POST", "runs/log-metric", log_metric, writes=True),
    Route("POST", "runs/log-batch", log_batch, writes=True),
    Route("GET", "metrics/get-history", history, writes=False),
)
