from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from attain.core.table import Predictions
from attain.metrics.discover import find


def table(**columns: Sequence[object]) -> Predictions:
    frame = pd.DataFrame({name: list(values) for name, values in columns.items()}).assign(fold=0)
    return Predictions(frame.assign(example=np.arange(len(frame))))


def at(identity: str, given: Predictions) -> float:
    return float(find(identity).statistic(given).at(np.ones((1, len(given.units))))[0])


def gains(pre: list[float], post: list[float]) -> Predictions:
    return table(unit=list("abcdefgh")[: len(pre)], target=[1.0] * len(pre), score=[0.5] * len(pre), pre=pre, post=post)


def test_answers_within_the_band_are_hits_and_the_note_says_whether_they_came_true() -> None:
    given = table(unit=list("aaab"), score=[0.6, 0.7, 0.9, 0.8], target=[1.0, 0.0, 1.0, 1.0])
    assert at("zpd_hit_rate[0.6,0.8]", given) == pytest.approx(3 / 4)
    assert at("zpd_hit_rate[0.85,1]", given) == pytest.approx(1 / 4)
    note = find("zpd_hit_rate[0.6,0.8]").statistic(given).note(np.ones(2))
    assert note == "in the band 0.700 was expected, and 0.667 was right"


def test_the_class_gains_a_share_of_what_it_could_and_learners_each_of_theirs() -> None:
    given = gains([0.2, 0.6], [0.6, 0.8])
    assert at("learning_gain_class", given) == pytest.approx((0.7 - 0.4) / (1 - 0.4))
    assert at("learning_gain_individual", given) == pytest.approx((0.4 / 0.8 + 0.2 / 0.4) / 2)


def test_the_two_gains_differ_and_errors_of_measurement_bias_only_the_individual_one() -> None:
    generator = np.random.default_rng(0)
    true_pre, n = generator.uniform(0.3, 0.8, 4000), 10
    pre = generator.binomial(n, true_pre) / n
    post = generator.binomial(n, true_pre + 0.5 * (1 - true_pre)) / n
    given = table(
        unit=[f"l{i}" for i in range(4000)], target=[1.0] * 4000, score=[0.5] * 4000, pre=list(pre), post=list(post)
    )
    assert at("learning_gain_class", given) == pytest.approx(0.5, abs=0.01)
    assert abs(at("learning_gain_individual", given) - 0.5) > 0.03


def test_a_loss_is_measured_against_what_there_was_to_lose() -> None:
    assert at("learning_gain_individual", gains([0.8, 0.2], [0.4, 0.6])) == pytest.approx((-0.5 + 0.5) / 2)


def test_nothing_to_gain_and_missing_tests_are_left_out_with_a_word() -> None:
    given = gains([1.0, 0.5, np.nan, 0.0], [1.0, 0.75, 0.5, 0.0])
    statistic = find("learning_gain_individual").statistic(given)
    assert statistic.at(np.ones((1, 4)))[0] == pytest.approx(0.5)
    assert statistic.note(np.ones(4)) == (
        "1 of 4 learners left out: a test is missing; 2 of 3 learners left out: they had nothing to gain or lose"
    )
    nobody = find("learning_gain_class").statistic(gains([1.0], [1.0]))
    assert np.isnan(nobody.at(np.ones((1, 1)))[0])
    assert nobody.why(np.ones(1)) == "no learner has both tests, or all knew everything before"
