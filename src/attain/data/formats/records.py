"""Rows as mappings, from JSON lines or from a table: for files in which most columns may be missing."""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from attain.core.errors import UserError
from attain.data.formats.read import header_of, read

JSON_LINES = (".jsonl", ".ndjson")


def records(
    path: Path, content: bytes, needed: Mapping[str, str], known: Collection[str]
) -> Iterator[tuple[str, dict[str, Any]]]:  # texts, or what JSON holds
    """Each row with where it stands, such as `line 12`.

    Args:
        path: where `content` comes from: JSON lines where its name says so, else CSV, TSV or Parquet, gzipped or not.
        content: the file's bytes.
        needed: columns that a table must have, to what they are wanted for; empty cells of these are "".
        known: columns of a table that are read where they are there; empty cells of these are left out.

    Raises:
        UserError: the file cannot be read, or lacks a column that is needed.
    """
    return _json_rows(path, content) if path.suffix in JSON_LINES else _table_rows(path, content, needed, known)


def _json_rows(path: Path, content: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UserError(f"{path}, {where}: is not JSON ({error}); each line is one whole object.") from None
        if not isinstance(row, dict):
            raise UserError(f"{path}, {where}: is not an object, such as {{'name': 'value'}}.")
        yield where, row


def _table_rows(
    path: Path, content: bytes, needed: Mapping[str, str], known: Collection[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    beside = [name for name in header_of(path, content) if name in known and name not in needed]
    table = read(path, content, {**needed, **dict.fromkeys(beside, "what it says")})
    for row in range(table.n_rows):
        cells = {name: column.texts[column.code[row]] for name, column in table.columns.items()}
        yield table.place(row), {name: cell for name, cell in cells.items() if cell != "" or name in needed}
