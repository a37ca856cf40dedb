import pytest

from attain.audit import record as records
from attain.audit.verify import check_bytes, check_numbers
from attain.core.errors import UserError


def a_record() -> dict:
    empty = {"made": {"by": "me", "at": "2026-01-01"}, "inputs": {}, "policy": {}, "card": {}, "overrides": {}}
    return records.make_record(**empty, results={"tables": [{"n": 12, "name": "ä<b>"}]})


def test_a_record_is_read_back_from_its_bytes() -> None:
    content = records.canonical(a_record())
    assert records.read_record(content) == a_record()
    assert records.canonical(records.read_record(content)) == content


def test_each_changed_byte_is_noticed() -> None:
    content = records.canonical(a_record())
    for place in range(len(content)):
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        with pytest.raises(UserError, match=r"some byte was changed|something was changed"):
            records.read_record(changed)


def test_another_number_with_the_same_id_is_noticed() -> None:
    record = a_record()
    record["results"]["tables"][0]["n"] = 13
    with pytest.raises(UserError, match="does not follow from what it says"):
        records.read_record(records.canonical(record))


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"form":1}', b"\xff", b"nul"])
def test_what_is_no_record_is_refused(content: bytes) -> None:
    with pytest.raises(UserError):
        records.read_record(content)


@pytest.mark.parametrize("text", ["", "abc", "xyzw", "../../x", "a" * 17])
def test_what_can_be_no_id_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="is not the id of an audit"):
        records.checked_id(text)


def test_bytes_are_checked_against_what_was_sealed() -> None:
    assert check_bytes("file", b"abc", records.sha256(b"abc")).passed
    failed = check_bytes("file", b"abd", records.sha256(b"abc"))
    assert failed.passed is False
    assert "was sealed" in failed.said


def test_numbers_that_differ_are_named_by_their_place() -> None:
    kept = {"a": [{"n": 1, "gone": 2}, 2], "b": None}
    check = check_numbers("numbers", kept, {"a": [{"n": 3}, 2], "b": None, "new": 1}, code="Other code.")
    assert check.passed is False
    assert check.said == "3 of 5 values differ: a.0.n, a.0.gone, new. Other code."
    assert check_numbers("numbers", kept, kept).said == "all 4 values came out the same"


def test_what_differs_is_counted_in_single_values_on_both_sides() -> None:
    """A whole part that is missing counts with each of its values, so that no more can differ than there are."""
    kept = {"tables": [{"n": 1, "m": 2}, {"n": 3, "m": 4}], "same": 0}
    assert check_numbers("numbers", kept, {"tables": [{"n": 1, "m": 2}], "same": 0}).said.startswith("2 of 5 values")
    assert check_numbers("numbers", kept, {"same": 0}).said.startswith("4 of 5 values")
    assert check_numbers("numbers", kept, {"tables": None, "same": 0}).said.startswith("5 of 6 values")
