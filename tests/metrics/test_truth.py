from collections.abc import Callable

import numpy as np
import pytest

from attain.core.table import Predictions
from attain.metrics.discover import find

ByHand = Callable[..., Predictions]

# three in a row at ann's 3rd answer, bob's 4th, never for cat and dan
ANSWERS = {"ann": {"add": "1110"}, "bob": {"add": "0111"}, "cat": {"add": "0101"}, "dan": {"add": "0000"}}
KNOWN_AT = {"ann": {"add": 1}, "bob": {"add": -1}, "cat": {"add": 2}, "dan": {"add": 9}}


def at(identity: str, table: Predictions) -> float:
    return float(find(identity).statistic(table).at(np.ones((1, len(table.units))))[0])


def test_a_verdict_is_true_where_the_rule_and_the_truth_agree_at_the_last_answer(by_hand: ByHand) -> None:
    # ann declared and knows; bob declared and does not; cat knows undeclared; dan knows only after his last answer
    table = by_hand(ANSWERS, known_at=KNOWN_AT)
    assert at("mastery_accuracy", table) == pytest.approx(2 / 4)
    assert at("mastery_accuracy[truth]", table) == 1
    assert at("mastery_accuracy[two_in_a_row]", table) == pytest.approx(2 / 4)


def test_the_lag_is_from_true_mastery_to_its_declaration(by_hand: ByHand) -> None:
    known_at = {"ann": {"add": 1}, "bob": {"add": -1}, "cat": {"add": 2}, "dan": {"add": -1}}
    statistic = find("mastery_lag").statistic(by_hand(ANSWERS, known_at=known_at))
    assert statistic.at(np.ones((1, 4)))[0] == 2
    note = statistic.note(np.ones(4))
    assert note == "3 of 4 learner-skill pairs left out: not both declared and truly mastered"
    soon = by_hand({"ann": {"add": "11100"}, "bob": {"add": "11100"}}, known_at={"ann": {"add": 5}, "bob": {"add": 0}})
    assert at("mastery_lag", soon) == pytest.approx((-2 + 3) / 2)
    assert np.isnan(statistic.at(np.array([[0.0, 1, 0, 0]]))[0])


def test_where_nobody_knows_the_truth_there_is_no_accuracy(by_hand: ByHand) -> None:
    assert find("mastery_accuracy").lacks(by_hand(ANSWERS)) == "needs known_at, which this run does not have"
