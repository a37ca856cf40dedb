"""Rows of a CSV text by the names of its header, each with its line."""

import csv
import io
from collections.abc import Collection, Iterator

from attain.core.errors import UserError


def rows(text: str, name: str, needed: Collection[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row and the line on which it ends; missing cells are empty.

    Args:
        text: with a header.
        name: of the file, for sentences.
        needed: columns that must be there.

    Raises:
        UserError: a column is missing, or the text is no CSV.
    """
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="", restkey="")
    try:
        given = reader.fieldnames or []
        if lacking := [column for column in needed if column not in given]:
            shown = ", ".join(given[:12]) or "none"
            raise UserError(f"{name}: there is no column {lacking[0]!r}; the columns are {shown}.")
        for row in reader:
            yield reader.line_num, {key: value.strip() for key, value in row.items() if key}
    except csv.Error as error:
        raise UserError(f"{name}, line {reader.line_num}: not CSV: {error}.") from None


def decoded(content: bytes, name: str) -> str:
    """The text of a file, without the mark that some programs put before it.

    Raises:
        UserError: it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UserError(f"{name}, line {line}: not UTF-8; save the file as UTF-8.") from None
