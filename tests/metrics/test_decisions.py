"""Effort, outcome and agreement by hand, and agreement against scikit-learn's kappa."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from attain.core.metric import Metric
from attain.core.table import Predictions
from attain.metrics.decisions import Judge, agreement, agreements, effort, outcome

ByHand = Callable[..., Predictions]


def value(table: Predictions, metric: Metric) -> float:
    return float(metric.statistic(table).at(np.ones((1, len(table.units))))[0])


def test_effort_is_practice_up_to_mastery_and_outcome_is_what_comes_after(by_hand: ByHand) -> None:
    table = by_hand({"ann": {"add": "011101"}, "bob": {"add": "00", "sub": "1110"}})
    assert value(table, effort()) == pytest.approx((4 + 2 + 3) / 3)
    assert value(table, outcome()) == pytest.approx((0.5 + 0.0) / 2)
    notes = [metric.statistic(table).note(np.ones(2)) for metric in (effort(), outcome())]
    assert notes[0] == "1 of 3 learner-skill pairs censored: not mastered when last seen"
    assert notes[1] == "1 of 3 learner-skill pairs left out: no answer after mastery"


def test_a_lower_threshold_asks_for_less_and_gives_less(by_hand: ByHand) -> None:
    table = by_hand({"ann": {"add": "0011"}}, mastery={"ann": {"add": [0.3, 0.6, 0.8, 0.99]}})
    assert value(table, effort("model>=0.5")) == 2
    assert value(table, effort("model>=0.75")) == 3
    assert value(table, outcome("model>=0.25")) == pytest.approx(2 / 3)
    assert value(table, outcome("model>=0.5")) == 1
    assert np.isnan(value(table, outcome("model>=0.95")))


def test_verdicts_are_counted_by_learner_and_skill(by_hand: ByHand) -> None:
    answers = {f"learner {k}": {"add": "11", "sub": "10"} for k in range(6)}
    rng = np.random.default_rng(0)

    def judge(name: str) -> Judge:
        known = {u: {s: list(rng.random(2)) for s in skills} for u, skills in answers.items()}
        return Judge(name, by_hand(answers, mastery=known), "model>=0.7")

    a, b = judge("a"), judge("b")
    found = agreement(a, b, replicates=200)
    assert found is not None

    def last(one: Judge) -> list[bool]:
        assert one.table.mastery is not None
        known = one.table.mastery["mastery"].to_numpy().reshape(-1, 2)
        return [bool(x) for x in (known >= 0.7).any(axis=1)]

    one, other = np.array(last(a)), np.array(last(b))
    assert (found.n_pairs, found.n_units) == (12, 6)
    assert found.agreement == pytest.approx((one == other).mean())
    assert (found.both, found.only_first) == (pytest.approx((one & other).mean()), pytest.approx((one & ~other).mean()))
    assert found.kappa == pytest.approx(cohen_kappa_score(one, other))
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.agreement <= found.high


def test_a_rule_agrees_with_itself_and_kappa_is_silent_where_there_is_one_verdict(by_hand: ByHand) -> None:
    table = by_hand({"ann": {"add": "000"}, "bob": {"add": "000"}})
    (found,) = agreements([Judge("x", table, "three_in_a_row"), Judge("y", table, "three_in_a_row")], replicates=50)
    assert (found.agreement, found.kappa) == (1, None)


def test_judges_without_a_common_learner_and_skill_are_not_compared(by_hand: ByHand) -> None:
    a, b = by_hand({"ann": {"add": "1"}}), by_hand({"bob": {"add": "1"}})
    assert agreement(Judge("a", a, "three_in_a_row"), Judge("b", b, "three_in_a_row")) is None
