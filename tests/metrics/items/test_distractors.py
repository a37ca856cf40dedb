"""Options: shares and abilities by hand, distractors that nobody falls for, keys that may be wrong."""

import numpy as np
import pytest

from attain.metrics.items.distractors import options_of

LISTED = ["Paris", "Lyon", "Nice", "Lille"]


def _chosen(**counts: int) -> np.ndarray:
    return np.array([name for name, count in counts.items() for _ in range(count)], dtype=object)


def test_shares_and_mean_abilities_worked_out_by_hand() -> None:
    chosen = _chosen(Paris=20, Lyon=12, Nice=7, Lille=1)
    ability = np.concatenate([np.linspace(0, 2, 20), np.linspace(-1, 0, 12), np.zeros(8)])
    key, lyon, nice, lille = options_of(chosen, ability, LISTED, "Paris")
    assert [one.n for one in (key, lyon, nice, lille)] == [20, 12, 7, 1]
    assert [one.share for one in (key, lyon, nice, lille)] == [0.5, 0.3, 0.175, 0.025]
    assert (key.key, key.functions, lyon.key) == (True, None, False)
    assert key.ability == pytest.approx(1)
    assert key.ability_se == pytest.approx(np.linspace(0, 2, 20).std(ddof=1) / np.sqrt(20))
    assert nice.ability is None, "seven learners are too few to be spoken of"
    assert [one.functions for one in (lyon, nice, lille)] == [True, True, False]
    assert not any(one.abler for one in (key, lyon, nice, lille))


def test_a_distractor_that_abler_learners_choose_than_the_key_is_a_warning() -> None:
    chosen = _chosen(Paris=30, Lyon=30)
    ability = np.concatenate([np.linspace(-2, 0, 30), np.linspace(0, 2, 30)])
    by_name = {one.text: one for one in options_of(chosen, ability, LISTED, "Paris")}
    assert by_name["Lyon"].abler
    by_name = {one.text: one for one in options_of(chosen, ability, LISTED, "Lyon")}
    assert not by_name["Paris"].abler


def test_options_that_nobody_chose_are_there_and_those_that_nobody_listed_are_told() -> None:
    found = options_of(_chosen(Paris=35, Rome=5), np.zeros(40), LISTED, "Paris")
    assert [one.text for one in found] == ["Paris", "Lyon", "Nice", "Lille", "Rome"]
    assert [one.listed for one in found] == [True, True, True, True, False]
    assert [one.functions for one in found] == [None, False, False, False, True]


def test_few_answers_judge_no_distractor() -> None:
    assert [one.functions for one in options_of(_chosen(Paris=9), np.zeros(9), LISTED, "Paris")] == [None] * 4


def test_without_a_key_nothing_is_a_distractor() -> None:
    found = options_of(_chosen(Paris=40, Lyon=1), np.zeros(41), LISTED, None)
    assert [one.functions for one in found] == [None] * 4
    assert not any(one.key for one in found)
