"""Apache Parquet."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from attain.core.errors import UserError
from attain.data.formats.columns import RawTable, check_columns, coded


def read(path: Path, content: bytes, wanted: Mapping[str, str]) -> RawTable:
    """Read some columns; values of any type are read as text.

    Raises:
        UserError: the file is not Parquet, has no rows, or lacks a column.
    """
    try:
        file = pa.parquet.ParquetFile(pa.BufferReader(content))
        check_columns(path, wanted, file.schema_arrow.names)
        table = file.read(columns=list(wanted))
    except pa.ArrowException as error:
        raise UserError(f"{path}: cannot be read as Parquet: {error}.") from None
    if not len(table):
        raise UserError(f"{path}: the file has columns and no rows.")
    columns = {name: coded(text(path, name, table.column(name), as_codes=True)) for name in wanted}
    return RawTable(path, lambda row: f"row {row + 1}", columns, len(table))


def header_of(path: Path, content: bytes) -> list[str]:
    """The column names."""
    try:
        return list(pa.parquet.read_schema(pa.BufferReader(content)).names)
    except pa.ArrowException as error:
        raise UserError(f"{path}: cannot be read as Parquet: {error}.") from None


def text(path: Path, name: str, column: pa.Array | pa.ChunkedArray, *, as_codes: bool) -> pa.Array | pa.ChunkedArray:
    """A column of any type as text.

    Args:
        path: the file, for messages.
        name: of the column.
        column: its values.
        as_codes: give codes into the distinct texts, "" not among them for a cell without a value.

    Raises:
        UserError: the column holds lists or records.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_list(column.type) or pa.types.is_struct(column.type):
        raise UserError(f"{path}: column {name!r} holds {column.type}; text or numbers were expected.")
    if not as_codes:
        return pa.compute.fill_null(column.cast(pa.string()), "")
    return pa.compute.dictionary_encode(column.cast(pa.string()))
