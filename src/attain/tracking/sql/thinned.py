"""Long histories made short enough to draw, with nothing that would be seen left out."""

import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Label, Row, Select, and_, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from attain.tracking.entities import MetricPoint
from attain.tracking.sql.tables import metric_keys, metrics

m = metrics.c
MOST_STEP = 2**63 - 1
_KEPT: tuple[ColumnElement[Any], ...] = (m.timestamp, m.step, m.is_nan, m.value)  # of several types
"""As the table keeps them; of one step, as they are drawn."""


def thinned(c: Connection, run: int, key: str, most: int, steps: tuple[int, int] | None = None) -> list[MetricPoint]:
    """At most `most` points of one metric by step, timestamp, value; all of them where there are no more.

    The first and the last point stay. The steps are cut into stretches of equal length, and of each stretch the least
    and the greatest value stay, at the first step that has it; a NaN stays only where a stretch
    has nothing else. Of points that all have one step, stretches are cut by time.

    Args:
        c: an open transaction.
        run: the run's key.
        key: the metric's name.
        most: at least 1; with 1 only the last point stays, with 2 and 3 the ends.
        steps: the first and the last step that count, if not all.
    """
    number = select(metric_keys.c.id).where(metric_keys.c.key == key).scalar_subquery()
    where = and_(m.run == run, m.key == number)
    if steps is not None:
        where = and_(where, m.step.between(*steps))
    query = select(m.value, m.is_nan, m.timestamp, m.step).where(where)
    rows: Sequence[Any] = c.execute(query.limit(most + 1)).all()
    if len(rows) > most:
        rows = _seen(c, query, where, most)
    kept = {(row.step, row.timestamp, row.is_nan, row.value) for row in rows}
    return [MetricPoint(key, math.nan if is_nan else value, at, step) for step, at, is_nan, value in sorted(kept)]


def _seen(c: Connection, query: Select[Any], where: ColumnElement[bool], most: int) -> list[Row[Any]]:
    """The ends, and the extremes of each stretch."""
    first, last = c.execute(select(func.min(m.step), func.max(m.step)).where(where)).one()
    ends = [_end(c, query, last, [column.desc() for column in _KEPT])]
    if most > 1:
        ends.append(_end(c, query, first, _KEPT))
    if most < 4:
        return ends
    along = m.step
    if first == last:  # logged without steps: then time tells them apart
        along, (last, first) = m.timestamp, (row.timestamp for row in ends)
    stretch = (along // _width(last, first, (most - 2) // 2)).label("stretch")
    number = case((m.is_nan, None), else_=m.value)
    known = c.execute(select(stretch, func.min(number), func.max(number)).where(where).group_by(stretch)).all()
    extremes = {at: {low, high} for at, low, high in known}
    wanted = {value for both in extremes.values() for value in both if value is not None}
    either = and_(where, or_(m.value.in_(wanted), m.is_nan))
    found = c.execute(_first_of_each(c, either, stretch, along)).all()
    return ends + [row for row in found if (None if row.is_nan else row.value) in extremes[row.stretch]]


def _end(c: Connection, query: Select[Any], step: int, order: Sequence[ColumnElement[Any]]) -> Row[Any]:
    """The outermost point of a step: mostly that of the outermost time, which is the end of the table's own order."""
    found = c.execute(query.order_by(*order).limit(1)).one()
    return found if found.step == step else c.execute(query.where(m.step == step).order_by(*order).limit(1)).one()


def _first_of_each(
    c: Connection, where: ColumnElement[bool], stretch: Label[int], along: ColumnElement[int]
) -> Select[Any]:
    """Of each value in each stretch the first point."""
    same, columns = (stretch, m.is_nan, m.value), (m.value, m.is_nan, m.timestamp, m.step, stretch)
    if c.dialect.name == "sqlite":  # where it takes the other columns from the row that has the least
        return select(*columns, func.min(along)).where(where).group_by(*same)
    return select(*columns).where(where).ext(distinct_on(*same)).order_by(*same, along, m.timestamp)


def _width(last: int, first: int, stretches: int) -> int:
    """So many steps to a stretch that there are at most so many stretches.

    Steps are divided, not their distance from the first one: that could be too long for a whole number of the database.
    The stretches so begin at multiples of their width, and there is one more of them.
    """
    if stretches == 1:
        return min(max(abs(first), abs(last)) + 1, MOST_STEP)
    return min((last - first) // (stretches - 1) + 1, MOST_STEP)
