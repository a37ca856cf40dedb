"""A table of a real database: written as CSV in the order of its key when it changed."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from attain.core.errors import UserError
from attain.suite.watch_table import DatabaseTable


@pytest.fixture
def address(uri: str, tmp_path: Path) -> str:
    """A database with a table, on SQLite and on PostgreSQL."""
    return f"sqlite:///{tmp_path / 'school.db'}" if uri.startswith("sqlite") else uri


@pytest.fixture
def database(address: str) -> Iterator[Engine]:
    engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE answers (n INTEGER PRIMARY KEY, learner TEXT, correct BOOLEAN)"))
        connection.execute(text("INSERT INTO answers VALUES (2, 'zoé, \"b\"', FALSE), (1, NULL, TRUE)"))
    yield engine
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS answers"))
    engine.dispose()


def change(database: Engine, statement: str) -> None:
    with database.begin() as connection:
        connection.execute(text(statement))


def rows_of(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


@pytest.mark.parametrize("cursor", [None, "n"])
def test_a_table_comes_in_the_order_of_its_key(
    database: Engine, address: str, tmp_path: Path, cursor: str | None
) -> None:
    to = tmp_path / "data" / "answers.csv"
    table = DatabaseTable(address, "answers", to, cursor)
    before = table.signs()
    content = table.content()
    table.put()
    assert rows_of(to) == [["n", "learner", "correct"], ["1", "", "1"], ["2", 'zoé, "b"', "0"]]
    assert (table.signs(), table.content()) == (before, content)
    change(database, "INSERT INTO answers VALUES (3, 'c', TRUE)")
    assert table.signs() != before
    assert table.content() != content
    table.put()
    assert len(rows_of(to)) == 4
    assert [path.name for path in to.parent.iterdir()] == ["answers.csv"]


def test_without_a_cursor_a_changed_value_is_seen_and_with_one_it_is_not(
    database: Engine, address: str, tmp_path: Path
) -> None:
    whole = DatabaseTable(address, "answers", tmp_path / "a.csv")
    cheap = DatabaseTable(address, "answers", tmp_path / "b.csv", "n")
    before, cheaply = whole.signs(), cheap.signs()
    change(database, "UPDATE answers SET correct = TRUE")
    assert whole.signs() != before
    assert cheap.signs() == cheaply


def test_rows_that_are_the_same_have_the_same_content_in_any_order(
    database: Engine, address: str, tmp_path: Path
) -> None:
    change(database, "CREATE TABLE other (learner TEXT, correct INTEGER)")
    try:
        change(database, "INSERT INTO other VALUES ('b', 0), ('a', 1)")
        table = DatabaseTable(address, "other", tmp_path / "a.csv")
        before = table.signs()
        change(database, "DELETE FROM other")
        assert table.signs() == (), "an empty table is waited for"
        change(database, "INSERT INTO other VALUES ('a', 1), ('b', 0)")
        assert table.signs() == before
    finally:
        change(database, "DROP TABLE other")


def test_a_table_that_changed_before_the_suite_began_is_looked_at_again(
    database: Engine, address: str, tmp_path: Path
) -> None:
    to = tmp_path / "a.csv"
    table = DatabaseTable(address, "answers", to)
    table.signs()
    (tmp_path / ".a.csv.part").unlink()
    change(database, "DELETE FROM answers WHERE n = 1")
    with pytest.raises(UserError, match="has changed"):
        table.put()
    assert not to.exists()


def test_mistakes_are_said_without_what_opens_the_database(database: Engine, address: str, tmp_path: Path) -> None:
    to = tmp_path / "a.csv"
    with pytest.raises(UserError, match="no table or view of that name"):
        DatabaseTable(address, "answer", to).signs()
    with pytest.raises(UserError, match="Did you mean 'correct'"):
        DatabaseTable(address, "answers", to, "corect").signs()
    with pytest.raises(UserError, match=r"--to end in \.csv"):
        DatabaseTable(address, "answers", tmp_path / "a.parquet")
    with pytest.raises(UserError, match="no SQLite file"):
        DatabaseTable(f"sqlite:///{tmp_path / 'none.db'}", "answers", to).signs()
    assert not (tmp_path / "none.db").exists()
    away = DatabaseTable("postgresql://me:secret@127.0.0.1:1/school?connect_timeout=2", "answers", to)
    with pytest.raises(UserError, match="Cannot read table answers of postgresql school") as caught:
        away.signs()
    assert "secret" not in str(caught.value) + away.name
    with pytest.raises(UserError, match="not a kind of database"):
        DatabaseTable("nothing://host/x", "answers", to).signs()
    with pytest.raises(UserError, match="not one of a database"):
        DatabaseTable("::", "answers", to)
