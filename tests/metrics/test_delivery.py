import pytest

from attain.metrics.discover import find
from attain.metrics.evaluate import evaluate

from .conftest import Pieces, ValueOf


def test_each_piece_is_delivered_empty_refused_or_failed(pieces: Pieces, value_of: ValueOf) -> None:
    table = pieces(["a", " ", None, None, None], state=["ok", "empty", "refused", "failed", "failed"])
    shares = [value_of(name, table) for name in ("delivered_share", "empty_share", "refused_share", "failed_share")]
    assert shares == pytest.approx([0.2, 0.2, 0.2, 0.4])


def test_without_states_what_has_no_text_is_empty(pieces: Pieces, value_of: ValueOf) -> None:
    table = pieces(["a", "\n", None])
    assert value_of("empty_share", table) == pytest.approx(2 / 3)
    assert find("refused_share").lacks(table) == "needs state, which this run does not have"


def test_length_is_words_of_what_was_delivered_and_the_rest_is_counted(pieces: Pieces) -> None:
    table = pieces(["What is it?", "光合作用", None], state=["ok", "ok", "refused"])
    (value,) = evaluate(table, [find("text_length")], replicates=0)
    assert value.value == pytest.approx((3 + 4) / 2)
    assert value.n == 2
    assert "not delivered: 1 refused of 3 pieces; they are left out" in value.note


def test_of_nothing_delivered_there_is_no_length(pieces: Pieces) -> None:
    (value,) = evaluate(pieces([None, ""]), [find("text_length")], replicates=0)
    assert (value.value, value.reason) == (None, "no piece was delivered")
