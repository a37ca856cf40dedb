import numpy as np
import pytest

from attain.testing.small_lists import value
from attain.testing.small_scores import scores

TABLE = scores(
    {"a": [(0.5, 0.75), (1, 1)], "b": [(0, 0.5)]}, parts={"a": "known", "b": "new"}, maxima={"a": 4.0, "b": 2.0}
)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("score_rmse[known]", (0.25**2 / 2) ** 0.5),
        ("score_rmse[new]", 0.5),
        ("points_rmse[known]", (1.0 / 2) ** 0.5),  # a quarter of 4 points
        ("points_rmse[new]", 1.0),
    ],
)
def test_a_table_worked_by_hand(metric: str, expected: float) -> None:
    assert value(TABLE, metric).value == pytest.approx(expected)


def test_without_parts_it_is_the_root_mean_square_of_all_rows() -> None:
    generator = np.random.default_rng(0)
    human, model = generator.random((2, 60))
    table = scores({f"q{i % 7}": list(zip(human[i % 7 :: 7], model[i % 7 :: 7], strict=True)) for i in range(7)})
    assert value(table, "score_rmse").value == pytest.approx(np.sqrt(np.mean((human - model) ** 2)))
    assert value(table, "score_rmse").value == pytest.approx(value(table, "rmse").value)
