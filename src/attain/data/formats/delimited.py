"""Delimited text (CSV, TSV), plain or gzipped."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from attain.core.errors import UserError
from attain.data.formats.columns import RawTable, check_columns, coded


def read(path: Path, content: bytes, wanted: Mapping[str, str], *, delimiter: str | None, encoding: str) -> RawTable:
    """Read some columns.

    A byte-order mark, Windows line ends, quoted fields with line ends in them and empty lines are all fine.

    Args:
        path: where `content` comes from, for messages.
        content: the file's bytes.
        wanted: the file's columns to what they are wanted for.
        delimiter: separates fields; None to find it from the header.
        encoding: of the text.

    Raises:
        UserError: the file is empty, has only a header, is in another encoding, has uneven rows, or lacks a column.
    """
    text = _utf8(path, _unpacked(path, content), encoding)
    names, separator = header(path, text, delimiter)
    check_columns(path, wanted, names)
    table = _parse(path, text, list(wanted), separator)
    if not len(table):
        raise UserError(f"{path}: the file has a header and no rows.")
    columns = {name: coded(table.column(name)) for name in wanted}
    return RawTable(path, lambda row: f"line {line_of(_lines(text), separator, row)}", columns, len(table))


def header_of(path: Path, content: bytes, *, delimiter: str | None, encoding: str) -> list[str]:
    """The column names."""
    return header(path, _utf8(path, _unpacked(path, content), encoding), delimiter)[0]


def header(path: Path, text: bytes, delimiter: str | None) -> tuple[list[str], str]:
    """The column names and the separator, from the beginning of the text."""
    first = re.split(rb"[\r\n]", _without_mark(text), maxsplit=1)[0].decode()
    if not first.strip():
        raise UserError(
            f"{path}: the file is empty; a line with the names of columns, and rows below it, were expected."
        )
    separator = delimiter or _separator(first)
    return next(csv.reader([first], delimiter=separator)), separator


def _unpacked(path: Path, content: bytes) -> bytes:
    if content.startswith(b"PK\x03\x04"):
        raise UserError(f"{path}: it is a spreadsheet's own file or a zip, not text; save the table as CSV UTF-8.")
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: the gzip file is damaged ({error}). Get it again.") from None


def _utf8(path: Path, content: bytes, encoding: str) -> bytes:
    """The text as UTF-8 bytes without a byte-order mark."""
    try:
        text = content.decode(encoding)
    except LookupError:
        raise UserError(f"{path}: there is no encoding {encoding!r}; try 'utf-8', 'latin-1' or 'utf-16'.") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{path}, line {line}: byte 0x{content[error.start]:02x} is not {encoding}. "
            "Save the file as UTF-8 (a spreadsheet calls it CSV UTF-8), or say its encoding on its card or to "
            "`attain data` (`encoding: latin-1`, `--encoding latin-1`)."
        ) from None
    return text.removeprefix("\ufeff").encode() if encoding.lower() not in ("utf-8", "utf8") else _without_mark(content)


def _without_mark(content: bytes) -> bytes:
    return content.removeprefix(b"\xef\xbb\xbf")


def _separator(header: str) -> str:
    """The separator that occurs most often in the header, outside quotes."""
    outside = "".join(header.split('"')[::2])
    return max(",\t;|", key=outside.count)


def _parse(path: Path, text: bytes, columns: list[str], separator: str) -> pa.Table:
    uneven: list[pa.csv.InvalidRow] = []
    try:
        table = pa.csv.read_csv(
            io.BytesIO(text),
            read_options=pa.csv.ReadOptions(use_threads=False, block_size=1 << 24),
            parse_options=parse_options(separator, uneven),
            convert_options=convert_options({name: pa.dictionary(pa.int32(), pa.string()) for name in columns}),
        )
    except pa.ArrowException as error:
        raise UserError(f"{path}: cannot be read as text separated by {separator!r}: {error}.") from None
    if uneven:
        line = line_of(_lines(text), separator, uneven[0].number - 2)
        raise uneven_error(path, line, separator, uneven[0], len(uneven))
    return table


def parse_options(separator: str, uneven: list[pa.csv.InvalidRow]) -> pa.csv.ParseOptions:
    """How text is parted into rows and cells; rows of another length than the header are left out and listed."""

    def note(row: pa.csv.InvalidRow) -> str:
        uneven.append(row)
        return "skip"

    return pa.csv.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=note)


def convert_options(types: Mapping[str, pa.DataType]) -> pa.csv.ConvertOptions:
    """How cells become columns of texts: as they stand, an empty one as no text."""
    return pa.csv.ConvertOptions(
        include_columns=list(types), column_types=dict(types), strings_can_be_null=False, check_utf8=False
    )


def uneven_error(path: Path, line: int, separator: str, row: pa.csv.InvalidRow, rows: int) -> UserError:
    """The error for rows that are longer or shorter than the header; the first of them, and how many there are."""
    more = f" ({rows} lines are like this)" if rows > 1 else ""
    return UserError(
        f"{path}, line {line}: {row.actual_columns} fields where the header has {row.expected_columns}{more}. "
        f"Mend the line, or say the `delimiter` (`--delimiter` of `attain data`) if it is not {separator!r}."
    )


def line_of(lines: Iterable[str], separator: str, row: int) -> int:
    """The line in which a row, from 0, begins; slow, for messages only."""
    reader = csv.reader(iter(lines), delimiter=separator)
    before, seen = 0, -2
    for fields in reader:
        seen += bool(fields)
        if seen == row:
            return before + 1
        before = reader.line_num
    return before + 1


def _lines(text: bytes) -> io.StringIO:
    return io.StringIO(text.decode(), newline="")
