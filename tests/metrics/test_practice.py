from collections.abc import Callable

import numpy as np
import pytest

from attain.core.table import Predictions
from attain.metrics.discover import find

ByHand = Callable[..., Predictions]

# ann masters add at her 4th opportunity and goes on for 2; bob never masters add in 5, and sub at his 3rd;
# cat is seen 11 times on add without three in a row, and 2 times on sub.
ANSWERS = {
    "ann": {"add": "011101"},
    "bob": {"add": "01101", "sub": "111"},
    "cat": {"add": "01101101101", "sub": "11"},
}


def at(identity: str, table: Predictions) -> float:
    statistic = find(identity).statistic(table)
    return float(statistic.at(np.ones((1, len(table.units))))[0])


def test_wheel_spinning_is_ten_opportunities_without_three_in_a_row(by_hand: ByHand) -> None:
    # decided: ann add and bob sub mastered, cat add spins; indeterminate: bob add (5 seen), cat sub (2 seen)
    table = by_hand(ANSWERS)
    assert at("wheel_spinning_rate", table) == pytest.approx(1 / 3)
    assert at("wheel_spinning_indeterminate_share", table) == pytest.approx(2 / 5)
    said = find("wheel_spinning_rate").statistic(table).note(np.ones(3))
    assert said == "2 of 5 learner-skill pairs left out: left before 10 opportunities"


def test_mastery_after_the_tenth_opportunity_is_wheel_spinning_all_the_same(by_hand: ByHand) -> None:
    assert at("wheel_spinning_rate", by_hand({"ann": {"add": "0" * 9 + "111"}})) == 1
    assert at("wheel_spinning_rate", by_hand({"ann": {"add": "0" * 7 + "111"}})) == 0


def test_over_practice_is_what_came_after_mastery(by_hand: ByHand) -> None:
    # ann add: 2 of 6; bob add: 0 of 5, sub: 0 of 3; cat: 0 of 13
    assert at("over_practice_rate", by_hand(ANSWERS)) == pytest.approx(2 / 27)
    assert at("under_practice_rate", by_hand(ANSWERS)) == pytest.approx(3 / 5)


def test_three_in_a_row_does_not_run_over_to_the_next_skill_or_learner(by_hand: ByHand) -> None:
    table = by_hand({"ann": {"add": "11", "sub": "1"}, "bob": {"add": "11"}})
    assert at("under_practice_rate", table) == 1


def test_how_often_the_rule_is_right_stands_beside_over_practice_or_that_nobody_knows(by_hand: ByHand) -> None:
    blind = find("over_practice_rate").statistic(by_hand(ANSWERS))
    assert blind.note(np.ones(3)) == "whether mastery is true is not known here"
    known_at = {"ann": {"add": 5}, "bob": {"add": 1, "sub": -1}, "cat": {"add": -1, "sub": -1}}
    seeing = find("over_practice_rate").statistic(by_hand(ANSWERS, known_at=known_at))
    # right of ann's add and of cat's two; wrong of bob's two
    assert seeing.note(np.ones(3)) == "mastery_accuracy 0.600"
    assert find("under_practice_rate").statistic(by_hand(ANSWERS)).note(np.ones(3)) == blind.note(np.ones(3))
    itself = find("over_practice_rate[truth]").statistic(by_hand(ANSWERS, known_at=known_at))
    assert itself.note(np.ones(3)) == ""
