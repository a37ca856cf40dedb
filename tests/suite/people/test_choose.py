"""Which prompts are shown to whom."""

import numpy as np
import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.suite.people.choose import by_system, choose_prompts, disagreement, shares

PROMPTS = [f"p{i}" for i in range(10)]
VALUES = np.array([np.arange(10.0), np.arange(10.0) + np.array([0] * 4 + [9] + [0] * 5)])


def test_strata_take_turns_and_no_prompt_is_taken_twice() -> None:
    chosen = choose_prompts(PROMPTS, VALUES, None, ("best", "worst", "disputed"), 6, 0)
    assert len(chosen) == 6
    assert {prompt for prompt, stratum in chosen.items() if stratum == "worst"} == {"p0", "p1"}
    assert "p9" in {prompt for prompt, stratum in chosen.items() if stratum == "best"}
    disputed = choose_prompts(PROMPTS, VALUES, None, ("disputed",), 1, 0)
    assert disputed == {"p4": "disputed"}
    people = choose_prompts(PROMPTS, VALUES, np.eye(10)[7], ("disputed",), 1, 0)
    assert people == {"p7": "disputed"}


def test_a_missing_value_is_neither_best_nor_a_warning() -> None:
    values = VALUES.copy()
    values[:, 4] = np.nan
    values[0, 3] = np.nan
    assert choose_prompts(PROMPTS, values, None, ("best",), 1, 0) == {"p9": "best"}
    assert "p4" not in choose_prompts(PROMPTS, values, None, ("worst",), 9, 0)


def test_more_than_there_are_gives_all_and_the_seed_decides() -> None:
    assert len(choose_prompts(PROMPTS, None, None, ("random",), 99, 0)) == 10
    one, other, again = (list(choose_prompts(PROMPTS, None, None, ("random",), 4, seed)) for seed in (1, 2, 1))
    assert one == again
    assert one != other


def test_what_goes_by_a_metric_needs_one() -> None:
    with pytest.raises(UserError, match="'best' prompts go by a metric, and no metric of this suite differs"):
        choose_prompts(PROMPTS, None, None, ("best",), 1, 0)
    with pytest.raises(UserError, match="Nothing is disputed: no metric differs between pieces, and nobody rated"):
        choose_prompts(PROMPTS, None, None, ("disputed",), 1, 0)


def test_disagreement_is_of_people_about_the_same_piece() -> None:
    rows = [
        ("p0", 0, "a", "x", "person", "d", 1.0),
        ("p0", 0, "a", "y", "person", "d", 5.0),
        ("p1", 0, "a", "x", "person", "d", 3.0),
        ("p1", 0, "a", "y", "person", "d", 3.0),
        ("p1", 0, "a", "m", "model", "d", 5.0),
    ]
    columns = ["prompt", "sample", "system", "rater", "kind", "dimension", "value"]
    frame = pd.DataFrame(rows, columns=columns)
    found = disagreement(frame, ["p0", "p1", "p2"])
    assert found is not None
    assert found.tolist() == [2, 0, 0]
    assert disagreement(frame[frame["rater"] == "x"], ["p0"]) is None


def test_some_prompts_are_everybodys_and_each_of_the_others_one_persons() -> None:
    parts = shares(PROMPTS, 3, 0.4, 0)
    common = set.intersection(*map(set, parts))
    assert len(common) == 4
    alone = [prompt for part in parts for prompt in part if prompt not in common]
    assert sorted([*alone, *common]) == PROMPTS
    assert [len(part) for part in shares(PROMPTS, 2, 1.0, 0)] == [10, 10]


def test_pieces_without_a_text_are_not_shown() -> None:
    frame = pd.DataFrame({"prompt": "p", "sample": 0, "system": ["a", "b", "c"], "text": ["x", " ", None]})
    assert by_system(frame) == {"p": [("a", 0, "x")]}
