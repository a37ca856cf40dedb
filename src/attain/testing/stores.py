"""Empty stores on every database, as pytest fixtures: `pytest_plugins = ["attain.testing.stores"]`.

A test that takes `uri` runs once a database. Where PostgreSQL is not installed its half is skipped, unless `ATTAIN_CI`
is set: then it fails.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from attain.testing.postgresql import NotInstalled, running_cluster
from attain.tracking.sql.engine import open_engine
from attain.tracking.sql.migrate import upgrade

BACKENDS = ["sqlite", "postgresql"]

NewStore = Callable[[str], str]
"""From the name of a database system to the address of a new empty store on it."""


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """A PostgreSQL server of this test session; its address, with `{database}` in it."""
    try:
        with running_cluster() as address:
            yield address
    except NotInstalled as error:
        if os.environ.get("ATTAIN_CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> NewStore:
    """Make a database without any table; its address."""
    count = 0

    def make(backend: str) -> str:
        nonlocal count
        count += 1
        if backend == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('database') / 'attain.db'}"
        address = request.getfixturevalue("cluster")
        _administer(address, f"CREATE DATABASE database{count}")
        return str(address.format(database=f"database{count}"))

    return make


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> NewStore:
    """Make an empty store of its own, e.g. for a module of tests; copying one is faster than making its tables."""
    count = 0

    def make(backend: str) -> str:
        nonlocal count
        count += 1
        if backend == "sqlite":
            path = tmp_path_factory.mktemp("store") / "attain.db"
            shutil.copy(request.getfixturevalue("fresh"), path)
            return f"sqlite:///{path}"
        address = request.getfixturevalue("template")
        _administer(address, f'CREATE DATABASE "store{count}" TEMPLATE "template"')
        return str(address.format(database=f"store{count}"))

    return make


@pytest.fixture(params=BACKENDS)
def uri(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty store, once a database; files beside it lie in a folder of this test."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("fresh"), tmp_path / "attain.db")
        return f"sqlite:///{tmp_path / 'attain.db'}"
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path))
    shared: _Shared = request.getfixturevalue("shared_postgresql")
    shared.empty()
    return shared.uri


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a new SQLite store."""
    path = tmp_path_factory.mktemp("fresh") / "attain.db"
    _made(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def template(cluster: str) -> str:
    """The cluster's address, once it has a database `template` that is a new store."""
    _administer(cluster, "CREATE DATABASE template")
    _made(cluster.format(database="template"))
    return cluster


@pytest.fixture(scope="session")
def shared_postgresql(new_store: NewStore) -> Iterator["_Shared"]:
    """One database that test after test uses, emptied in between: 40 times faster than another database each."""
    shared = _Shared(new_store("postgresql"))
    yield shared
    shared.connection.close()


class _Shared:
    """A store on PostgreSQL that can be made as new."""

    def __init__(self, uri: str) -> None:
        import psycopg

        self.uri = uri
        self.connection = psycopg.connect(uri, autocommit=True)
        tables = self._column("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        self._delete = "; ".join(f"DELETE FROM {table}" for table in tables)
        self._rows = {table: self._all(table) for table in tables}

    def empty(self) -> None:
        """Take back whatever was written since the start, and end what still uses the database."""
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with self.connection.transaction():
            self.connection.execute(f"SELECT pg_terminate_backend(pid) {others}".encode())
            self.connection.execute("SET LOCAL session_replication_role = replica")  # keys in any order, no triggers
            self.connection.execute(self._delete.encode())
            for table, rows in self._rows.items():
                for row in rows:
                    values = ", ".join(["%s"] * len(row))
                    self.connection.execute(f"INSERT INTO {table} VALUES ({values})".encode(), row)
            self.connection.execute("SELECT setval(seqrelid, seqstart, false) FROM pg_sequence")

    def _column(self, query: str) -> list[str]:
        return [row[0] for row in self.connection.execute(query.encode())]

    def _all(self, table: str) -> list[tuple[Any, ...]]:  # rows of any table
        return list(self.connection.execute(f"SELECT * FROM {table}".encode()))


def _administer(address: str, command: str) -> None:
    import psycopg

    with psycopg.connect(address.format(database="postgres"), autocommit=True) as connection:
        connection.execute(command.encode())


def _made(uri: str) -> None:
    engine = open_engine(uri)
    upgrade(engine)
    engine.dispose()
