from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.data import pseudonym
from attain.data.facts import facts_of, read_prerequisites, read_tests
from attain.data.load import load

SKILLS = np.array(["add", "mul", "sub"], dtype=object)
UNITS = np.array(["ann", "bob"], dtype=object)


def write(folder: Path, text: str) -> Path:
    path = folder / "given.csv"
    path.write_text(text)
    return path


@pytest.mark.usefixtures("home")
def test_a_simulated_set_knows_its_learners() -> None:
    data = load("simulated", {"learners": 30, "answers": 30})
    facts = facts_of(data)
    assert facts.known is not None
    assert facts.tests is not None
    truth = data.truth["mastery"]
    one = truth[truth["learner"] == truth["learner"].iloc[0]]
    tested = facts.tests.set_index("learner").loc[one["learner"].iloc[0]]
    assert tested["pre"] == pytest.approx((one["known_at"] == 0).mean())
    assert tested["post"] == pytest.approx((one["known_at"] >= 0).mean())
    assert facts.columns == {"known_at", "prerequisites", "pre", "post"}


def test_edges_that_close_a_cycle_are_cut_and_strange_skills_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, "skill,needs\nmul,add\nadd,mul\nsub,counting\nx,add\n")
    graph, remarks = read_prerequisites(path, SKILLS)
    assert sorted(graph.itertuples(index=False, name=None)) == [("add", "mul"), ("counting", "sub")]
    assert remarks == (
        "'add' needs 'mul' is left out: it would close a cycle",
        "skills that nobody practised here: 'counting', 'x'",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("skill,needs\nmull,add\n", r"none of its skills is judged here. Unknown skill 'mull'. Did you mean 'mul'"),
        ("skill,needs\nmul,\n", r"line 2, column 'needs': is empty"),
        ("skill,need\nmul,add\n", r"column 'needs'"),
    ],
)
def test_a_graph_that_is_none_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_prerequisites(write(tmp_path, text), SKILLS)


def test_tests_are_matched_by_name(tmp_path: Path) -> None:
    tests, remarks = read_tests(write(tmp_path, "learner,pre,post\nann,0.5,1\nbob,,0.25\nzoe,0,0\n"), UNITS)
    expected = pd.DataFrame({"learner": ["ann", "bob"], "pre": [0.5, np.nan], "post": [1, 0.25]})
    pd.testing.assert_frame_equal(tests, expected, check_dtype=False)
    assert remarks == ("1 learners with tests are not in the predictions",)


@pytest.mark.usefixtures("home")
def test_tests_are_matched_by_pseudonym_where_no_name_is(tmp_path: Path) -> None:
    hidden = pseudonym.pseudonyms(["ann"], pseudonym.key())
    tests, remarks = read_tests(write(tmp_path, "learner,pre,post\nann,0.5,1\n"), hidden)
    assert tests["learner"].tolist() == hidden.tolist()
    assert remarks == ("learners were found by their pseudonyms",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("learner,pre,post\nann,5,9\n", r"line 2, column 'pre': 5 is not a share .* divide points by their maximum"),
        ("learner,pre,post\nann,0,1\nann,0,1\n", r"line 3, column 'learner': line 2 has the same one"),
        ("learner,pre,post\nzoe,0,1\n", r"none of its 1 learners is in the predictions"),
        ("learner,pre,post\nann,0,good\n", r"'good' is not a number"),
    ],
)
@pytest.mark.usefixtures("home")
def test_tests_that_make_no_sense_are_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_tests(write(tmp_path, text), UNITS)
