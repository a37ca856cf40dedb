"""Answers with what is known beside: columns follow their rows when the answers are sorted and merged."""

from pathlib import Path

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data.load import load
from attain.data.responses import of_dataset, read_responses


def _file(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text("\n".join([*lines, ""]))
    return path


def test_the_option_the_exposure_and_the_ability_stay_with_their_answer(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "learner,item,correct,order,option,exposure,ability,sex",
        "ann,a,1,2,x,random,0.5,f",
        "bob,a,0,1,y,adaptive,,m",
        "ann,b,0,1,z,,-1.5,f",
    )
    found = read_responses(path, {}, {"sex": "sex"}, {})
    assert found.log.items[found.log.item].tolist() == ["b", "a", "a"], "ann's answers come in their order"
    assert found.option is not None
    assert found.option.tolist() == ["z", "x", "y"]
    assert found.exposure is not None
    assert found.exposure.tolist() == ["", "random", "adaptive"]
    assert found.ability is not None
    assert found.ability[:2].tolist() == [-1.5, 0.5]
    assert np.isnan(found.ability[2])
    assert found.cohorts is not None
    assert found.cohorts["sex"].tolist() == ["f", "m"]


def test_answers_that_are_merged_keep_the_columns_of_their_first_row(tmp_path: Path) -> None:
    path = _file(
        tmp_path, "learner,item,correct,skill,option", "ann,a,1,s1,x", "ann,a,1,s2,x", "ann,b,0,s1,y", "bob,b,1,s1,z"
    )
    found = read_responses(path, {}, {}, {"expanded": "merge"})
    assert len(found.log) == 3
    assert found.option is not None
    assert found.option.tolist() == ["x", "y", "z"]


def test_a_column_without_a_value_is_none(tmp_path: Path) -> None:
    path = _file(tmp_path, "learner,item,correct,option,ability", "ann,a,1,,", "bob,a,0,,")
    found = read_responses(path, {}, {}, {})
    assert (found.option, found.ability, found.exposure) == (None, None, None)


@pytest.mark.parametrize(
    ("lines", "columns", "said"),
    [
        (
            ("learner,item,correct,ability", "ann,a,1,high"),
            {},
            r"line 2, column 'ability': ability is 'high'; expected a",
        ),
        (("learner,item,correct", "ann,a,1"), {"option": "opt"}, "Unknown column of .* 'opt'"),
        (("learner,question,correct", "ann,a,1"), {}, r"no column is named for 'item'\. Say which it is"),
        (("learner,item,correct", "ann,a,maybe"), {}, "line 2, column 'correct'"),
    ],
)
def test_a_bad_file_is_told_with_its_line(
    tmp_path: Path, lines: tuple[str, ...], columns: dict[str, str], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        read_responses(_file(tmp_path, *lines), columns, {}, {})


def test_a_data_set_of_something_else_is_refused() -> None:
    with pytest.raises(UserError, match="'simulated_courses' does not hold answers to items"):
        of_dataset(load("simulated_courses", {"learners": 40}))
