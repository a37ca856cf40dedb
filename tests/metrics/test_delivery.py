import pytest

from attain.metrics.discover import find, metric_ids
from attain.metrics.evaluate import evaluate

from .conftest import Pieces, ValueOf


def test_each_piece_is_delivered_empty_refused_or_failed(pieces: Pieces, value_of: ValueOf) -> None:
    table = pieces(["a", " ", None, None, None], state=["ok", "empty", "refused", "failed", "failed"])
    shares = [value_of(name, table) for name in ("delivered_share", "empty_share", "refused_share", "failed_share")]
    assert shares == pytest.approx([0.2, 0.2, 0.2, 0.4])


def test_without_states_nothing_is_said_of_them(pieces: Pieces) -> None:
    assert find("refused_share").lacks(pieces(["a"])) == "needs state, which this run does not have"


@pytest.mark.parametrize("name", [name for name in metric_ids() if "text" in find(name).needs])
def test_where_nothing_was_delivered_a_value_is_missing_with_a_reason(pieces: Pieces, name: str) -> None:
    columns = {"passage": "A cell has a wall.", "answer": "a wall", "concept": "cell", "level": 4.0}
    lists = {"references": [["What has it?"]] * 2, "options": [["a wall", "a door"]] * 2}
    table = pieces([None, None], state=["refused"] * 2, **lists, **{key: [text] * 2 for key, text in columns.items()})
    (value,) = evaluate(table, [find(name)], replicates=20)
    if name == "concept_coverage@1":  # of the concepts that were asked for, none is named
        assert value.value == 0
    else:
        assert value.value is None
        assert value.reason
    assert "not delivered: 2 refused of 2 pieces" in value.note or "needs the folder of an encoder" in value.reason
