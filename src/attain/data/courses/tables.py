"""The files of a set of courses as frames of text, with the fingerprints of their bytes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.core.fingerprint import of_file
from attain.data.card import FoundCard
from attain.data.courses.source import TableFile
from attain.data.find import Progress, find_file
from attain.data.formats.columns import Column, RawTable
from attain.data.formats.read import content_of, read


@dataclass
class Tables:
    """Reads the files of one data set; remembers what it read.

    Attributes:
        sha256: file name to SHA-256 of each file that was read.
    """

    found: FoundCard
    progress: Progress | None = None
    sha256: dict[str, str] = field(default_factory=dict)
    _digests: dict[Path, str] = field(default_factory=dict)

    def path(self, source: TableFile) -> Path:
        """Where the file is, downloaded if need be."""
        return find_file(self.found, source.file, sha256=source.sha256, url=source.url, progress=self.progress)

    def digest(self, path: Path) -> str:
        """SHA-256 of a file's bytes, worked out once."""
        if path not in self._digests:
            self._digests[path] = of_file(path)
        return self._digests[path]

    def read(self, source: TableFile, columns: Iterable[str | None], purpose: str) -> RawTable:
        """Some columns of a file, those that are None left out.

        Raises:
            UserError: the file is not there, is not the published one, or lacks a column.
        """
        path = self.checked(source)
        wanted = {name: purpose for name in columns if name is not None}
        return read(path, content_of(path), wanted, delimiter=source.delimiter, encoding=source.encoding)

    def checked(self, source: TableFile) -> Path:
        """Where the file is, its fingerprint noted.

        Raises:
            UserError: the file is not there, or is not the published one.
        """
        path = self.path(source)
        digest = self.digest(path)
        if source.sha256 not in (None, digest):
            raise UserError(
                f"{path}: SHA-256 is {digest}, and the card says {source.sha256}: another version, or a damaged copy. "
                "Get the published file again."
            )
        self.sha256[path.name] = digest
        return path


def stacked(tables: Sequence[RawTable]) -> RawTable:
    """Tables of the same columns, one below the other."""
    begins = np.cumsum([0, *(table.n_rows for table in tables)])

    def place(row: int) -> str:
        which = int(np.searchsorted(begins, row, side="right")) - 1
        return f"{tables[which].path.name}, {tables[which].place(row - int(begins[which]))}"

    columns = {}
    for name in tables[0].columns:
        cells = np.concatenate([texts(table, name) for table in tables])
        code, distinct = pd.factorize(cells)
        columns[name] = Column(code.astype(np.int32), np.asarray(distinct, dtype=object))
    return RawTable(tables[0].path.parent, place, columns, int(begins[-1]))


def numbers(table: RawTable, name: str) -> NDArray[np.float64]:
    """A column of numbers, NaN where a cell is empty; shape (n_rows,).

    Raises:
        UserError: a cell is not a number.
    """
    column = table.columns[name]
    values = pd.to_numeric(pd.Series(column.texts, dtype=object), errors="coerce").to_numpy(float)
    bad = ~np.isfinite(values) & (column.texts != "")
    if bad.any():
        row = int(np.flatnonzero(bad[column.code])[0])
        raise table.error(row, name, f"{str(column.texts[column.code[row]])!r} is not a number.")
    return np.asarray(values[column.code])


def texts(table: RawTable, name: str | None) -> NDArray[np.object_]:
    """A column of texts; "" everywhere for a column that the set does not have."""
    if name is None:
        return np.full(table.n_rows, "", dtype=object)
    column = table.columns[name]
    return np.asarray(column.texts[column.code])
