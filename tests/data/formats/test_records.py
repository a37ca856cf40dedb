"""Rows of a table and of JSON lines say the same, and where they stand."""

import gzip
import json
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.data.formats.records import records

ROWS = [{"id": "1", "text": "a;\nb", "note": "x"}, {"id": "2", "text": ""}]
TABLE = b'other,id,text,note\n9,1,"a;\nb",x\n9,2,,\n'


def test_a_table_gives_the_columns_that_are_known_and_leaves_out_empty_cells_of_those_that_are_not_needed() -> None:
    for name, content in (("r.csv", TABLE), ("r.csv.gz", gzip.compress(TABLE))):
        found = list(records(Path(name), content, {"id": "the id", "text": "the text"}, ("note", "level")))
        assert found == [("line 2", ROWS[0]), ("line 4", ROWS[1])]


def test_json_lines_are_given_as_they_are() -> None:
    content = "\n\n".join(json.dumps(row) for row in ROWS).encode()
    assert list(records(Path("r.ndjson"), content, {}, ())) == [("line 1", ROWS[0]), ("line 3", ROWS[1])]


def test_a_table_without_a_needed_column_is_refused() -> None:
    with pytest.raises(UserError, match="text"):
        list(records(Path("r.csv"), b"id\n1\n", {"text": "the text"}, ("id",)))
