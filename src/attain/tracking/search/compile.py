"""A filter as one SQL condition on a row of `runs`, or of another table whose fields are given."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, not_, or_, select, true

from attain.tracking.entities import CONTEXT_TAG
from attain.tracking.search.operators import OPERATORS, one_of
from attain.tracking.search.syntax import And, Compare, Field, Filter, In, Missing, Not, Or
from attain.tracking.sql import tables as t

Condition = Callable[[ColumnElement[Any]], ColumnElement[bool]]  # of a column of text or of numbers
Where = Callable[[Field, Condition | None], ColumnElement[bool]]
"""Whether a row has the field and (if asked) its value is as wanted; never NULL."""

Known = ColumnElement[Any]

ATTRIBUTE_COLUMNS = {
    "run_id": t.runs.c.run_id,
    "run_name": t.runs.c.name,
    "status": t.runs.c.status,
    "artifact_uri": t.runs.c.artifact_uri,
    "user_id": t.runs.c.user_id,
    "start_time": t.runs.c.start_time,
    "end_time": t.runs.c.end_time,
}


def of_run(field: Field, wanted: Condition | None) -> ColumnElement[bool]:
    """Whether a row of `runs` has the field and (if asked) its value is as wanted; along primary keys."""
    if field.entity == "attribute":
        column = ATTRIBUTE_COLUMNS[field.key]
        return and_(column.is_not(None), wanted(column)) if wanted else column.is_not(None)
    if field.entity == "dataset":
        return _dataset(field.key, wanted)
    if field.entity == "metric":
        return _metric(field.key, wanted)
    table = t.params if field.entity == "param" else t.tags
    found = select(1).where(table.c.run == t.runs.c.id, table.c.key == field.key)
    return exists(found.where(wanted(table.c.value)) if wanted else found)


def condition(part: Filter, where: Where = of_run) -> ColumnElement[bool]:
    """The SQL of a filter; it is never NULL, so that NOT turns it round.

    Args:
        part: the filter.
        where: how a field is asked for, of what is searched.
    """
    match part:
        case Compare(field, operator, value):
            return where(field, lambda column: OPERATORS[operator].sql(column, value))
        case In(field, values):
            return where(field, lambda column: one_of(column, values))
        case Missing(field):
            return not_(where(field, None))
        case Not(inner):
            return not_(condition(inner, where))
        case And(parts):
            return and_(true(), *(condition(p, where) for p in parts))
        case Or(parts):
            return or_(false(), *(condition(p, where) for p in parts))


def _metric(key: str, wanted: Condition | None) -> ColumnElement[bool]:
    """NaN is there, but no comparison with it is true."""
    m = t.latest_metrics.c
    number = select(t.metric_keys.c.id).where(t.metric_keys.c.key == key).scalar_subquery()
    found = select(1).where(m.run == t.runs.c.id, m.key == number)
    return exists(found.where(not_(m.is_nan), wanted(m.value)) if wanted else found)


def _dataset(key: str, wanted: Condition | None) -> ColumnElement[bool]:
    found = select(1).where(t.inputs.c.run == t.runs.c.id)
    if key == "context":
        same = and_(t.input_tags.c.run == t.inputs.c.run, t.input_tags.c.dataset == t.inputs.c.dataset)
        found = found.join(t.input_tags, same).where(t.input_tags.c.key == CONTEXT_TAG)
        column: Known = t.input_tags.c.value
    else:
        found = found.join(t.datasets, t.datasets.c.id == t.inputs.c.dataset)
        column = t.datasets.c[key]
    return exists(found.where(wanted(column)) if wanted else found)
