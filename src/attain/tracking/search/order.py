"""The order of a list of runs, and where in it a page begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func, literal, or_, select

from attain.tracking.errors import Invalid
from attain.tracking.pages import Value
from attain.tracking.search.compile import ATTRIBUTE_COLUMNS
from attain.tracking.search.fields import RUNS, Words, read_field
from attain.tracking.search.syntax import Field
from attain.tracking.search.tokens import fail, tokens
from attain.tracking.sql import tables as t

MOST_KEYS = 20
Any_ = ColumnElement[Any]  # of text or of numbers


@dataclass(frozen=True)
class Key:
    """One thing that rows are sorted by; never NULL, so that places in the order can be compared."""

    column: Any_
    descending: bool
    type: type


@dataclass(frozen=True)
class Order:
    """The keys in turn, and the tables to join for them."""

    keys: tuple[Key, ...]
    joined: FromClause

    @property
    def by(self) -> list[ColumnElement[Any]]:  # of text or of numbers
        """What ORDER BY takes."""
        return [key.column.desc() if key.descending else key.column.asc() for key in self.keys]

    def beyond(self, last: Sequence[Value]) -> ColumnElement[bool]:
        """The condition that a row comes after the one whose keys are `last`."""
        ways = []
        for at, key in enumerate(self.keys):
            same = [k.column == v for k, v in zip(self.keys[:at], last, strict=False)]
            ways.append(and_(*same, key.column < last[at] if key.descending else key.column > last[at]))
        return or_(*ways)


def order(texts: Sequence[str]) -> Order:
    """Read `order_by`; what is left equal goes by start (the last first), then by run id.

    NaN comes after numbers and a missing value last, ascending and descending. A field named twice counts once.

    Raises:
        Invalid: a text is not `FIELD [ASC|DESC]`.
    """
    keys: list[Key] = []
    joined: FromClause = t.runs
    seen: set[Field] = set()
    for text in texts:
        field, descending = read_order(text, RUNS)
        if field.entity == "dataset":
            fail(text, 0, "runs cannot be sorted by a data set, since a run may have several")
        if field in seen:
            continue
        seen.add(field)
        joined, more = _keys(joined, field, descending, len(seen))
        keys += more
    if len(seen) > MOST_KEYS:
        raise Invalid(f"order_by has {len(seen)} keys; at most {MOST_KEYS} are taken.")
    ends = (Key(t.runs.c.start_time, descending=True, type=int), Key(t.runs.c.run_id, descending=False, type=str))
    return Order((*keys, *ends), joined)


def read_order(text: str, words: Words) -> tuple[Field, bool]:
    """The field of `FIELD [ASC|DESC]`, and whether the order is descending.

    Raises:
        Invalid: the text is not of this form, or there is no such field.
    """
    given = tokens(text)
    field, at = read_field(text, given, 0, words)
    direction = given[at].text.upper()
    if given[at].kind == "word" and direction in ("ASC", "DESC"):
        at += 1
    if given[at].kind != "end":
        fail(text, given[at].at, "expected ASC, DESC or the end")
    return field, direction == "DESC"


def _keys(joined: FromClause, field: Field, descending: bool, number: int) -> tuple[FromClause, list[Key]]:
    """First whether there is a number, a NaN or nothing; then the value."""
    if field.entity == "attribute":
        column: Any_ = ATTRIBUTE_COLUMNS[field.key]
        is_nan: Any_ = literal(0)
    elif field.entity == "metric":
        table = t.latest_metrics.alias(f"order_{number}")
        key = select(t.metric_keys.c.id).where(t.metric_keys.c.key == field.key).scalar_subquery()
        joined = joined.outerjoin(table, and_(table.c.run == t.runs.c.id, table.c.key == key))
        column, is_nan = table.c.value, case((table.c.is_nan, 1), else_=0)
    else:
        table = (t.params if field.entity == "param" else t.tags).alias(f"order_{number}")
        joined = joined.outerjoin(table, and_(table.c.run == t.runs.c.id, table.c.key == field.key))
        column, is_nan = table.c.value, literal(0)
    kind = (float if field.entity == "metric" else int) if RUNS.is_number(field) else str
    place = Key(case((column.is_(None), 2), else_=is_nan), descending=False, type=int)
    return joined, [place, Key(func.coalesce(column, kind()), descending, kind)]
