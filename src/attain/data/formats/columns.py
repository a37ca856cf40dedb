"""Columns as they stand in a file: each cell a code into the column's distinct texts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from attain.core.errors import UserError, unknown


@dataclass(frozen=True, eq=False)
class Column:
    """One column.

    Attributes:
        code: shape (n_rows,), codes into `texts`, in the order of first appearance.
        texts: shape (n_texts,), distinct, without blanks at the ends; "" for an empty cell.
        trimmed: how many cells lost blanks at their ends.
    """

    code: NDArray[np.int32]
    texts: NDArray[np.object_]
    trimmed: int = 0

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> "Column":
        """The cells of some rows."""
        return Column(self.code[rows], self.texts)

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Which cells are empty; shape (n_rows,)."""
        return np.asarray(self.texts == "", dtype=bool)[self.code] if len(self.texts) else np.zeros(0, dtype=bool)


@dataclass(frozen=True, eq=False)
class Placed:
    """Where rows come from.

    Attributes:
        path: the file.
        place: turns a row number, from 0, into words: `line 12`.
    """

    path: Path
    place: Callable[[int], str]

    def error(self, row: int, column: str, message: str) -> UserError:
        """The error for one cell."""
        return UserError(f"{self.path}, {self.place(row)}, column {column!r}: {message}")


@dataclass(frozen=True, eq=False)
class RawTable(Placed):
    """Columns of one file.

    Attributes:
        columns: by the file's own names.
        n_rows: how many rows.
        numbers: those columns that hold nothing but plain numbers or times, read already; NaN for an empty cell. Times
            are seconds since 1970 where they were written as dates. They need not be in `columns`.
    """

    columns: Mapping[str, Column]
    n_rows: int
    numbers: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)


def coded(array: pa.ChunkedArray) -> Column:
    """A dictionary-encoded text column with its blanks trimmed."""
    whole = array.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # a column without rows
        return Column(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=object))
    code = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    texts = whole.dictionary.to_pylist()
    if (code < 0).any():
        code[code < 0] = len(texts)
        texts.append("")
    stripped = list(map(str.strip, texts))
    if stripped == texts and len(texts) == len(whole.dictionary):
        return Column(code, np.array(texts, dtype=object))
    unequal = np.array([a != b for a, b in zip(texts, stripped, strict=True)], dtype=bool)
    merged, names = pd.factorize(np.array(stripped, dtype=object))
    return Column(merged.astype(np.int32)[code], np.asarray(names, dtype=object), int(unequal[code].sum()))


def check_columns(path: Path, wanted: Mapping[str, str], present: Iterable[str]) -> None:
    """Refuse a file that lacks a column.

    Args:
        path: the file.
        wanted: the file's columns to what they are wanted for.
        present: the columns of the file.
    """
    here = list(present)
    for name, purpose in wanted.items():
        if name not in here:
            error = unknown("column", name, here, where=f"{path}: ")
            raise UserError(f"{error} It is wanted for {purpose!r}; say which column holds it with `columns`.")
        if here.count(name) > 1:
            raise UserError(f"{path}: the column {name!r} is there {here.count(name)} times; rename one of them.")
