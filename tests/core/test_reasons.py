import numpy as np
import pytest

from attain.core.reasons import Reasons, same_first, shared_top

NAMES = np.array(["age", "missed", "clicks", "score"], dtype=object)
ACTIONABLE = np.array([False, True, True, True])


def reasons(*rows: list[float]) -> Reasons:
    return Reasons(NAMES, ACTIONABLE, 0.0, np.array(rows))


def test_the_strongest_that_raise_the_score_come_first_and_who_one_is_never() -> None:
    found = reasons([9, 0.1, 0.3, -2], [9, -1, -1, -1], [0, 1, 2, 3])
    assert found.top(3).tolist() == [[2, 1, -1], [-1, -1, -1], [3, 2, 1]]
    assert found.top(5).shape == (3, 5)


def test_agreement_counts_those_who_have_a_reason_in_either() -> None:
    one = reasons([0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [0, -1, -1, -1])
    other = reasons([0, 2, 0.5, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, -1, -1, -1])
    assert same_first(one, other) == pytest.approx(1 / 3)
    assert shared_top(one, other) == pytest.approx((1 / 2 + 0 + 0) / 3)


def test_features_are_matched_by_name() -> None:
    one = reasons([0, 1, 0, 0])
    order = [3, 1, 0, 2]
    other = Reasons(NAMES[order], ACTIONABLE[order], 0.0, one.contribution[:, order])
    assert same_first(one, other) == 1


def test_where_nobody_has_a_reason_agreement_is_undefined() -> None:
    none = reasons([1, -1, 0, 0])
    assert np.isnan(same_first(none, none))
    assert np.isnan(shared_top(none, none))


def test_a_topic_is_the_sum_of_its_features_and_may_be_shown_if_all_may() -> None:
    found = reasons([1, 2, 4, 8]).grouped({"missed": "work", "score": "work", "clicks": "life", "age": "life"})
    assert found.features.tolist() == ["life", "work"]
    assert found.contribution.tolist() == [[5, 10]]
    assert found.actionable.tolist() == [False, True]


def test_features_that_have_no_topic_stay_as_they_are() -> None:
    found = reasons([1, 2, 4, 8]).grouped({})
    assert found.features.tolist() == ["age", "clicks", "missed", "score"]
    assert found.contribution.tolist() == [[1, 4, 2, 8]]
