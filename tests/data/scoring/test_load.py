from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data.dataset import Dataset
from attain.data.load import load
from attain.data.scored_answers import ScoredAnswers

CARD = """
title: Small
tasks: [answer_scoring]
description: For a test.
licence: {name: none, redistribution: true}
scored_answers:
  file: answers.csv
  question: q
  wording: asks
  reference: model
  reference_separator: "|"
  response: text
  points: got
  part: part
"""
ANSWERS = '''q,asks,model,text,got,part
b,Why?,one|two ,"It is so,
for ""one""",1.5,train
b,Why?,one|two,,0,new
a,How?,,Like this,2,train
b,Why?,three,,0,train
a,How?,,No points,,train
'''


@pytest.fixture
def folder(home: Path) -> Path:
    own = home / "datasets" / "small"
    own.mkdir(parents=True)
    (own / "answers.csv").write_text(ANSWERS)
    (own / "card.yaml").write_text(CARD)
    return own


def loaded(**options: object) -> Dataset[ScoredAnswers]:
    return load("small", options)


def test_rows_of_several_lines_and_empty_answers_are_read_as_they_stand(folder: Path) -> None:
    log = loaded().log
    assert log.questions[log.question].tolist() == ["b", "b", "a", "b"]
    assert log.response.tolist() == ['It is so,\nfor "one"', "", "Like this", ""]
    assert log.points.tolist() == [1.5, 0, 2, 0]
    assert log.parts[log.part].tolist() == ["train", "new", "train", "train"]
    assert log.wording.tolist() == ["How?", "Why?"]
    assert [log.references_of(code) for code in range(2)] == [[], ["one", "two", "three"]]
    assert np.isnan(log.maximum).all()


def test_what_was_left_out_and_what_is_there_twice_is_counted(folder: Path) -> None:
    assert {change.what: change.rows for change in loaded().changes} == {
        "dropped answers without points": 1,
        "kept answers that repeat another to the same question word for word": 1,
    }


def test_maxima_are_those_that_the_options_name_and_of_no_other_question(folder: Path) -> None:
    log = loaded(maxima={"a": 3}).log
    assert log.maximum[0] == 3
    assert np.isnan(log.maximum[1])


def test_a_column_of_maxima_is_read_and_the_options_go_before_it(folder: Path) -> None:
    rows = [
        f"{line},{'max' if n == 0 else '4'}"
        for n, line in enumerate(ANSWERS.replace(",\nfor", " for").split("\n")[:-1])
    ]
    (folder / "answers.csv").write_text("\n".join(rows))
    (folder / "card.yaml").write_text(f"{CARD}  maximum: max\n")
    assert loaded().log.maximum.tolist() == [4, 4]
    assert loaded(maxima={"a": 2}).log.maximum.tolist() == [2, 4]


def test_the_cache_gives_back_what_was_read(folder: Path) -> None:
    first, again = loaded(), loaded()
    assert first.fingerprint == again.fingerprint
    assert again.log.texts() == first.log.texts()
    for name, values in first.log.arrays().items():
        np.testing.assert_array_equal(again.log.arrays()[name], values)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("b,Why?,three,,0", "b,What?,three,,0", r"line 6, column 'asks': differs from that of the same question"),
        ("b,Why?,three,,0", ",Why?,three,,0", r"line 6, column 'q': is empty; every row must say what was asked"),
        ("Like this,2", "Like this,two", r"line 5, column 'got': 'two' is not a number"),
        ("Like this,2", "Like this,-1", r"line 5, column 'got': is below 0"),
        ("text,got", "text,points", r"'got'"),
    ],
)
def test_a_faulty_cell_is_named_with_its_place(folder: Path, old: str, new: str, words: str) -> None:
    assert old in ANSWERS
    (folder / "answers.csv").write_text(ANSWERS.replace(old, new))
    with pytest.raises(UserError, match=words):
        loaded()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"maxima": {"c": 1}}, "Unknown question of 'small' 'c'"),
        ({"maxima": {"a": 0}}, "maxima"),
        ({"maxima": {"a": 1}}, r"line 5, column 'got': more points than a full answer has \(1\)"),
        ({"questions": ["z"]}, "Unknown question of 'small' 'z'"),
    ],
)
def test_options_that_cannot_be_are_refused(folder: Path, options: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        loaded(**options)


def test_only_wanted_questions_are_kept(folder: Path) -> None:
    log = loaded(questions=["a"]).log
    assert log.questions.tolist() == ["a"]
    assert len(log) == 1


@pytest.mark.data
def test_the_real_set_has_the_counts_that_were_found_when_it_was_laid_out(real: Callable[[str], None]) -> None:
    real("saf_short_answers")
    data = load("saf_short_answers")
    log = data.log
    parts = {str(name): int((log.part == code).sum()) for code, name in enumerate(log.parts)}
    assert parts == {"training": 2127, "unseen_answers": 375, "unseen_questions": 479}
    assert len(log.questions) == 31
    assert (np.diff(log.reference_start) >= 1).all()
    assert {change.rows for change in data.changes} == {57}
