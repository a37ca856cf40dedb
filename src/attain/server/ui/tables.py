"""Tables that runs keep as Parquet files, read within bounds: their first rows, or a few columns of all rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attain.core.errors import UserError
from attain.core.extras import not_installed
from attain.tracking.artifacts import open_artifact
from attain.tracking.sql.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ENDING = ".parquet"
PREDICTIONS, MASTERY = "predictions.parquet", "mastery.parquet"
MOST_ROWS, MOST_GROUP = 2_000_000, 256 * 1024 * 1024
"""Rows that are computed with, and bytes of a group of rows that are unpacked to show its first ones."""
MOST_COLUMNS, MOST_CELL, MOST_WHOLE = 30, 120, 1e15


class NoTable(UserError):  # noqa: N818 - the name says what is wrong
    """A file is no table, lacks a column, or is too large to be read for a page."""


@dataclass(frozen=True)
class Head:
    """The first rows of a table, with how many rows and columns there are in all."""

    names: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    n_rows: int
    n_columns: int


@dataclass(frozen=True)
class Coded:
    """A column of names: `codes`, shape (n,), points into them; -1 where there is none."""

    names: list[str]
    codes: "NDArray[np.int64]"


def first_rows(store: Store, run_id: str, path: str, rows: int = 20) -> Head:
    """What stands at the top of a table; long texts are cut, and columns beyond the thirtieth left out.

    Raises:
        UserError: the file is no such table, or its reader is not installed.
    """
    with _opened(store, run_id, path) as file:
        names = list(file.schema_arrow.names)
        about = file.metadata
        if about.num_row_groups and about.row_group(0).total_byte_size > MOST_GROUP:
            raise NoTable(f"{path} is written in groups of rows that are too large to look into here; download it.")
        shown = names[:MOST_COLUMNS]
        batch = next(file.iter_batches(batch_size=rows, columns=shown), None)
        columns = [] if batch is None else [column.to_pylist() for column in batch.columns]
        cells = tuple(tuple(_cell(value) for value in row) for row in zip(*columns, strict=True))
        return Head(tuple(shown), cells, about.num_rows, len(names))


def names_of(store: Store, run_id: str, path: str) -> list[str]:
    """The names of a table's columns.

    Raises:
        UserError: the file is no such table, or its reader is not installed.
    """
    with _opened(store, run_id, path) as file:
        return list(file.schema_arrow.names)


def numbers_of(store: Store, run_id: str, path: str, names: Sequence[str]) -> dict[str, "NDArray[np.float64]"]:
    """Columns of numbers, NaN where there is none; those that the table does not have are left out.

    Raises:
        UserError: the file is no such table, is too large, or its reader is not installed.
    """
    return columns_of(store, run_id, path, numbers=names)[0]


def columns_of(
    store: Store, run_id: str, path: str, *, numbers: Sequence[str] = (), texts: Sequence[str] = ()
) -> tuple[dict[str, "NDArray[np.float64]"], dict[str, Coded]]:
    """Columns of numbers as `numbers_of` gives them, and columns of names.

    Raises:
        UserError: the file is no such table, is too large, or its reader is not installed.
    """
    with _opened(store, run_id, path) as file:
        if file.metadata.num_rows > MOST_ROWS:
            raise NoTable(f"{path} has {file.metadata.num_rows:,} rows; pages compute with {MOST_ROWS:,} at most.")
        there = [name for name in (*numbers, *texts) if name in file.schema_arrow.names]
        table = file.read(columns=there)
        kept = {name: _numbers(table.column(name)) for name in numbers if name in there}
        return kept, {name: _coded(table.column(name)) for name in texts if name in there}


@contextmanager
def _opened(store: Store, run_id: str, path: str) -> Iterator[Any]:  # the library has no types
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise not_installed("A table of a run on a page", error) from None
    with open_artifact(store, run_id, path) as stream:
        try:
            yield pq.ParquetFile(stream)
        except (pa.ArrowException, OSError, KeyError, OverflowError) as error:
            said = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
            raise NoTable(f"{path} cannot be read as a Parquet table: {said}") from None


def _numbers(column: Any) -> "NDArray[np.float64]":  # a column of pyarrow
    found: NDArray[np.float64] = column.cast("float64").to_numpy()
    return found


def _coded(column: Any) -> Coded:
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.cast("string").dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # of no rows
        return Coded([], whole.cast("string").cast("int64").to_numpy())
    names = [str(name) for name in whole.dictionary.to_pylist()]
    return Coded(names, whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("int64"))


def _cell(value: object) -> object:
    if isinstance(value, float) and value.is_integer() and abs(value) < MOST_WHOLE:
        return int(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    text = str(value)
    return text if len(text) <= MOST_CELL else text[: MOST_CELL - 1] + "…"
