"""A set may come as a file for each course, and its outcome as a number below a bound."""

from collections.abc import Callable
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.data.card import read_card
from attain.data.load import load

Write = Callable[..., Path]

CARD = """title: T
tasks: [dropout_prediction]
description: D
licence: {name: CC0, redistribution: true}
pseudonymous: true
options: {as_of: 0}
courses:
  parts:
    maths: {file: m.csv, delimiter: ";"}
    french: {file: f.csv}
  result: final
  outcomes:
    fail: {below: 10}
    fail_graded: {below: 10, unknown: ["0"]}
  groups:
    midterm: {columns: {half: half}, numbers: [half], known_from: 1}
    family: {columns: {town: town}}
"""
MATHS, FRENCH = "half;town;final\n8;X;9.5\n12;Y;10\n", "final,half,town\n0,3,X\n15,9,Z\n"


@pytest.fixture
def parts(write: Write) -> Write:
    write(CARD, "datasets/parts/card.yaml")
    write(MATHS, "datasets/parts/m.csv")
    write(FRENCH, "datasets/parts/f.csv")
    return write


def test_each_file_is_a_course(parts: Write) -> None:
    frame = load("parts").log.frame()
    assert frame["course"].tolist() == ["maths", "maths", "french", "french"]
    assert frame["town"].tolist() == ["X", "Y", "X", "Z"]
    assert "half" not in frame
    assert load("parts", {"as_of": 1}).log.facts["half"].values.tolist() == [8, 12, 3, 9]
    assert load("parts", {"courses": ["french"]}).log.frame()["learner"].tolist() == ["row 3", "row 4"]


def test_a_number_below_the_bound_is_the_outcome(parts: Write) -> None:
    assert load("parts").log.outcome.tolist() == [1, 0, 1, 0]
    graded = load("parts", {"outcome": "fail_graded"})
    assert graded.log.outcome.tolist() == [1, 0, 0]
    assert [change.what for change in graded.changes] == ["dropped enrolments whose outcome is not known (0)"]


def test_a_wrong_cell_is_named_with_its_file(parts: Write) -> None:
    parts(FRENCH.replace("15", "top"), "datasets/parts/f.csv")
    with pytest.raises(UserError, match=r"f\.csv, line 3, column 'final': 'top' is not a number"):
        load("parts")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  parts:", "  file: m.csv\n  parts:", "give `file`, or `parts`"),
        ("fail: {below: 10}", "fail: {below: 10, leaves_within: true}", "or `below`"),
    ],
)
def test_a_card_says_one_of_them(write: Write, old: str, new: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_card(write(CARD.replace(old, new), "datasets/parts/card.yaml"))
