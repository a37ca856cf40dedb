"""Stores to test on; `uri` (in `attain.testing.stores`) gives each test an empty one on every database in turn."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from attain.tracking.entities import Page, Run
from attain.tracking.sql.store import Store
from attain.tracking.store import open_store


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
