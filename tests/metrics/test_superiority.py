"""A challenger must be better by learner, and a question asked again must be paid for."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, ttest_1samp

from attain.core.errors import UserError
from attain.core.table import Predictions
from attain.metrics.discover import find
from attain.metrics.superiority import FEWEST, gain, level_of

ALPHA = 0.05


def pair(
    seed: int, learners: int = 200, *, better: float = 0.0, answers: int = 20
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A challenger and a champion whose errors on a learner's answers belong together."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(learners), answers)
    truth = rng.normal(0.3, 0.8, learners)[unit]
    target = (rng.random(len(unit)) < 1 / (1 + np.exp(-truth))).astype(float)
    keys = pd.DataFrame({"fold": 0, "example": np.arange(len(unit)), "unit": unit, "target": target})
    errors = [rng.normal(0, 0.6, learners)[unit] for _ in range(2)]
    challenger, champion = (
        keys.assign(score=1 / (1 + np.exp(-truth - size * error)))
        for size, error in zip((1 - better, 1.0), errors, strict=True)
    )
    return challenger, champion


def losses(frame: pd.DataFrame) -> np.ndarray:
    return -np.log(np.where(frame["target"] == 1, frame["score"], 1 - frame["score"]))


def test_the_p_value_is_that_of_a_t_test_on_the_means_of_learners() -> None:
    challenger, champion = pair(3, better=0.15)
    found = gain(Predictions(challenger), Predictions(champion), find("log_loss"), replicates=4000)
    by_learner = (losses(champion) - losses(challenger)).reshape(200, -1).mean(axis=1)
    known = ttest_1samp(by_learner, 0, alternative="greater")
    assert found.gain == pytest.approx(by_learner.mean())
    assert found.p == pytest.approx(known.pvalue, rel=0.25)
    low, high = ttest_1samp(by_learner, 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.1 * (high - low))


def test_a_gain_is_positive_whichever_way_the_metric_goes() -> None:
    challenger, champion = map(Predictions, pair(0, better=0.6))
    for name in ("auc", "log_loss"):
        found = gain(challenger, champion, find(name))
        assert found.gain is not None
        assert found.gain > 0
        assert found.standing(level_of(1)) == "better"
        assert gain(champion, challenger, find(name)).standing(level_of(1)) == "worse"


def test_equal_models_win_no_more_often_than_they_may() -> None:
    """Each look at the level of the first one; answer by answer the same models would win far too often."""
    pairs, won, by_answer = 300, 0, 0
    for seed in range(pairs):
        challenger, champion = pair(1_000 + seed, 120)
        found = gain(Predictions(challenger), Predictions(champion), find("log_loss"), replicates=200)
        assert found.p is not None
        won += found.p <= ALPHA
        by_answer += ttest_1samp(losses(champion) - losses(challenger), 0, alternative="greater").pvalue <= ALPHA
    assert binomtest(won, pairs, ALPHA, alternative="greater").pvalue > 0.01, won / pairs
    assert binomtest(by_answer, pairs, ALPHA, alternative="greater").pvalue < 1e-4, by_answer / pairs


def test_the_same_predictions_are_not_better_and_not_worse_than_a_margin() -> None:
    _, champion = pair(0)
    same = Predictions(champion), Predictions(champion.copy())
    assert gain(*same, find("auc")).standing(level_of(1)) == "unclear"
    assert gain(*same, find("auc"), margin=0.01).standing(level_of(1)) == "better"


def test_a_margin_lets_a_little_worse_pass_and_no_more() -> None:
    champion, challenger = map(Predictions, pair(0, 400, better=0.6))
    lost = gain(challenger, champion, find("log_loss"))
    assert lost.high is not None
    assert lost.high < 0
    assert gain(challenger, champion, find("log_loss"), margin=0.2).standing(0.025) == "better"
    assert gain(challenger, champion, find("log_loss"), margin=0.001).standing(0.025) == "worse"


def test_few_learners_cannot_tell() -> None:
    found = gain(*map(Predictions, pair(0, FEWEST - 1, better=1.0)), find("log_loss"))
    assert found.standing(level_of(1)) == "unclear"
    assert found.reason == "29 learners are too few to tell; at least 30 are needed"
    assert found.gain is not None, "the figures are there all the same"


def test_the_levels_of_all_looks_add_up_to_what_is_allowed() -> None:
    levels = [level_of(look) for look in range(1, 10_001)]
    assert sum(levels) == pytest.approx(ALPHA, rel=1e-3)
    assert sum(levels) < ALPHA
    assert levels == sorted(levels, reverse=True)


def test_a_metric_without_a_better_side_and_other_data_are_refused() -> None:
    challenger, champion = pair(0)
    with pytest.raises(UserError, match="has no better side, so nobody can win by it"):
        gain(Predictions(challenger), Predictions(champion), find("calibration_intercept"))
    with pytest.raises(UserError, match="judged on different data sets: of 4,000 answers of the same number, "):
        gain(Predictions(challenger.assign(target=1 - challenger["target"])), Predictions(champion), find("auc"))
