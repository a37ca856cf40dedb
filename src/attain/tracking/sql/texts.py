"""Params and tags of several models at once."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table, select


def texts(c: Connection, table: Table, models: Sequence[int]) -> dict[int, dict[str, str]]:
    """The texts of models by their keys, each by name; a model without any is left out."""
    found: dict[int, dict[str, str]] = {}
    query = select(table.c.model, table.c.key, table.c.value).where(table.c.model.in_(models))
    for model, key, value in c.execute(query.order_by(table.c.model, table.c.key)):
        found.setdefault(model, {})[key] = value
    return found
