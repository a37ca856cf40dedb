import numpy as np
import pandas as pd
import pytest

from attain.core.table import Predictions
from attain.metrics.calibration import ece
from attain.metrics.calibration_by_chance import ece_by_chance


@pytest.mark.parametrize("binning", ["quantile", "uniform"])
@pytest.mark.parametrize("n", [50, 400])
def test_it_is_the_mean_error_of_models_whose_scores_are_true(binning: str, n: int) -> None:
    rng = np.random.default_rng(0)
    score = rng.beta(1, 2, n)
    frame = pd.DataFrame({"example": range(n), "unit": [f"l{i}" for i in range(n)], "score": score, "target": 0.0})
    one = np.ones((1, n))
    drawn = [
        float(ece(10, binning).statistic(Predictions(frame.assign(target=(rng.random(n) < score) * 1.0))).at(one)[0])
        for _ in range(300)
    ]
    by_chance = float(ece_by_chance(10, binning).statistic(Predictions(frame)).at(one)[0])
    assert by_chance == pytest.approx(np.mean(drawn), rel=0.06)


def test_certain_scores_leave_nothing_to_chance() -> None:
    frame = pd.DataFrame({"example": range(3), "unit": list("abc"), "score": [0.0, 1, 1], "target": [0.0, 1, 1]})
    assert ece_by_chance().statistic(Predictions(frame)).at(np.ones((1, 3)))[0] == 0
