import numpy as np
import pytest

from attain.core.errors import UserError
from attain.models.dropout_prediction._imbalance import Imbalance, balanced

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(100, 3)), (np.arange(100) < 10).astype(np.int64)


@pytest.mark.parametrize(("how", "size"), [("undersample", 20), ("oversample", 180), ("smote", 180)])
def test_both_outcomes_come_to_the_same_number(how: Imbalance, size: int) -> None:
    rows = balanced(X, Y, how, 1)
    assert np.bincount(rows.y).tolist() == [size // 2, size // 2]
    assert (rows.weight == 1).all()


def test_weights_bring_both_outcomes_to_the_same_sum() -> None:
    rows = balanced(X, Y, "class_weights", 1)
    assert np.bincount(rows.y, rows.weight).tolist() == pytest.approx([50, 50])
    assert rows.x is X


def test_repeated_rows_are_the_rare_ones() -> None:
    rows = balanced(X, Y, "oversample", 1)
    assert {tuple(row) for row in rows.x[rows.y == 1]} == {tuple(row) for row in X[Y == 1]}


def test_too_few_rows_for_smote_are_said() -> None:
    with pytest.raises(UserError, match="more than 5 training rows of each outcome; the rarer has 4"):
        balanced(X, (np.arange(100) < 4).astype(np.int64), "smote", 1)
