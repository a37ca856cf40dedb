"""Searching experiments, with the grammar of runs and their own fields."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, and_, cast, exists, select, true

from attain.tracking.entities import Experiment, Page, View
from attain.tracking.search.compile import Condition, condition
from attain.tracking.search.fields import Words
from attain.tracking.search.order import Key, Order, read_order
from attain.tracking.search.parse import parse
from attain.tracking.search.syntax import Field
from attain.tracking.search.tokens import fail
from attain.tracking.sql.experiments import entities, viewed
from attain.tracking.sql.pager import paged
from attain.tracking.sql.tables import experiment_tags, experiments

WORDS = Words(
    thing="an experiment",
    example="name, tags.team or creation_time",
    entities={
        "tag": "tag",
        "tags": "tag",
        "attribute": "attribute",
        "attributes": "attribute",
        "attr": "attribute",
    },
    attributes={name: name for name in ("name", "experiment_id", "creation_time", "last_update_time")},
    numbers=frozenset({"creation_time", "last_update_time"}),
)
_COLUMNS: dict[str, ColumnElement[Any]] = {  # of text or of numbers
    "name": experiments.c.name,
    "experiment_id": cast(experiments.c.id, String),
    "creation_time": experiments.c.creation_time,
    "last_update_time": experiments.c.last_update_time,
}


def search(
    c: Connection, filter: str, order_by: Sequence[str], max_results: int, page_token: str | None, view: View
) -> Page[Experiment]:
    """Experiments that a filter lets through; the last made first (by primary key) unless told otherwise.

    Raises:
        Invalid: the filter, an order, the page size or the token cannot be read.
    """
    where = condition(parse(filter, WORDS), _where)
    query = select(experiments).where(viewed(experiments.c.lifecycle_stage, view), where)
    question = ["experiments", filter, list(order_by), view]
    rows, following = paged(c, query, _order(order_by), question, max_results, page_token)
    return Page(entities(c, rows), following)


def _where(field: Field, wanted: Condition | None) -> ColumnElement[bool]:
    if field.entity == "attribute":
        return wanted(_COLUMNS[field.key]) if wanted else true()
    tags = experiment_tags.c
    found = select(1).where(and_(tags.experiment == experiments.c.id, tags.key == field.key))
    return exists(found.where(wanted(tags.value)) if wanted else found)


def _order(texts: Sequence[str]) -> Order:
    wanted: dict[str, bool] = {}
    for text in texts:
        field, descending = read_order(text, WORDS)
        if field.entity != "attribute":
            fail(text, 0, f"experiments cannot be sorted by a tag; use one of {', '.join(_COLUMNS)}")
        wanted.setdefault(field.key, descending)
    wanted.setdefault("experiment_id", True)
    columns = _COLUMNS | {"experiment_id": experiments.c.id}  # sorted as a number
    keys = [Key(columns[name], down, str if name == "name" else int) for name, down in wanted.items()]
    return Order(tuple(keys), experiments)
