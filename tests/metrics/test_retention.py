from collections.abc import Callable

import numpy as np
import pytest

from attain.core.table import Predictions
from attain.metrics.discover import find

ByHand = Callable[..., Predictions]
DAY = 86_400.0


def at(identity: str, table: Predictions) -> float:
    return float(find(identity).statistic(table).at(np.ones((1, len(table.units))))[0])


def test_mastery_that_was_lost_does_not_hold_at_the_end(by_hand: ByHand) -> None:
    # ann reached it and fell back, bob reached it twice, cat never
    table = by_hand({"ann": {"add": "11100"}, "bob": {"add": "1110111"}, "cat": {"add": "0101"}})
    assert at("mastered_at_end", table) == pytest.approx(1 / 3)
    assert at("under_practice_rate", table) == pytest.approx(1 / 3)
    note = find("mastered_at_end").statistic(table).note(np.ones(3))
    assert note == "1 of 2 mastered skills not so at the end: lost again"


def test_a_models_mastery_at_the_end_is_that_after_the_last_answer(by_hand: ByHand) -> None:
    known = {"ann": {"add": [0.2, 0.97, 0.6]}, "bob": {"add": [0.2, 0.5, 0.96]}}
    table = by_hand({"ann": {"add": "010"}, "bob": {"add": "111"}}, mastery=known)
    assert at("mastered_at_end[model>=0.95]", table) == 0.5
    assert find("mastered_at_end[model>=0.95]").direction == "none"


def test_retained_is_the_first_answer_that_comes_late_enough(by_hand: ByHand) -> None:
    table = by_hand({"ann": {"add": "11101"}, "bob": {"add": "1111"}, "cat": {"add": "1110"}, "dan": {"add": "000"}})
    days = [0, 0, 0, 5, 8, 0, 0, 0, 7, 0, 0, 0, 6.9, 0, 1, 20]
    table.frame["time_s"] = np.array(days) * DAY
    given = Predictions(table.frame)
    # after 7 days: ann right on day 8, bob right on day 7, cat asked too soon, dan never mastered it
    assert at("retained_share[three_in_a_row,7d]", given) == 1
    # after 5: ann wrong on day 5, bob right, cat wrong
    assert at("retained_share[three_in_a_row,5d]", given) == pytest.approx(1 / 3)
    statistic = find("retained_share").statistic(given)
    assert statistic.note(np.ones(4)) == "1 of 3 mastered skills left out: not asked 7d later"
    assert np.isnan(statistic.at(np.array([[0.0, 0, 1, 1]]))[0])
    assert statistic.why(np.ones(4)) == "no mastered skill was asked 7d later"
