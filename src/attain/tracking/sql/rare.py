"""Rare values: where few runs have what a filter asks for, an index finds those, and no other run is looked at.

Of a value that more have, the runs of a page are soon found among all runs.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Double, Integer, Select, String, Table, bindparam, not_, select

from attain.tracking.search.syntax import And, Compare, Field, Filter, In, Value
from attain.tracking.sql import tables as t
from attain.tracking.sql.rows import plain

MOST = 1_000
"""Runs that are few at most: to read so many keys from an index takes 0.3 ms, in vain if there are more."""


_LIMIT = bindparam("at_most", type_=Integer())


@dataclass(frozen=True)
class Few:
    """Few runs, and among them all that a filter lets through.

    Attributes:
        runs: their keys; they may be of any experiment.
        rest: what they must still fulfil.
    """

    runs: list[int]
    rest: Filter


@dataclass(frozen=True)
class _Question:
    """A statement for the keys of runs, its values, and whether all that it finds fulfil the clause."""

    query: Select[tuple[int]]
    given: Mapping[str, object]
    exact: bool = True


def few(c: Connection, part: Filter, wanted: int = MOST) -> Few | None:
    """What the index of a clause finds that must hold; None if each finds more than a few runs, or there is none.

    Args:
        c: an open transaction.
        part: the filter.
        wanted: runs of a page. Where three times as many have a value, a third of all runs has to be looked at for
            the page without an index, in the mean: more than that are not few.
    """
    most = min(3 * wanted, MOST)
    parts = part.parts if isinstance(part, And) else (part,)
    for at, one in enumerate(parts):
        if (asked := _question(one)) is None:
            continue
        found = plain(c, asked.query, {**asked.given, _LIMIT.key: most + 1})
        if len(found) <= most:
            rest = (*parts[:at], *parts[at + 1 :]) if asked.exact else parts
            return Few([run for (run,) in found], And(rest))
    return None


def _question(clause: Filter) -> _Question | None:
    match clause:
        case Compare(Field("metric", key), sign, float() | int() as value) if sign in _BEYOND:
            return _Question(_BEYOND[sign], {"key": key, "value": float(value)})
        case Compare(field, "=", value):
            return _one_of(field, (value,))
        case In(field, values):
            return _one_of(field, values)
    return None


def _one_of(field: Field, values: tuple[Value, ...]) -> _Question | None:
    if (query := _ONE_OF.get(field.entity)) is None:
        return None
    if field.entity == "metric":
        return _Question(query, {"key": field.key, "values": [float(value) for value in values]})
    begins = [str(value)[: t.BEGINNING] for value in values]
    return _Question(query, {"key": field.key, "values": begins}, all(len(text) < t.BEGINNING for text in begins))


def _texts(table: Table) -> Select[tuple[int]]:
    """Along `ix_params_found` or `ix_tags_found`."""
    begins: ColumnElement[str] = t.beginning(table.c.value)
    values = bindparam("values", expanding=True, type_=String())
    return select(table.c.run).where(table.c.key == bindparam("key"), begins.in_(values)).limit(_LIMIT)


def _metrics(wanted: Callable[[ColumnElement[float]], Any]) -> Select[tuple[int]]:  # of a condition
    """Along `ix_latest_metrics_key_value`, and without a look at the table."""
    m = t.latest_metrics.c
    number = select(t.metric_keys.c.id).where(t.metric_keys.c.key == bindparam("key")).scalar_subquery()
    return select(m.run).where(m.key == number, wanted(m.value), not_(m.is_nan)).limit(_LIMIT)


def _beyond(compare: Callable[[Any, Any], Any]) -> Select[tuple[int]]:  # of a column and a value: a condition
    return _metrics(lambda column: compare(column, bindparam("value", type_=Double())))


_BEYOND = {
    sign: _beyond(compare)
    for sign, compare in {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}.items()
}
_ONE_OF = {
    "param": _texts(t.params),
    "tag": _texts(t.tags),
    "metric": _metrics(lambda column: column.in_(bindparam("values", expanding=True, type_=Double()))),
}
"""Made once: making a statement takes longer than the database does with it."""
