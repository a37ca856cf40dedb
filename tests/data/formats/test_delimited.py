import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.data.formats.columns import RawTable
from attain.data.formats.read import content_of, header_of, read


def cells(table: RawTable, name: str) -> list[str]:
    column = table.columns[name]
    return [str(column.texts[code]) for code in column.code]


def read_file(path: Path, *names: str, delimiter: str | None = None, encoding: str = "utf-8") -> RawTable:
    wanted = {name: f"our {name}" for name in names}
    return read(path, path.read_bytes(), wanted, delimiter=delimiter, encoding=encoding)


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,x\n2,y z\n",
        b"\xef\xbb\xbfa,b\r\n1,x\r\n2,y z\r\n",  # byte-order mark and Windows line ends
        b"a;b\n1;x\n2;y z",  # no line end at the end
        b"a\tb\n1\tx\n\n2\ty z\n\n",  # empty lines
        b'"a","b"\n"1","x"\n"2"," y z "\n',
        gzip.compress(b"a,b\n1,x\n2,y z\n", mtime=0),
        "a,b\n1,x\n2,y z\n".encode("utf-16"),
    ],
)
def test_usual_ways_to_write_a_table_are_read_alike(write: Callable[..., Path], content: bytes) -> None:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    table = read_file(write(content), "b", "a", encoding=encoding)
    assert cells(table, "a") == ["1", "2"]
    assert cells(table, "b") == ["x", "y z"]
    assert table.n_rows == 2


def test_blanks_around_cells_are_trimmed_and_counted(write: Callable[..., Path]) -> None:
    column = read_file(write("a\nx \n x\nx\n y\n"), "a").columns["a"]
    assert column.texts.tolist() == ["x", "y"]
    assert column.code.tolist() == [0, 0, 0, 1]
    assert column.trimmed == 3


def test_a_row_knows_its_line_past_quoted_line_ends_and_empty_lines(write: Callable[..., Path]) -> None:
    table = read_file(write('a,b\n"x\ny",1\n\n2,3\n4,5\n'), "a")
    assert cells(table, "a") == ["x\ny", "2", "4"]
    assert [table.place(row) for row in range(3)] == ["line 2", "line 5", "line 6"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04\x14\x00", "a spreadsheet's own file or a zip, not text; save the table as CSV UTF-8"),
        (b"", "the file is empty; a line with the names of columns, and rows below it, were expected"),
        (b"\r\n", "the file is empty"),
        (b"a,b\n", "a header and no rows"),
        (b"a,c\n1,2\n", r"Unknown column 'b'. Known: a, c. It is wanted for 'our b'"),
        (b"a,bb\n1,2\n", "Did you mean 'bb'"),
        (b"a,b,b\n1,2,3\n", "the column 'b' is there 2 times"),
        (b"a,b\n1,2\n\n3\n4\n5,6\n", r"line 4: 1 fields where the header has 2 \(2 lines are like this\)"),
        (b"a,b\n1,2\n3,4,5\n", "line 3: 3 fields where the header has 2"),
        (b"a,b\n1,2\n3,caf\xe9\n", r"line 3: byte 0xe9 is not utf-8.*encoding: latin-1"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], "the gzip file is damaged"),
    ],
)
def test_a_bad_file_is_one_sentence_with_its_line(write: Callable[..., Path], content: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_file(write(content), "a", "b")


def test_a_known_encoding_is_read_and_an_unknown_one_is_named(write: Callable[..., Path]) -> None:
    path = write(b"a,b\n1,caf\xe9\n")
    assert cells(read_file(path, "b", encoding="latin-1"), "b") == ["café"]
    with pytest.raises(UserError, match="there is no encoding 'latin-0'"):
        read_file(path, "b", encoding="latin-0")


def test_the_header_can_be_asked_for_alone(write: Callable[..., Path]) -> None:
    path = write('user;"a, b";c\n')
    assert header_of(path, path.read_bytes()) == ["user", "a, b", "c"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"Cannot read '.*none.csv': No such file"):
        content_of(tmp_path / "none.csv")
