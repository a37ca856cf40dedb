"""Files of answers as raw tables of bounded size, one after the other."""

import bisect
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data.formats import delimited, parquet
from attain.data.formats.columns import Column, Placed, RawTable, check_columns, coded
from attain.data.source import Source
from attain.data.stream import plain
from attain.data.stream.ahead import ahead
from attain.data.stream.files import Files
from attain.data.stream.texts import Utf8

_BLOCK = 1 << 21
"""Bytes of text that are parted at once; a row must fit into it."""
_BATCH = 1 << 16
"""Rows of Parquet that are read at once."""
_HEAD = 1 << 16
_EXACT = 10**15
"""Whole numbers below are the same as floats, and read from text."""
Kind = Literal["text", "number", "moment"]


@dataclass
class Blocks:
    """Reads files block by block, and knows where each row came from.

    Attributes:
        files: what is read.
        source: how.
        n_rows: rows read so far.
    """

    files: Files
    source: Source
    n_rows: int = 0
    _begins: list[int] = field(default_factory=list)

    @property
    def placed(self) -> Placed:
        """Turns the number of a row into words."""
        return Placed(self.files.root, self._place)

    def read(self, rows: int, hear: Callable[[int], None] | None = None) -> Iterator[RawTable]:
        """All rows, `rows` at a time.

        Args:
            rows: so many; the last block may have fewer.
            hear: called with the bytes that have been read.

        Raises:
            UserError: a file cannot be read or lacks a column, or none has a row.
        """
        waiting: list[pa.RecordBatch] = []
        for batch in ahead(self._batches(hear)):
            while len(batch):
                waiting.append(batch.slice(0, rows - sum(map(len, waiting))))
                batch = batch.slice(len(waiting[-1]))
                if sum(map(len, waiting)) == rows:
                    yield self._table(waiting)
                    waiting = []
        if waiting:
            yield self._table(waiting)
        if not self.n_rows:
            raise UserError(f"{self.files.root}: a header and no rows.")

    def _batches(self, hear: Callable[[int], None] | None) -> Iterator[pa.RecordBatch]:
        kinds, done, rows = _kinds(self.source), 0, 0
        for path in self.files.paths:
            self._begins.append(rows)
            before = done

            def here(of_file: int, before: int = before) -> None:
                if hear is not None:
                    hear(before + of_file)

            if is_parquet(path):
                batches = _of_parquet(path, self.source, kinds, here, native=not self.files.several)
            else:
                batches = _of_text(path, self.source, kinds, here)
            for batch in batches:
                rows += len(batch)
                yield batch
            done += path.stat().st_size
            here(path.stat().st_size)

    def _table(self, batches: list[pa.RecordBatch]) -> RawTable:
        table, first = pa.Table.from_batches(batches), self.n_rows
        self.n_rows += len(table)
        columns: dict[str, Column] = {}
        numbers: dict[str, NDArray[Any]] = {}
        for name, kind in _kinds(self.source).items():
            cells = table.column(name).combine_chunks()
            values = None if kind == "text" else _numbers(cells, kind)
            if values is not None:
                numbers[name] = values
            else:
                columns[name] = coded(pa.chunked_array([_codes(cells)]))
        return RawTable(self.files.root, lambda row: self._place(first + row), columns, len(table), numbers)

    def _place(self, row: int) -> str:
        number = bisect.bisect_right(self._begins, row) - 1
        path, within = self.files.paths[number], row - self._begins[number]
        where = f"row {within + 1}" if is_parquet(path) else f"line {_line(path, self.source, within)}"
        return f"{self.files.name_of(path)}, {where}" if self.files.several else where


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet.

    Raises:
        UserError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(4) == b"PAR1"
    except OSError as error:
        raise UserError(f"Cannot read {str(path)!r}: {error.strerror}.") from None


def header_of(path: Path, delimiter: str | None, encoding: str) -> tuple[list[str], str]:
    """The column names of a file, and what separates them; only its beginning is read.

    Raises:
        UserError: it cannot be read.
    """
    if is_parquet(path):
        try:
            return list(pa.parquet.read_schema(path).names), ""
        except pa.ArrowException as error:
            raise UserError(f"{path}: cannot be read as Parquet: {error}.") from None
    with closing(Utf8(path, encoding)) as stream:
        return delimited.header(path, io.BufferedReader(stream, _HEAD).read(_HEAD), delimiter)


def _kinds(source: Source) -> dict[str, Kind]:
    """The columns that are read, and as what: numbers and times are no texts where nothing else needs them as such."""
    columns = source.columns
    time: Kind = "moment" if source.time_unit == "iso" else "number"
    roles: dict[str, set[Kind]] = {}
    for name, kind in ((columns.time, time), (columns.duration, "number"), (columns.order, "number")):
        if name is not None:
            roles.setdefault(name, set()).add(kind)
    texts = columns.model_copy(update={"time": None, "duration": None, "order": None}).named().keys()
    alone = {name: kinds.pop() for name, kinds in roles.items() if len(kinds) == 1}
    return {name: "text" if name in {*texts, *source.traits()} else alone.get(name, "text") for name in source.wanted()}


def _numbers(cells: pa.Array, kind: Kind) -> NDArray[Any] | None:
    """The cells as numbers; None where they are to be read as texts."""
    if not pa.types.is_integer(cells.type):
        return (plain.moments if kind == "moment" else plain.whole_numbers)(cells)
    ends = pa.compute.min_max(cells).as_py()
    exact = all(end is None or abs(end) < _EXACT for end in ends.values())
    return np.asarray(cells.cast(pa.float64()), dtype=np.float64) if exact and kind == "number" else None


def _codes(cells: pa.Array) -> pa.DictionaryArray:
    """The cells as codes into their distinct texts."""
    found = cells.dictionary_encode()
    return pa.DictionaryArray.from_arrays(found.indices, found.dictionary.cast(pa.string()))


def _of_text(
    path: Path, source: Source, kinds: Mapping[str, Kind], hear: Callable[[int], None]
) -> Iterator[pa.RecordBatch]:
    names, separator = header_of(path, source.delimiter, source.encoding)
    check_columns(path, source.wanted(), names)
    uneven: list[pa.csv.InvalidRow] = []
    types = dict.fromkeys(kinds, pa.string())  # codes are made of a whole block: sooner done than of each piece
    with closing(Utf8(path, source.encoding, hear)) as stream:
        try:
            batches = pa.csv.open_csv(
                stream,
                read_options=pa.csv.ReadOptions(use_threads=False, block_size=_BLOCK),
                parse_options=delimited.parse_options(separator, uneven),
                convert_options=delimited.convert_options(types),
            )
            for batch in batches:
                if uneven:
                    break
                if len(batch):
                    yield batch
        except pa.ArrowException as error:
            if stream.error is not None:
                raise stream.error from None
            raise UserError(f"{path}: cannot be read as text separated by {separator!r}: {error}.") from None
    if uneven:
        line = _line(path, source, uneven[0].number - 2)
        raise delimited.uneven_error(path, line, separator, uneven[0], 1)


def _of_parquet(
    path: Path, source: Source, kinds: Mapping[str, Kind], hear: Callable[[int], None], *, native: bool
) -> Iterator[pa.RecordBatch]:
    """The columns as texts; whole numbers as they are where `native`, for all files must be alike."""
    try:
        file = pa.parquet.ParquetFile(path, pre_buffer=False, buffer_size=_HEAD)
        check_columns(path, source.wanted(), file.schema_arrow.names)
        size, done = path.stat().st_size, 0
        for batch in file.iter_batches(_BATCH, columns=list(kinds)):
            texts = {name: batch.column(name) for name in kinds}
            for name, column in texts.items():
                if not pa.types.is_integer(column.type) or not native:
                    texts[name] = parquet.text(path, name, column, as_codes=False)
            yield pa.RecordBatch.from_pydict(texts)
            done += len(batch)
            hear(size * done // max(file.metadata.num_rows, 1))
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{path}: cannot be read as Parquet: {error}.") from None


def _line(path: Path, source: Source, row: int) -> int:
    """The line in which a row of a text file begins; slow, for messages only."""
    separator = header_of(path, source.delimiter, source.encoding)[1]
    with closing(Utf8(path, source.encoding)) as stream:
        lines = io.TextIOWrapper(io.BufferedReader(stream, _HEAD), encoding="utf-8", newline="")
        return delimited.line_of(lines, separator, row)
