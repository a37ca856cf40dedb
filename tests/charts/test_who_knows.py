"""Who knows what: the last word on each skill, the course of a learner, and times that metrics give too."""

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times

from attain.charts.who_knows import FEWEST, Practice, joined, median_times, share_right
from attain.core.table import Predictions
from attain.metrics.discover import find
from attain.metrics.evaluate import evaluate

LEVEL = 0.8


def of(rows: list[tuple[int, int, float, float]]) -> Practice:
    """Practice from (learner, skill, mastery, right) in order."""
    learner, skill, mastery, right = (np.array(column) for column in zip(*rows, strict=True))
    return Practice(learner, skill, mastery.astype(float), right.astype(float))


@pytest.fixture(scope="module")
def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Answers of 40 learners on one skill, most of them with rising mastery."""
    rng = np.random.default_rng(0)
    rows = [(learner, step) for learner in range(40) for step in range(rng.integers(1, 15))]
    learner, step = np.array(rows).T
    answers = pd.DataFrame(
        {
            "fold": 0,
            "example": rng.permutation(len(rows)),
            "unit": [f"l{n:02}" for n in learner],
            "target": rng.integers(0, 2, len(rows)).astype(float),
            "score": 0.5,
            "skill": "add",
            "item": "i",
            "step": step,
        }
    )
    mastery = np.clip(step / 12 + rng.normal(0, 0.25, len(rows)), 0, 1)
    return answers, pd.DataFrame({"example": answers["example"], "skill": "add", "mastery": mastery})


def practice_of(frames: tuple[pd.DataFrame, pd.DataFrame]) -> Practice:
    answers, said = frames
    shuffled = said.sample(frac=1, random_state=1)
    return joined(
        answers["example"].to_numpy(float),
        pd.factorize(answers["unit"])[0].astype(np.int64),
        answers["step"].to_numpy(float),
        answers["target"].to_numpy(),
        shuffled["example"].to_numpy(float),
        np.zeros(len(said), dtype=np.int64),
        shuffled["mastery"].to_numpy(),
    )


def test_the_last_answer_on_a_skill_counts_and_what_was_not_practised_is_no_number() -> None:
    grid = of([(0, 0, 0.2, 1), (0, 0, 0.4, 1), (1, 0, 0.9, 0), (1, 1, 0.6, 1)]).last(3, np.array([1, 0]))
    assert np.array_equal(grid, [[np.nan, 0.4], [0.6, 0.9], [np.nan, np.nan]], equal_nan=True)


def test_answers_are_put_in_order_and_those_that_belong_to_nobody_or_say_nothing_are_left_out() -> None:
    found = joined(
        np.array([10.0, 11.0, 12.0, 13.0]),
        np.array([1, 0, 0, -1]),
        np.array([1.0, 2.0, 1.0, 1.0]),
        np.array([1.0, 0.0, 1.0, 1.0]),
        np.array([11.0, 12.0, 10.0, 13.0, 99.0, 12.0, np.nan]),
        np.array([0, 0, 0, 0, 0, 1, 0]),
        np.array([0.5, 0.4, 0.3, 0.2, 0.1, np.nan, 0.6]),
    )
    assert list(zip(found.learner, found.skill, found.mastery, found.right, strict=True)) == [
        (0, 0, 0.4, 1),
        (0, 0, 0.5, 0),
        (1, 0, 0.3, 1),
    ]


def test_the_course_of_a_learner_begins_with_the_skill_of_most_answers() -> None:
    course = of([(0, 0, 0.2, 1), (0, 1, 0.4, 1), (0, 1, 0.9, 0), (1, 1, 0.6, 1)]).course(0)
    assert [(skill, values.tolist()) for skill, values in course] == [(1, [0.4, 0.9]), (0, [0.2])]


def test_the_median_time_is_that_of_the_metric_and_its_interval_that_of_another_library(
    frames: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    practice = practice_of(frames)
    (found,) = median_times(practice, [0], LEVEL)
    metric = find(f"time_to_mastery_median_opportunities[model>={LEVEL}]")
    (value,) = evaluate(Predictions(*frames), [metric], replicates=10, seed=0)
    assert found.value == value.value
    assert found.learners == 40
    reached = [
        practice.mastery[s : s + n] >= LEVEL for s, n in zip(practice.start, practice.opportunities, strict=True)
    ]
    time = [int(np.argmax(one)) + 1 if one.any() else len(one) for one in reached]
    fitted = KaplanMeierFitter().fit(time, [bool(one.any()) for one in reached])
    assert found.value == fitted.median_survival_time_
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high
    ends = median_survival_times(fitted.confidence_interval_).to_numpy().ravel()
    assert [found.low, found.high] == pytest.approx(ends, abs=1.01)  # theirs is on the scale of log(-log)


def test_a_share_of_right_answers_widens_where_a_learners_answers_are_alike() -> None:
    alike = of([(learner, 0, 0.5, learner % 2) for learner in range(20) for _ in range(5)])
    mixed = of([(learner, 0, 0.5, k % 2) for learner in range(20) for k in range(6)])
    wide, narrow = share_right(alike, 0), share_right(mixed, 0)
    assert (wide.value, narrow.value) == (0.5, 0.5)
    assert (wide.low, wide.high) == (pytest.approx(0.2752, abs=1e-4), pytest.approx(0.7248, abs=1e-4))
    assert narrow.low == narrow.high == 0.5


def test_a_skill_of_fewer_than_ten_learners_has_no_number() -> None:
    few = of([(learner, 0, 0.9, 1) for learner in range(FEWEST - 1)])
    assert share_right(few, 0).value is None
    assert median_times(few, [0, 1], LEVEL)[0].value is None
    enough = of([(learner, 0, 0.9, 1) for learner in range(FEWEST)])
    assert median_times(enough, [0], LEVEL)[0].value == 1
    assert median_times(enough, [0], 0.95)[0].value is None
