"""Learners whose answers are right by chance, who leave by chance or because of how it goes."""

import numpy as np
import pandas as pd
import pytest

from attain.core.table import Predictions
from attain.metrics._leaving import leaving_note
from attain.metrics._practice import Practice


def note(leave_right: float, leave_wrong: float, seed: int = 0, learners: int = 2000) -> str:
    """What is said where the chance to leave after an answer hangs on the answer."""
    rng = np.random.default_rng(seed)
    rows = []
    for who in range(learners):
        for step in range(30):
            right = rng.random() < 0.5
            rows.append((who, step, float(right)))
            if rng.random() < (leave_right if right else leave_wrong):
                break
    frame = pd.DataFrame(rows, columns=["unit", "step", "target"]).assign(skill="add", score=0.5, fold=0)
    table = Predictions(frame.assign(example=np.arange(len(frame))))
    practice = Practice.of(table.rows("practice"), "three_in_a_row")
    return leaving_note(practice)(np.ones(learners))


@pytest.mark.parametrize("seed", range(20))
def test_who_leaves_by_chance_gives_no_cause_for_a_note(seed: int) -> None:
    assert note(0.15, 0.15, seed) == ""


def test_who_leaves_after_wrong_answers_makes_mastery_look_too_frequent() -> None:
    said = note(0.05, 0.3)
    assert said.startswith("who leaves was right in 1")
    assert said.endswith("leaving hangs on how it goes, and too much mastery is shown")


def test_who_leaves_after_right_answers_makes_it_look_too_rare() -> None:
    assert note(0.3, 0.05).endswith("and too little mastery is shown")


def test_of_a_few_nothing_is_said() -> None:
    assert note(0.0, 0.5, learners=20) == ""
