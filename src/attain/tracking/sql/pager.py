"""One page of a sorted list: where it begins, and the token for the next."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select

from attain.tracking.pages import after, checked_size, token
from attain.tracking.search.order import Order

Found = Row[Any]  # a row of what was asked for, with the keys of the order behind


def paged(
    c: Connection,
    query: Select[Any],
    order: Order,
    question: Sequence[object],
    max_results: int,
    page_token: str | None,
) -> tuple[list[Found], str | None]:
    """The rows of a page, and the token for the next page (None at the end).

    Args:
        c: an open transaction.
        query: what to list, from `order.joined`, unsorted.
        order: its last keys tell any two rows apart, so that pages neither repeat nor lose rows.
        question: what was asked (filter, order, …); a token is bound to it.
        max_results: the most rows that the page may have.
        page_token: of the page before; None or "" for the first.

    Raises:
        Invalid: the size is out of range, or the token is not one for this question.
    """
    size, types = checked_size(max_results), [key.type for key in order.keys]
    keys = [key.column.label(f"key_{at}") for at, key in enumerate(order.keys)]
    query = query.add_columns(*keys).order_by(*order.by).limit(size + 1)
    if page_token:
        query = query.where(order.beyond(after(question, page_token, types)))
    rows = list(c.execute(query))
    if len(rows) <= size:
        return rows, None
    last = [kind(rows[size - 1]._mapping[key.name]) for kind, key in zip(types, keys, strict=True)]
    return rows[:size], token(question, last)
