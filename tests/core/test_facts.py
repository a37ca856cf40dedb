import numpy as np
import pandas as pd

from attain.core.facts import Facts
from attain.core.table import Predictions

FRAME = pd.DataFrame(
    {
        "fold": 0,
        "example": [10, 1, 12, 13],
        "unit": ["bob", "ann", "bob", "ann"],
        "target": [1.0, 0, 0, 1],
        "score": 0.5,
        "skill": ["sub", "add~~sub", "add", "sub"],
        "step": [1, 0, 0, 1],
    }
)
KNOWN = pd.DataFrame({"learner": ["ann", "bob", "zoe"], "skill": ["sub", "add", "add"], "known_at": [2, -1, 0]})
GRAPH = pd.DataFrame({"skill": ["sub", "sub", "x"], "needs": ["add", "y", "add"]})
TESTS = pd.DataFrame({"learner": ["bob", "zoe"], "pre": [0.25, 0], "post": [0.5, 1]})


def test_facts_are_joined_by_name_to_the_rows_of_learners_and_skills() -> None:
    table = Predictions(FRAME, facts=Facts(KNOWN, GRAPH, TESTS))
    practice = table.rows("practice")
    named = zip(table.units[practice.unit], table.skills[practice["skill"].astype(int)], strict=True)
    known = dict(zip(named, practice.numbers("known_at"), strict=True))
    assert known["ann", "sub"] == 2
    assert known["bob", "add"] == -1
    assert np.isnan(known["ann", "add"])
    assert practice.prerequisites.tolist() == [[1, 0], [1, -1]]
    assert practice.where(practice.unit == 0).prerequisites.tolist() == [[1, 0], [1, -1]]


def test_tests_stand_beside_every_answer_of_a_learner() -> None:
    answers = Predictions(FRAME, facts=Facts(tests=TESTS)).rows("answer")
    np.testing.assert_array_equal(answers.numbers("pre"), [np.nan, np.nan, 0.25, 0.25])
    np.testing.assert_array_equal(answers.numbers("post"), [np.nan, np.nan, 0.5, 0.5])


def test_a_table_has_the_columns_of_its_facts_and_keeps_none_in_its_frame() -> None:
    table = Predictions(FRAME, facts=Facts(KNOWN, GRAPH, TESTS))
    assert {"known_at", "prerequisites", "pre", "post"} <= table.columns
    assert not {"known_at", "pre", "post"} & set(table.frame.columns)
    assert not {"known_at", "prerequisites", "pre", "post"} & Predictions(FRAME).columns
