import pytest

from attain.metrics.discover import find

from .conftest import Pieces, ValueOf


def test_each_piece_is_delivered_empty_refused_or_failed(pieces: Pieces, value_of: ValueOf) -> None:
    table = pieces(["a", " ", None, None, None], state=["ok", "empty", "refused", "failed", "failed"])
    shares = [value_of(name, table) for name in ("delivered_share", "empty_share", "refused_share", "failed_share")]
    assert shares == pytest.approx([0.2, 0.2, 0.2, 0.4])


def test_without_states_nothing_is_said_of_them(pieces: Pieces) -> None:
    assert find("refused_share").lacks(pieces(["a"])) == "needs state, which this run does not have"
