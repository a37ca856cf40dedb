"""Stores to test on. Another database joins every test of this folder by one more name in `BACKENDS`."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from attain.tracking.entities import Page, Run
from attain.tracking.sql.store import Store
from attain.tracking.store import open_store

BACKENDS = ["sqlite"]


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store's file; copying it is faster than making the tables each time."""
    path = tmp_path_factory.mktemp("fresh") / "attain.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=BACKENDS)
def uri(tmp_path: Path, fresh: Path) -> str:
    """The address of an empty store."""
    shutil.copy(fresh, tmp_path / "attain.db")
    return f"sqlite:///{tmp_path / 'attain.db'}"


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
