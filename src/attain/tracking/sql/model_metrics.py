"""Metric points that are about a logged model, and perhaps a data set; each is also a point of its run."""

import math
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, select

from attain.tracking.entities import MetricPoint
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.registry_entities import ModelPoint
from attain.tracking.rules import checked_point, checked_text
from attain.tracking.sql import metrics as series
from attain.tracking.sql import tables as t
from attain.tracking.sql.dialect import insert_new

MOST = 100
"""How many points of one metric and data set a logged model is shown with: the last."""

Dataset = tuple[str, str]
"""Name and digest; both empty where a point is about no data set."""


def add(c: Connection, run: int, points: Sequence[ModelPoint]) -> None:
    """Add points of a run, and link each with its logged model; one that is there already is left as it is.

    Raises:
        NotFound: there is no such logged model.
    """
    if not points:
        return
    checked = [(one, checked_point(one.point)) for one in points]
    series.add(c, [(run, point) for _, point in checked])
    models = _models(c, {one.model_id for one in points})
    datasets = _datasets(c, {(one.dataset_name, one.dataset_digest) for one in points})
    keys = series.numbers(c, {point.key for _, point in checked})
    rows = [
        {
            **series.row(run, keys[point.key], point),
            "model": models[one.model_id],
            "dataset": datasets[one.dataset_name, one.dataset_digest],
        }
        for one, point in checked
    ]
    insert_new(c, t.logged_model_metrics, rows)


def count(c: Connection, model: int) -> int:
    """How many points are about a logged model."""
    return c.execute(select(func.count()).where(t.logged_model_metrics.c.model == model)).scalar_one()


def of_models(c: Connection, models: Sequence[int]) -> dict[int, tuple[ModelPoint, ...]]:
    """The last points of each metric and data set of logged models, by metric, data set, timestamp and step."""
    m = t.logged_model_metrics.c
    last = func.row_number().over(
        partition_by=(m.model, m.key, m.dataset), order_by=(m.timestamp.desc(), m.step.desc(), m.value.desc())
    )
    ranked = select(t.logged_model_metrics, last.label("rank")).where(m.model.in_(models)).subquery()
    r, keys, data = ranked.c, t.metric_keys.c, t.metric_datasets.c
    query = (
        select(ranked, keys.key.label("name"), data.name.label("dataset_name"), data.digest)
        .add_columns(t.logged_models.c.model_id, t.runs.c.run_id)
        .join(t.metric_keys, keys.id == r.key)
        .join(t.metric_datasets, data.id == r.dataset)
        .join(t.logged_models, t.logged_models.c.id == r.model)
        .join(t.runs, t.runs.c.id == r.run)
        .where(r.rank <= MOST)
        .order_by(r.model, keys.key, data.name, data.digest, r.timestamp, r.step, r.value)
    )
    found: dict[int, list[ModelPoint]] = {}
    for row in c.execute(query):
        point = MetricPoint(row.name, math.nan if row.is_nan else row.value, row.timestamp, row.step)
        one = ModelPoint(row.model_id, point, row.dataset_name, row.digest, row.run_id)
        found.setdefault(row.model, []).append(one)
    return {model: tuple(points) for model, points in found.items()}


def _models(c: Connection, model_ids: set[str]) -> dict[str, int]:
    models = t.logged_models.c
    found = dict(c.execute(select(models.model_id, models.id).where(models.model_id.in_(sorted(model_ids)))).all())
    if missing := sorted(model_ids - found.keys()):
        raise NotFound(f"There is no logged model with id {missing[0]!r}.")
    return found


def _datasets(c: Connection, wanted: Iterable[Dataset]) -> dict[Dataset, int]:
    """The keys of data sets, made where they are new."""
    named = [
        {"name": _text("name", name, 500), "digest": _text("digest", digest, 250)} for name, digest in sorted(wanted)
    ]
    insert_new(c, t.metric_datasets, named)
    data = t.metric_datasets.c
    query = select(data.name, data.digest, data.id).where(data.name.in_([one["name"] for one in named]))
    return {(name, digest): number for name, digest, number in c.execute(query)}


def _text(what: str, text: str, most: int) -> str:
    if len(checked_text(f"The {what} of a metric's data set", text)) > most:
        raise Invalid(f"The {what} of a metric's data set has {len(text)} characters; at most {most} fit.")
    return text
