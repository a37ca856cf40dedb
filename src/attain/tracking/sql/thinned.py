"""Long histories made short enough to draw, with nothing that would be seen left out."""

import math
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from attain.tracking.entities import MetricPoint
from attain.tracking.sql.tables import metric_keys, metrics

m = metrics.c
_ORDER: tuple[ColumnElement[Any], ...] = (m.step, m.timestamp, m.is_nan, m.value)  # of several types


def thinned(c: Connection, run: int, key: str, most: int, steps: tuple[int, int] | None = None) -> list[MetricPoint]:
    """At most `most` points of one metric by step, timestamp, value; all of them where there are no more.

    The first and the last point stay. The others are cut into stretches of as many points each, and of each stretch
    the least and the greatest value stay; a NaN stays only where a stretch has nothing else.

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
    count = c.execute(select(func.count()).where(where)).scalar_one()
    query = select(m.value, m.is_nan, m.timestamp, m.step).where(where)
    if count <= most:
        rows = c.execute(query.order_by(*_ORDER)).all()
    elif most == 1:
        rows = c.execute(query.order_by(*(column.desc() for column in _ORDER)).limit(1)).all()
    else:
        rows = c.execute(_seen(where, count, (most - 2) // 2)).all()
    return [MetricPoint(key, math.nan if is_nan else value, at, step) for value, is_nan, at, step in rows]


def _seen(where: ColumnElement[bool], count: int, stretches: int) -> Any:  # a SELECT of value, is_nan, timestamp, step
    """The ends, and the extremes of each stretch."""
    place = func.row_number().over(order_by=_ORDER).label("place")
    stretch = func.ntile(max(stretches, 1)).over(order_by=_ORDER).label("stretch")
    cut = select(m.value, m.is_nan, m.timestamp, m.step, place, stretch).where(where).subquery().c
    lowest = func.row_number().over(partition_by=cut.stretch, order_by=(cut.is_nan, cut.value, cut.place))
    highest = func.row_number().over(partition_by=cut.stretch, order_by=(cut.is_nan, cut.value.desc(), cut.place))
    ranked = select(*cut, lowest.label("lowest"), highest.label("highest")).subquery().c
    ends = ranked.place.in_((1, count))
    extremes = or_(ranked.lowest == 1, ranked.highest == 1) if stretches else ends
    found = select(ranked.value, ranked.is_nan, ranked.timestamp, ranked.step).where(or_(ends, extremes))
    return found.order_by(ranked.place)
