from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from attain.core.errors import UserError
from attain.core.table import Predictions
from attain.metrics.calibration import calibration_gap, calibration_intercept, calibration_slope, ece

Simulate = Callable[..., Predictions]


def whole(table: Predictions) -> np.ndarray:
    return np.ones((1, len(table.units)))


def brute_force_ece(frame: pd.DataFrame, place: np.ndarray) -> float:
    gaps = [len(part) * abs(part["score"].mean() - part["target"].mean()) for _, part in frame.groupby(place)]
    return sum(gaps) / len(frame)


@pytest.mark.parametrize("seed", range(5))
def test_bins_of_equal_width_agree_with_a_plain_loop(simulate: Simulate, seed: int) -> None:
    table = simulate(seed=seed, digits=3)
    place = np.minimum(np.floor(table.frame["score"] * 10), 9).to_numpy()
    assert ece(10, "uniform").statistic(table).at(whole(table))[0] == pytest.approx(brute_force_ece(table.frame, place))


@pytest.mark.parametrize("digits", [1, 6])
def test_bins_of_equal_size_keep_equal_scores_together(simulate: Simulate, digits: int) -> None:
    table = simulate(learners=40, digits=digits)
    score = table.frame["score"].to_numpy()
    before = np.array([(score < s).sum() for s in score])
    place = before * 7 // len(score)
    assert ece(7).statistic(table).at(whole(table))[0] == pytest.approx(brute_force_ece(table.frame, place))


def test_bins_of_equal_size_without_ties_are_equally_large() -> None:
    frame = pd.DataFrame(
        {
            "example": range(12),
            "unit": "ann",
            "score": np.arange(12) / 12,
            "target": [0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1],
        }
    )
    expected = np.mean(
        [abs(frame["score"][i : i + 3].mean() - frame["target"][i : i + 3].mean()) for i in (0, 3, 6, 9)]
    )
    assert ece(4).statistic(Predictions(frame)).at(np.ones((1, 1)))[0] == pytest.approx(expected)


def test_the_slope_is_that_of_an_unpenalised_logistic_regression(simulate: Simulate) -> None:
    table = simulate(learners=60, digits=6)
    frame = table.frame
    logit = np.log(frame["score"] / (1 - frame["score"])).to_numpy()[:, None]
    peer = LogisticRegression(penalty=None, tol=1e-10).fit(logit, frame["target"])
    assert calibration_slope().statistic(table).at(whole(table))[0] == pytest.approx(peer.coef_[0, 0], abs=1e-5)


def test_shifting_by_the_intercept_makes_the_mean_score_right(simulate: Simulate) -> None:
    table = simulate(learners=60, digits=6)
    shift = calibration_intercept().statistic(table).at(whole(table))[0]
    score = table.frame["score"]
    shifted = 1 / (1 + np.exp(-(np.log(score / (1 - score)) + shift)))
    assert shifted.mean() == pytest.approx(table.frame["target"].mean())


def test_an_overconfident_model_has_a_slope_below_one() -> None:
    rng = np.random.default_rng(1)
    logit = rng.normal(size=4000)
    target = rng.random(4000) < 1 / (1 + np.exp(-logit))
    table = Predictions(
        pd.DataFrame(
            {"example": range(len(logit)), "unit": "ann", "target": target * 1.0, "score": 1 / (1 + np.exp(-2 * logit))}
        )
    )
    assert calibration_slope().statistic(table).at(np.ones((1, 1)))[0] == pytest.approx(0.5, abs=0.05)


def test_perfect_separation_has_no_slope() -> None:
    table = Predictions(
        pd.DataFrame(
            {"example": range(4), "unit": list("aabb"), "score": [0.1, 0.2, 0.8, 0.9], "target": [0.0, 0, 1, 1]}
        )
    )
    assert np.isnan(calibration_slope().statistic(table).at(np.ones((1, 2)))[0])


def test_an_unknown_binning_is_named() -> None:
    with pytest.raises(UserError, match=r"'ece': binning is 'equal'.*'quantile' or 'uniform'"):
        ece.parse("ece[15,equal]")


def test_the_gap_is_what_the_model_expects_too_much(simulate: Simulate) -> None:
    table = simulate()
    found = calibration_gap().statistic(table).at(np.ones((1, len(table.units))))[0]
    assert found == pytest.approx(table.frame["score"].mean() - table.frame["target"].mean())
