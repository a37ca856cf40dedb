import numpy as np
import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.core.table import Predictions, Rows, predictions

FRAME = pd.DataFrame(
    {
        "fold": 0,
        "example": [10, 1, 12, 13, 14],
        "unit": ["bob", "ann", "bob", "ann", "cat"],
        "target": [1.0, 0, 0, 1, 1],
        "score": [0.1, 0.2, 0.3, 0.4, 0.5],
        "skill": ["sub", "add~~sub", "add", "sub", ""],
        "item": ["i", "j", "k", "i", "j"],
        "step": [1, 0, 0, 1, 0],
    }
)
MASTERY = pd.DataFrame({"example": [13, 1, 10], "skill": ["sub", "add", "sub"], "mastery": [0.9, 0.2, 0.7]})


def listed(rows: Rows, *names: str) -> list[tuple[object, ...]]:
    return list(zip(rows.units[rows.unit], *(rows[name].tolist() for name in names), strict=True))


def test_scores_are_joined_to_their_rows() -> None:
    keys = FRAME.drop(columns="score")
    assert predictions(keys, np.arange(5) / 10, low=0, high=1)["score"].tolist() == [0, 0.1, 0.2, 0.3, 0.4]


@pytest.mark.parametrize(
    ("score", "words"),
    [
        ([0.1] * 4, r"gave shape \(4,\); it must give \(5,\)"),
        ([0.1, np.nan, 0.1, 2.0, 0.1], "2 of 5 scores.*the first is row 1: nan"),
        ([0.1, -0.5, 0.1, 0.1, 0.1], "the first is row 1: -0.5"),
    ],
)
def test_bad_scores_are_refused_with_the_first_bad_row(score: list[float], words: str) -> None:
    with pytest.raises(UserError, match=words):
        predictions(FRAME, np.array(score), low=0, high=1)


def test_answers_stand_by_unit_and_step() -> None:
    assert listed(Predictions(FRAME).rows("answer"), "example") == [
        ("ann", 1), ("ann", 13), ("bob", 12), ("bob", 10), ("cat", 14),
    ]  # fmt: skip


def test_units_stand_by_their_first_example_whatever_they_are_called() -> None:
    renamed = FRAME.replace({"unit": {"ann": "zoe", "bob": "abe"}})
    assert Predictions(FRAME).units.tolist() == ["ann", "bob", "cat"]
    assert Predictions(renamed).units.tolist() == ["zoe", "abe", "cat"]


def test_text_becomes_codes() -> None:
    assert Predictions(FRAME).rows("answer")["item"].tolist() == [1, 0, 2, 0, 1]


@pytest.mark.parametrize("kind", ["object", "str", "category"])
def test_text_can_be_read_back_and_is_empty_where_it_is_missing(kind: str) -> None:
    frame = FRAME.assign(text=["b", None, "", "a", "b"]).astype({"text": kind})  # type: ignore[call-overload]
    rows = Predictions(frame).rows("answer")
    assert dict(zip(rows["example"].tolist(), rows.text("text"), strict=True)) == {
        10: "b", 1: "", 12: "", 13: "a", 14: "b",
    }  # fmt: skip
    assert all(isinstance(text, str) for text in rows.text("text"))
    assert rows.where(rows["example"] == 13).text("text").tolist() == ["a"]


def test_text_of_a_pair_is_that_of_its_answer_and_the_name_of_its_own_skill() -> None:
    pairs = Predictions(FRAME).rows("pair")
    assert pairs.text("item").tolist() == ["j", "j", "i", "k", "i"]
    assert pairs.text("skill").tolist() == ["add", "sub", "sub", "add", "sub"]
    assert Predictions(FRAME).rows("answer").text("skill").tolist() == ["add~~sub", "sub", "add", "sub", ""]


def test_a_column_of_numbers_has_no_text() -> None:
    with pytest.raises(KeyError, match="score"):
        Predictions(FRAME).rows("answer").text("score")


def test_a_table_without_rows_has_no_texts() -> None:
    assert Predictions(FRAME[:0].assign(text=[])).rows("answer").text("item").shape == (0,)


def test_pairs_stand_by_unit_skill_and_step_and_an_answer_without_skill_has_none() -> None:
    rows = Predictions(FRAME).rows("pair")
    add, sub = 0, 1
    assert listed(rows, "skill", "example", "target") == [
        ("ann", add, 1, 0), ("ann", sub, 1, 0), ("ann", sub, 13, 1), ("bob", add, 12, 0), ("bob", sub, 10, 1),
    ]  # fmt: skip
    assert rows.n_units == 3


def test_mastery_is_joined_by_answer_and_skill_and_missing_where_the_model_says_nothing() -> None:
    known = Predictions(FRAME, MASTERY).rows("pair").numbers("mastery")
    assert known.tolist() == pytest.approx([0.2, np.nan, 0.9, np.nan, 0.7], nan_ok=True)


def test_an_empty_mastery_table_knows_nothing() -> None:
    assert np.isnan(Predictions(FRAME, MASTERY[:0]).rows("pair").numbers("mastery")).all()


def test_columns_are_those_with_a_value() -> None:
    table = Predictions(FRAME.assign(duration_s=np.nan), MASTERY)
    assert "duration_s" not in table.columns
    assert {"target", "mastery", "skill"} <= table.columns


@pytest.mark.parametrize("kind", ["object", "str", "category"])
def test_the_type_of_text_columns_does_not_matter(kind: str) -> None:
    frame = FRAME.astype({"unit": kind, "skill": kind, "item": kind})
    for grain in ("answer", "pair"):
        one, other = Predictions(FRAME, MASTERY).rows(grain), Predictions(frame, MASTERY).rows(grain)  # type: ignore[arg-type]
        assert (one.unit == other.unit).all()
        assert all(np.array_equal(one[c], other[c], equal_nan=one[c].dtype.kind == "f") for c in one.columns)


def test_rows_can_be_chosen_and_summed_by_unit_with_all_units_kept() -> None:
    rows = Predictions(FRAME).rows("answer").where(np.array([True, True, False, True, False]))
    assert listed(rows, "example") == [("ann", 1), ("ann", 13), ("bob", 10)]
    assert rows.sum_by_unit(np.ones(3)).tolist() == [2, 1, 0]


def test_opportunities_count_a_units_answers_on_each_skill_from_one() -> None:
    table = Predictions(FRAME)
    assert table.skills.tolist() == ["add", "sub"]
    assert table.rows("pair").opportunity.tolist() == [1, 1, 2, 1, 1]
    assert table.rows("pair").practice_start.tolist() == [0, 1, 3, 4]


def test_answers_that_are_only_history_are_practice_but_not_judged() -> None:
    table = Predictions(FRAME.assign(scored=[True, False, False, True, True]), MASTERY)
    assert listed(table.rows("answer"), "example") == [("ann", 13), ("bob", 10), ("cat", 14)]
    assert listed(table.rows("pair"), "example", "opportunity") == [("ann", 13, 2), ("bob", 10, 1)]
    assert listed(table.rows("practice"), "example") == listed(Predictions(FRAME).rows("practice"), "example")
    assert table.units.tolist() == ["ann", "bob", "cat"]


def test_the_opportunity_of_a_row_does_not_depend_on_which_rows_are_chosen_but_its_place_does() -> None:
    rows = Predictions(FRAME).rows("pair").where(np.array([False, False, True, True, True]))
    assert rows.opportunity.tolist() == [2, 1, 1]
    assert rows.place.tolist() == [1, 1, 1]
