from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from attain.data.dataset import Change
from attain.data.describe import Spread, describe
from attain.data.load import load, load_csv


def test_a_small_file_is_described_in_figures_worked_by_hand(write: Callable[..., Path]) -> None:
    rows = "l,i,c,s,t,d\na,1,1,x~~y,0,10\na,2,0,,86400,-1\na,3,0,x,43200,30\nb,1,1,y,172800,20\n"
    columns = {"learner": "l", "item": "i", "correct": "c", "skill": "s", "time": "t", "duration": "d"}
    facts = describe(load_csv(write(rows), columns, time_unit="s"))
    assert (facts.answers, facts.learners, facts.items, facts.skills) == (4, 2, 3, 2)
    assert facts.share_correct == 0.5
    assert facts.share_multi_skill == 0.25
    assert facts.share_without_skill == 0.25
    assert facts.answers_a_learner == Spread(1, 1.5, 2, 2.5, 3)
    assert facts.days == 2
    assert facts.first_day is None  # seconds since no calendar moment
    assert facts.duration_s == Spread(10, 15, 20, 25, 30)
    assert facts.share_with_duration == 0.75
    assert Change("durations of zero or less counted as unknown", 1) in facts.changes
    assert facts.published_folds is None


def test_dates_are_given_where_times_are_dates_and_cohorts_are_counted() -> None:
    facts = describe(load("simulated", {"learners": 60, "skills": 4, "items": 20, "answers": 10}))
    assert facts.first_day is not None
    assert facts.first_day >= "2024-09-02"
    assert set(facts.cohorts) == {"gender", "school"}
    assert facts.cohorts["gender"]["X"] == "<10"
    assert "hidden" in facts.cohorts["gender"].values()


def test_learners_by_published_fold_are_shown_by_the_rule_of_cohorts() -> None:
    made = load("simulated", {"learners": 60, "skills": 4, "items": 20, "answers": 10})
    folds = np.repeat([-1, 0, 1], [20, 35, 5])
    facts = describe(replace(made, published=folds))
    assert facts.published_folds == {"-1": "hidden", "0": 35, "1": "<10"}
