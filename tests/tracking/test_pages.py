import pytest

from attain.tracking.errors import Invalid
from attain.tracking.pages import Value, after, checked_size, token


def test_a_token_gives_back_what_was_put_in() -> None:
    values: list[Value] = [0, 0.1, "ä", True]
    assert after(["q"], token(["q"], values), [int, float, str, bool]) == values


@pytest.mark.parametrize("given", ["", "abc", "!!", "e30=", "W10=", "MTIz", "bnVsbA=="])
def test_a_token_that_is_not_ours_is_refused(given: str) -> None:
    with pytest.raises(Invalid, match="page token"):
        after(["q"], given, [int])


def test_a_token_of_another_question_is_refused() -> None:
    with pytest.raises(Invalid, match="another question"):
        after(["other"], token(["q"], [1]), [int])
    with pytest.raises(Invalid, match="another question"):
        after(["q"], token(["q"], ["1"]), [int])


@pytest.mark.parametrize("size", [0, -1, 50_001, True, 1.5])
def test_a_page_has_from_1_to_50000_rows(size: int) -> None:
    with pytest.raises(Invalid, match="max_results"):
        checked_size(size)
