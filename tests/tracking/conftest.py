"""Stores to test on; `uri` (in `attain.testing.stores`) gives each test an empty one on every database in turn."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Connection, Float, Integer, MetaData, String, Table, insert

from attain.tracking.entities import Page, Run
from attain.tracking.sql.store import Store
from attain.tracking.store import open_store

Rows = dict[str, list[dict[str, Any]]]  # rows of any table, by its name


@pytest.fixture
def store(uri: str) -> Iterator[Store]:
    store = open_store(uri)
    yield store
    store.close()


@pytest.fixture
def run(store: Store) -> Run:
    """A running run in the experiment Default."""
    return store.create_run("0", name="first")


@pytest.fixture(scope="session")
def fill() -> Callable[[Connection, MetaData], Rows]:
    """Put three rows into every table there is, each referring to rows that are there; all that was put."""

    def fill_all(c: Connection, metadata: MetaData) -> Rows:
        rows: Rows = {}
        for table in metadata.sorted_tables:
            if table.name != "alembic_version":
                rows[table.name] = [_row(table, number, rows) for number in (1, 2, 3)]
                c.execute(insert(table), rows[table.name])
        return rows

    return fill_all


def _row(table: Table, number: int, rows: Rows) -> dict[str, Any]:  # a row of any table
    row = {column.name: _value(column, number) for column in table.columns}
    for key in table.foreign_key_constraints:
        parent = rows[key.referred_table.name][number - 1] if key.referred_table is not table else row
        row |= {element.parent.name: parent[element.column.name] for element in key.elements}
    return row


def _value(column: Column[Any], number: int) -> object:
    if column.nullable and number == 3:
        return None
    if isinstance(column.type, Boolean):
        return number % 2 == 0
    if isinstance(column.type, Integer):
        return number
    if isinstance(column.type, Float):
        return number / 3
    assert isinstance(column.type, String), column
    return f"{number} é '\\ {column.name}"[: column.type.length]


@pytest.fixture(scope="session")
def all_pages() -> Callable[[Callable[[str | None], Page[Any]]], list[Any]]:  # of whatever the pages hold
    """The items of all pages together; a pager that goes on for ever fails."""

    def ask_for_all(ask: Callable[[str | None], Page[Any]]) -> list[Any]:
        page = ask(None)
        items = list(page.items)
        while page.next_token is not None:
            page = ask(page.next_token)
            assert page.items
            items += page.items
            assert len(items) < 200
        return items

    return ask_for_all
