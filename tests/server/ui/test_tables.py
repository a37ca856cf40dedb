"""Tables of runs read within bounds, and files that are none said in a sentence."""

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attain.server.ui import tables
from attain.server.ui.tables import NoTable, columns_of, first_rows
from attain.tracking.artifacts import log_bytes
from attain.tracking.sql.store import Store


@pytest.fixture
def keep(store: Store) -> Any:
    """Keeps bytes or a frame as a file of a new run; gives the run's id."""
    experiment = store.create_experiment("tables")

    def kept(content: bytes | pd.DataFrame, path: str = "t.parquet") -> str:
        run_id = store.create_run(experiment, "r").run_id
        log_bytes(store, run_id, content if isinstance(content, bytes) else written(content), path)
        return run_id

    return kept


def written(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def test_the_first_rows_are_shown_cut_and_all_are_counted(store: Store, keep: Any) -> None:
    frame = pd.DataFrame({"n": range(500), "text": ["x" * 500] * 500, "raw": [b"12345"] * 500, "none": [None] * 500})
    head = first_rows(store, keep(frame), "t.parquet", rows=3)
    assert (head.names, head.n_rows, head.n_columns) == (("n", "text", "raw", "none"), 500, 4)
    assert [row[0] for row in head.rows] == [0, 1, 2]
    assert head.rows[0][1:] == ("x" * 119 + "…", "5 bytes", None)


def test_a_wide_table_shows_its_first_columns_and_an_empty_one_none(store: Store, keep: Any) -> None:
    wide = first_rows(store, keep(pd.DataFrame({f"c{n}": [n] for n in range(100)})), "t.parquet")
    assert (len(wide.names), wide.n_columns) == (30, 100)
    empty = first_rows(store, keep(pd.DataFrame({"a": pd.Series([], dtype=float)})), "t.parquet")
    assert (empty.names, empty.rows, empty.n_rows) == (("a",), (), 0)


def test_columns_are_numbers_with_holes_and_names_as_codes(store: Store, keep: Any) -> None:
    frame = pd.DataFrame(
        {
            "n": [1.5, None, 3],
            "flag": [True, False, True],
            "who": pd.Categorical(["b", None, "a"]),
            "t": ["x", "y", "x"],
        }
    )
    frame["who"] = frame["who"].astype("category")
    numbers, names = columns_of(store, keep(frame), "t.parquet", numbers=("n", "flag", "no"), texts=("who", "t", "no"))
    assert np.array_equal(numbers["n"], [1.5, np.nan, 3], equal_nan=True)
    assert numbers["flag"].tolist() == [1, 0, 1]
    assert [names["who"].names[code] if code >= 0 else None for code in names["who"].codes] == ["b", None, "a"]
    assert [names["t"].names[code] for code in names["t"].codes] == ["x", "y", "x"]
    assert (set(numbers), set(names)) == ({"n", "flag"}, {"who", "t"})


def test_a_table_of_no_rows_has_columns_of_no_rows(store: Store, keep: Any) -> None:
    frame = pd.DataFrame({"n": pd.Series([], dtype=float), "t": pd.Series([], dtype="str")})
    numbers, names = columns_of(store, keep(frame), "t.parquet", numbers=("n",), texts=("t",))
    assert (len(numbers["n"]), len(names["t"].codes)) == (0, 0)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no table at all" * 100, b"PAR1" + bytes(200) + b"PAR1"])
def test_a_broken_table_is_said_to_be_broken(store: Store, keep: Any, content: bytes) -> None:
    run_id = keep(content)
    for read in (first_rows, columns_of):
        with pytest.raises(NoTable, match=r"t\.parquet cannot be read as a Parquet table: "):
            read(store, run_id, "t.parquet")


def test_a_table_cut_short_or_with_damaged_pages_is_said_to_be_broken(store: Store, keep: Any) -> None:
    whole = written(pd.DataFrame({"n": np.random.default_rng(0).normal(size=5000)}))
    damaged = whole[:4] + bytes(60) + whole[64:]
    for content in (whole[: len(whole) // 2], damaged):
        with pytest.raises(NoTable, match="cannot be read"):
            columns_of(store, keep(content), "t.parquet", numbers=("n",))


def test_a_column_of_another_kind_and_a_table_too_large_are_refused(
    store: Store, keep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = keep(pd.DataFrame({"n": ["a", "b"]}))
    with pytest.raises(NoTable, match="cannot be read"):
        columns_of(store, run_id, "t.parquet", numbers=("n",))
    monkeypatch.setattr(tables, "MOST_ROWS", 1)
    with pytest.raises(NoTable, match=r"t\.parquet has 2 rows; pages compute with 1 at most"):
        columns_of(store, run_id, "t.parquet", texts=("n",))
