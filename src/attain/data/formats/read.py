"""Any file of rows, told apart by what it begins with."""

from collections.abc import Mapping
from pathlib import Path

from attain.core.errors import UserError
from attain.data.formats import delimited, parquet
from attain.data.formats.columns import RawTable

_PARQUET = b"PAR1"


def content_of(path: Path) -> bytes:
    """The file's bytes.

    Raises:
        UserError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"Cannot read {str(path)!r}: {error.strerror}.") from None


def read(
    path: Path, content: bytes, wanted: Mapping[str, str], *, delimiter: str | None = None, encoding: str = "utf-8"
) -> RawTable:
    """Read some columns.

    Args:
        path: where `content` comes from, for messages.
        content: the file's bytes.
        wanted: the file's columns to what they are wanted for.
        delimiter: of delimited text; None to find it from the header.
        encoding: of delimited text.

    Raises:
        UserError: the file cannot be read or lacks a column.
    """
    if content.startswith(_PARQUET):
        return parquet.read(path, content, wanted)
    return delimited.read(path, content, wanted, delimiter=delimiter, encoding=encoding)


def header_of(path: Path, content: bytes, *, delimiter: str | None = None, encoding: str = "utf-8") -> list[str]:
    """The file's column names."""
    if content.startswith(_PARQUET):
        return parquet.header_of(path, content)
    return delimited.header_of(path, content, delimiter=delimiter, encoding=encoding)
