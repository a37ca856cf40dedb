"""Metric points: every one kept once, and the latest of each metric kept beside."""

import math
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, select, tuple_

from attain.tracking.entities import MetricPoint, Page
from attain.tracking.pages import after, checked_size, token
from attain.tracking.rules import checked_point
from attain.tracking.sql.dialect import Row, insert_new, upsert
from attain.tracking.sql.rows import plain
from attain.tracking.sql.tables import latest_metrics, metric_keys, metrics

PointRow = tuple[int, int, bool, float]
"""A point of a metric: timestamp, step, whether it is NaN, else its value."""

_MANY = 10_000
_RANK = ("step", "timestamp", "is_nan", "value")


def add(c: Connection, given: Iterable[tuple[int, MetricPoint]]) -> None:
    """Add points of runs (by their keys); a point that is there already is left as it is.

    The latest point of a metric is the greatest by (step, timestamp, value), NaN being greater than any number.
    """
    checked = [(run, checked_point(point)) for run, point in given]
    if not checked:
        return
    number = numbers(c, {point.key for _, point in checked})
    rows = [row(run, number[point.key], point) for run, point in checked]
    latest: dict[tuple[int, int], Row] = {}
    for one in rows:
        at = (one["run"], one["key"])
        if at not in latest or _rank(one) > _rank(latest[at]):
            latest[at] = one
    insert_new(c, metrics, rows)
    upsert(c, latest_metrics, list(latest.values()), when_greater=_RANK)


def history(c: Connection, run: int, key: str, max_results: int, page_token: str | None) -> Page[PointRow]:
    """Points of one metric by timestamp, then step, then value (along the primary key); NaN after numbers."""
    size, question = checked_size(max_results), ["history", run, key]
    order = (metrics.c.timestamp, metrics.c.step, metrics.c.is_nan, metrics.c.value)
    number = select(metric_keys.c.id).where(metric_keys.c.key == key).scalar_subquery()
    query = select(*order).where(metrics.c.run == run, metrics.c.key == number)
    if page_token:
        query = query.where(tuple_(*order) > tuple_(*after(question, page_token, [int, int, bool, float])))
    rows: list[PointRow] = plain(c, query.order_by(*order).limit(size + 1))
    if len(rows) <= size:
        return Page(rows)
    time, step, nan, value = rows[size - 1]
    return Page(rows[:size], token(question, [time, step, bool(nan), value]))


def points(key: str, rows: Sequence[PointRow]) -> list[MetricPoint]:
    """Points of a metric from its rows."""
    return [MetricPoint(key, math.nan if nan else value, time, step) for time, step, nan, value in rows]


def count(c: Connection, run: int) -> int:
    """How many points a run has (along the primary key)."""
    return c.execute(select(func.count()).select_from(metrics).where(metrics.c.run == run)).scalar_one()


def numbers(c: Connection, keys: set[str]) -> dict[str, int]:
    """The keys of metric names, made where they are new."""
    known = _known(c, keys)
    if missing := sorted(keys - known.keys()):
        insert_new(c, metric_keys, [{"key": key} for key in missing])
        known |= _known(c, set(missing))
    return known


def _known(c: Connection, keys: set[str]) -> dict[str, int]:
    ordered = sorted(keys)
    found: dict[str, int] = {}
    for start in range(0, len(ordered), _MANY):
        some = ordered[start : start + _MANY]
        rows = c.execute(select(metric_keys.c.key, metric_keys.c.id).where(metric_keys.c.key.in_(some)))
        found |= dict(rows.all())
    return found


def row(run: int, key: int, point: MetricPoint) -> Row:
    """A checked point of a run as `metrics` keeps it; `run` and `key` are the keys of the run and the name."""
    is_nan = math.isnan(point.value)
    value = 0.0 if is_nan else point.value
    return {
        "run": run,
        "key": key,
        "timestamp": point.timestamp,
        "step": point.step,
        "is_nan": is_nan,
        "value": value,
    }


def _rank(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in _RANK)
