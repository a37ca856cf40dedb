"""Files of answers as raw tables of bounded size, one after the other."""

import bisect
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from attain.core.errors import UserError
from attain.data.formats import delimited, parquet
from attain.data.formats.columns import Placed, RawTable, check_columns
from attain.data.source import Source
from attain.data.stream.ahead import ahead
from attain.data.stream.files import Files
from attain.data.stream.held import Held, Kind, kinds_of
from attain.data.stream.texts import Utf8
from attain.data.stream.vocabulary import Vocabulary

_BLOCK = 1 << 21
"""Bytes of text that are parted at once; a row must fit into it."""
_BATCH = 1 << 18
"""Rows of Parquet that are read at once; fewer are slower, for each time brings all names of a group of rows."""
_HEAD = 1 << 16


@dataclass
class Blocks:
    """Reads files block by block, and knows where each row came from.

    Attributes:
        files: what is read.
        source: how.
        n_rows: rows read so far.
        names: of each column that holds names; their codes hold for all blocks.
    """

    files: Files
    source: Source
    n_rows: int = 0
    names: dict[str, Vocabulary] = field(default_factory=dict)
    _begins: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = {name: Vocabulary() for name, kind in kinds_of(self.source).items() if kind == "name"}

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
        held, size = self._nothing(), 0
        for batch in ahead(self._batches(hear)):
            while len(batch):
                part = batch.slice(0, rows - size)
                for name, column in held.items():
                    column.add(part.column(name))
                batch, size = batch.slice(len(part)), size + len(part)
                if size == rows:
                    yield self._table(held, size)
                    held, size = self._nothing(), 0
        if size:
            yield self._table(held, size)
        if not self.n_rows:
            raise UserError(f"{self.files.root}: a header and no rows.")

    def _batches(self, hear: Callable[[int], None] | None) -> Iterator[pa.RecordBatch]:
        kinds, done, rows = kinds_of(self.source), 0, 0
        for path in self.files.paths:
            self._begins.append(rows)
            before = done

            def here(of_file: int, before: int = before) -> None:
                if hear is not None:
                    hear(before + of_file)

            for batch in (_of_parquet if is_parquet(path) else _of_text)(path, self.source, kinds, here):
                rows += len(batch)
                yield batch
            done += path.stat().st_size
            here(path.stat().st_size)

    def _nothing(self) -> dict[str, Held]:
        """The columns of a block before its first row."""
        return {name: Held(kind, self.names.get(name)) for name, kind in kinds_of(self.source).items()}

    def _table(self, held: Mapping[str, Held], size: int) -> RawTable:
        first = self.n_rows
        self.n_rows += size
        numbers = {name: values for name, column in held.items() if (values := column.numbers()) is not None}
        columns = {name: column.texts() for name, column in held.items() if name not in numbers}
        return RawTable(self.files.root, lambda row: self._place(first + row), columns, size, numbers)

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
    path: Path, source: Source, kinds: Mapping[str, Kind], hear: Callable[[int], None]
) -> Iterator[pa.RecordBatch]:
    """The columns as texts, but for what is read sooner as it is: whole numbers, and names as codes."""
    try:
        schema = pa.parquet.read_schema(path)
        check_columns(path, source.wanted(), schema.names)
        names = [name for name, kind in kinds.items() if kind == "name" and _is_text(schema.field(name).type)]
        file = pa.parquet.ParquetFile(path, pre_buffer=False, buffer_size=_HEAD, read_dictionary=names)
        size, done = path.stat().st_size, 0
        for batch in file.iter_batches(_BATCH, columns=list(kinds), use_threads=False):
            columns = {name: batch.column(name) for name in kinds}
            for name, column in columns.items():
                if not _stays(column, kinds[name]):
                    columns[name] = parquet.text(path, name, column, as_codes=False)
            yield pa.RecordBatch.from_pydict(columns)
            done += len(batch)
            hear(size * done // max(file.metadata.num_rows, 1))
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{path}: cannot be read as Parquet: {error}.") from None


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _stays(column: pa.Array, kind: Kind) -> bool:
    """Whether a column of Parquet is read as it is."""
    if pa.types.is_integer(column.type):
        return kind != "name" or not column.null_count
    if kind != "name" or not pa.types.is_dictionary(column.type) or not _is_text(column.type.value_type):
        return False
    return not column.null_count and not column.dictionary.null_count


def _line(path: Path, source: Source, row: int) -> int:
    """The line in which a row of a text file begins; slow, for messages only."""
    separator = header_of(path, source.delimiter, source.encoding)[1]
    with closing(Utf8(path, source.encoding)) as stream:
        lines = io.TextIOWrapper(io.BufferedReader(stream, _HEAD), encoding="utf-8", newline="")
        return delimited.line_of(lines, separator, row)
