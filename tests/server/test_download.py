import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.server.download import NoSuchRange, content_type, headers_of, wanted


@given(st.integers(0, 50), st.one_of(st.none(), st.integers(0, 60)), st.one_of(st.none(), st.integers(0, 60)))
def test_a_range_gives_the_bytes_that_slicing_gives(size: int, first: int | None, last: int | None) -> None:
    content = bytes(range(size))
    asked = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    if first is None:
        expected = content[max(0, size - last) :] if last else (content if last is None else b"")
    else:
        expected = content[first:] if last is None else content[first : last + 1]
    try:
        part = wanted(asked, size)
    except NoSuchRange:
        assert expected == b""
        return
    if part is None:  # the whole file: nothing was asked for, or it ends before it begins
        assert (first is None and last is None) or (first is not None and last is not None and last < first)
    else:
        assert content[part[0] : part[1]] == expected != b""


@pytest.mark.parametrize(
    "asked", ["", "bytes", "bytes=", "bytes=-", "bytes=1-2,4-5", "bytes=a-b", "items=1-2", "bytes=5-2"]
)
def test_what_is_no_single_range_means_the_whole_file(asked: str) -> None:
    assert wanted(asked, 10) is None


@pytest.mark.parametrize(
    ("path", "kind", "way"),
    [
        ("a.txt", "text/plain", "inline"),
        ("model/MLmodel", "text/plain", "inline"),
        ("d.json", "text/plain", "inline"),
        ("script.js", "text/plain", "inline"),
        ("roc.png", "image/png", "inline"),
        ("roc.svg", "image/svg+xml", "attachment"),
        ("page.html", "text/html", "attachment"),
        ("page.xhtml", "application/xhtml+xml", "attachment"),
        ("weights", "application/octet-stream", "attachment"),
    ],
)
def test_a_browser_shows_only_what_cannot_run(path: str, kind: str, way: str) -> None:
    headers = dict(headers_of(path))
    assert content_type(path) == kind
    assert headers[b"content-type"].split(b";")[0].decode() == kind
    assert headers[b"content-disposition"].split(b";")[0].decode() == way
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert b"sandbox" in headers[b"content-security-policy"]


@given(st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1))
def test_no_file_name_breaks_out_of_its_header(name: str) -> None:
    value = dict(headers_of(name))[b"content-disposition"]
    assert value.isascii()
    assert not set(value) & {10, 13, 0}
    assert value.count(b'"') == 2
