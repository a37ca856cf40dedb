"""A text is the same UTF-8 however it is encoded, packed, and read."""

import gzip
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attain.core.errors import UserError
from attain.data.stream.texts import Utf8


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.sampled_from("ab,\né"), min_size=1, max_size=30),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "utf-16"]),
    size=st.integers(1, 9),
    packed=st.booleans(),
)
def test_pieces_of_any_size_are_the_whole_text(
    tmp_path: Path, text: str, encoding: str, size: int, packed: bool
) -> None:
    content, path = text.encode(encoding), tmp_path / "a.csv"
    path.write_bytes(gzip.compress(content) if packed else content)
    with closing(Utf8(path, encoding)) as stream:
        assert b"".join(iter(lambda: stream.read(size), b"")) == text.encode()
    with closing(Utf8(path, encoding)) as stream:
        assert stream.read() == text.encode()


@pytest.mark.parametrize("end", [b"\n\xe9", b"\n\xc3", b"\n\xc3a"])
def test_a_byte_that_is_no_utf_8_is_named_with_its_line(tmp_path: Path, end: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(b"one\ntwo" + end)
    with closing(Utf8(tmp_path / "a.csv", "utf-8")) as stream, pytest.raises(UserError, match=r"line 3: byte 0x"):
        list(iter(lambda: stream.read(2), b""))
