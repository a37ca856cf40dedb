from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from attain.core.facts import Facts
from attain.core.table import Predictions
from attain.metrics.discover import find

ByHand = Callable[..., Predictions]
NEEDS = [("mul", "add")]


def at(identity: str, table: Predictions) -> float:
    return float(find(identity).statistic(table).at(np.ones((1, len(table.units))))[0])


def test_an_answer_before_the_needed_skill_is_mastered_is_a_violation(by_hand: ByHand) -> None:
    # add is mastered at the 4th step; of the four answers to mul two come before that, and two after
    table = by_hand({"ann": {"add": "111", "mul": "0101"}}, needs=NEEDS, order="mamaamm")
    assert at("prerequisite_violation_rate", table) == pytest.approx(2 / 4)
    assert at("prerequisite_violation_rate[two_in_a_row]", table) == pytest.approx(2 / 4)
    assert at("prerequisite_violation_rate[four_in_a_row]", table) == 1
    note = find("prerequisite_violation_rate").statistic(table).note(np.ones(1))
    assert note == "0.286 of all answers; 3 of 7 need nothing"


def test_mastery_by_the_same_answer_comes_too_late_for_it() -> None:
    frame = pd.DataFrame({"unit": "ann", "example": range(4), "target": 1.0, "score": 0.5, "step": range(4)})
    frame["skill"] = ["add", "add", "add~~mul", "mul"]
    graph = pd.DataFrame({"skill": ["mul"], "needs": ["add"]})
    # the third answer makes add mastered and asks mul too: too soon; the fourth is in time
    assert at("prerequisite_violation_rate", Predictions(frame, facts=Facts(prerequisites=graph))) == 0.5


def test_a_learner_who_never_practised_what_is_needed_has_not_mastered_it(by_hand: ByHand) -> None:
    answers = {"ann": {"add": "111", "mul": "11"}, "bob": {"mul": "111"}}
    assert at("prerequisite_violation_rate", by_hand(answers, needs=NEEDS)) == pytest.approx(3 / 5)
    unknown = [*NEEDS, ("mul", "counting")]
    assert at("prerequisite_violation_rate", by_hand(answers, needs=unknown)) == 1


def test_what_was_truly_known_before_the_first_answer_counts(by_hand: ByHand) -> None:
    known_at = {"ann": {"add": 0, "mul": -1}, "bob": {"add": 2, "mul": -1}}
    answers = {"ann": {"add": "0", "mul": "0"}, "bob": {"add": "00", "mul": "00"}}
    table = by_hand(answers, known_at=known_at, needs=NEEDS)
    assert at("prerequisite_violation_rate[truth]", table) == 0
    table.frame["step"] = [1, 0, 0, 2, 1, 3]  # ann: mul, add; bob: add, mul, add, mul
    assert at("prerequisite_violation_rate[truth]", Predictions(table.frame, facts=table.facts)) == pytest.approx(1 / 3)


def test_without_a_graph_there_is_no_rate_and_without_needs_it_is_undefined(by_hand: ByHand) -> None:
    lacks = find("prerequisite_violation_rate").lacks(by_hand({"ann": {"add": "1"}}))
    assert lacks == "needs prerequisites, which this run does not have"
    statistic = find("prerequisite_violation_rate").statistic(by_hand({"ann": {"add": "1"}}, needs=NEEDS))
    assert np.isnan(statistic.at(np.ones((1, 1)))[0])
    assert statistic.why(np.ones(1)) == "no answer is to a skill that needs another"


@pytest.mark.parametrize("seed", range(5))
def test_it_agrees_with_a_loop_over_each_learners_answers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    skills = list("abcdef")
    edges = [(s, n) for k, s in enumerate(skills) for n in skills[:k] if rng.random() < 0.4]
    rows, early, needing = [], 0, 0
    for who in range(20):
        streak, mastered = dict.fromkeys(skills, 0), set[str]()
        for step in range(int(rng.integers(1, 40))):
            own = sorted(rng.choice(skills, rng.integers(1, 3), replace=False))
            right = float(rng.random() < 0.7)
            rows.append({"unit": f"l{who}", "step": step, "skill": "~~".join(own), "target": right})
            wanted = {n for s, n in edges if s in own}
            needing += bool(wanted)
            early += bool(wanted - mastered)
            for skill in own:
                streak[skill] = streak[skill] + 1 if right else 0
                mastered |= {skill} if streak[skill] >= 3 else set()
    frame = pd.DataFrame(rows).assign(fold=0, score=0.5)
    frame["example"] = rng.permutation(len(frame))
    graph = pd.DataFrame(edges, columns=["skill", "needs"])
    table = Predictions(frame.sample(frac=1, random_state=seed), facts=Facts(prerequisites=graph))
    assert at("prerequisite_violation_rate", table) == pytest.approx(early / needing)
