"""Searching logged models, with the grammar of runs and their own fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, not_, or_, select, true

from attain.tracking.entities import Page
from attain.tracking.errors import Invalid
from attain.tracking.registry_entities import LoggedModel
from attain.tracking.search.compile import Condition, Where, condition
from attain.tracking.search.fields import Words
from attain.tracking.search.order import Key, Order, read_order
from attain.tracking.search.parse import parse
from attain.tracking.search.syntax import Field, fields
from attain.tracking.sql import tables as t
from attain.tracking.sql.experiments import number_of
from attain.tracking.sql.logged_models import entities
from attain.tracking.sql.pager import paged

Column = ColumnElement[Any]  # of text or of numbers

WORDS = Words(
    thing="a logged model",
    example="name, status, metrics.auc, params.model or tags.team",
    entities={
        "metric": "metric",
        "metrics": "metric",
        "param": "param",
        "params": "param",
        "tag": "tag",
        "tags": "tag",
        "attribute": "attribute",
        "attributes": "attribute",
    },
    attributes={name: name for name in ("name", "model_id", "model_type", "status", "source_run_id")}
    | {
        "creation_timestamp": "creation_timestamp",
        "creation_time": "creation_timestamp",
        "creation_timestamp_ms": "creation_timestamp",
        "last_updated_timestamp": "last_updated_timestamp",
        "last_updated_time": "last_updated_timestamp",
        "last_updated_timestamp_ms": "last_updated_timestamp",
    },
    numbers=frozenset({"creation_timestamp", "last_updated_timestamp"}),
    bare_text=True,
)
_COLUMNS: Mapping[str, Column] = {
    "name": t.logged_models.c.name,
    "model_id": t.logged_models.c.model_id,
    "model_type": t.logged_models.c.model_type,
    "status": t.logged_models.c.status,
    "source_run_id": t.logged_models.c.source_run_id,
    "creation_timestamp": t.logged_models.c.creation_time,
    "last_updated_timestamp": t.logged_models.c.last_update_time,
}


@dataclass(frozen=True)
class Dataset:
    """Which data set metrics are about; any digest if none is given."""

    name: str
    digest: str = ""


@dataclass(frozen=True)
class OrderBy:
    """A field (`metrics.auc`, `name`, …) to sort by; a metric perhaps only as it is on one data set."""

    field: str
    descending: bool = False
    dataset: Dataset | None = None


def search(
    c: Connection,
    experiment_ids: Sequence[str],
    filter: str,
    datasets: Sequence[Dataset],
    order_by: Sequence[OrderBy],
    max_results: int,
    page_token: str | None,
) -> Page[LoggedModel]:
    """Logged models of some experiments that a filter lets through, the last made first (`ix_logged_models_listed`).

    Args:
        c: an open transaction.
        experiment_ids: where to look.
        filter: a metric is as wanted if any point of it is.
        datasets: only metrics on these count; without a metric in the filter, models with any metric on one are meant.
        order_by: metrics go by their last value.
        max_results: the most models on the page.
        page_token: of the page before.

    Raises:
        Invalid: the filter, an order, the page size or the token cannot be read.
    """
    m, asked = t.logged_models.c, parse(filter, WORDS)
    here = m.experiment.in_(sorted({number_of(one) for one in experiment_ids}))
    query = select(t.logged_models).where(here, m.lifecycle_stage == "active", condition(asked, _where(datasets)))
    if datasets and not any(field.entity == "metric" for field in fields(asked)):
        query = query.where(exists(_points(None, datasets)))
    question = ["logged models", sorted(set(experiment_ids)), filter, repr(list(datasets)), repr(list(order_by))]
    rows, following = paged(c, query, _order(order_by), question, max_results, page_token)
    return Page(entities(c, rows), following)


def _where(datasets: Sequence[Dataset]) -> Where:
    def where(field: Field, wanted: Condition | None) -> ColumnElement[bool]:
        if field.entity == "attribute":
            there = true() if WORDS.is_number(field) else _COLUMNS[field.key] != ""
            return and_(there, wanted(_COLUMNS[field.key])) if wanted else there
        if field.entity == "metric":
            points, m = _points(field.key, datasets), t.logged_model_metrics.c
            return exists(points.where(not_(m.is_nan), wanted(m.value)) if wanted else points)
        table = t.logged_model_params if field.entity == "param" else t.logged_model_tags
        found = select(1).where(table.c.model == t.logged_models.c.id, table.c.key == field.key)
        return exists(found.where(wanted(table.c.value)) if wanted else found)

    return where


def _points(key: str | None, datasets: Sequence[Dataset]) -> Select[Any]:
    """Points of the logged model: of one metric, on one of these data sets, if any are given."""
    m, d = t.logged_model_metrics.c, t.metric_datasets.c
    query = select(1).select_from(t.logged_model_metrics).where(m.model == t.logged_models.c.id)
    if key is not None:
        query = query.where(m.key == select(t.metric_keys.c.id).where(t.metric_keys.c.key == key).scalar_subquery())
    if datasets:
        meant = [and_(d.name == one.name, d.digest == one.digest if one.digest else true()) for one in datasets]
        query = query.where(m.dataset.in_(select(d.id).where(or_(*meant))))
    return query


def _order(order_by: Sequence[OrderBy]) -> Order:
    """What is left equal goes by creation (the last first), then by id. A field twice counts once."""
    keys: list[Key] = []
    seen = set()
    for one in order_by:
        field, _ = read_order(one.field, WORDS)
        if (field, one.dataset) in seen:
            continue
        seen.add((field, one.dataset))
        if field.entity == "attribute":
            kind = int if WORDS.is_number(field) else str
            keys.append(Key(_COLUMNS[field.key], one.descending, kind))
        elif field.entity == "metric":
            keys += _last(field.key, one)
        else:
            raise Invalid(f"Logged models cannot be sorted by {one.field!r}; use metrics.NAME or an attribute.")
    models = t.logged_models.c
    ends = (Key(models.creation_time, descending=True, type=int), Key(models.model_id, descending=False, type=str))
    return Order((*keys, *ends), t.logged_models)


def _last(key: str, order: OrderBy) -> list[Key]:
    """First whether the last point is a number, a NaN or missing; then its value."""
    m = t.logged_model_metrics.c
    points = _points(key, [order.dataset] if order.dataset else [])
    last = points.order_by(m.timestamp.desc(), m.step.desc(), m.is_nan.desc(), m.value.desc()).limit(1)
    value = last.with_only_columns(m.value).scalar_subquery()
    is_nan = last.with_only_columns(case((m.is_nan, 1), else_=0)).scalar_subquery()
    return [
        Key(func.coalesce(is_nan, 2), descending=False, type=int),
        Key(func.coalesce(value, 0.0), order.descending, float),
    ]
