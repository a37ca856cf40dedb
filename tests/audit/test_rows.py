import numpy as np
import pandas as pd
import pytest

from attain.audit.rows import AuditRows, audit_rows
from attain.core.errors import UserError

FRAME = pd.DataFrame(
    {
        "unit": ["ann", "bob", "cid", "ann"],
        "target": [1.0, 0, np.nan, 0],
        "score": [0.9, 0.1, 0.5, 0.3],
        "course": ["A", "A", "A", "B"],
    }
)
COHORTS = pd.DataFrame({"gender": ["F", None], "year": [1, 2]}, index=["ann", "bob"])


def labels(rows: AuditRows, name: str) -> list[str]:
    return ["+".join(rows.cohorts[name].levels[code]) for code in rows.cohorts[name].code]


def test_learners_who_are_missing_or_have_no_value_are_a_cohort_that_is_seen() -> None:
    rows = audit_rows(FRAME, COHORTS, by=["gender", "year"])
    assert labels(rows, "gender") == ["F", "(unknown)", "(unknown)", "F"]
    assert labels(rows, "year") == ["1", "2", "(unknown)", "1"]


def test_an_intersection_has_the_combinations_that_occur() -> None:
    rows = audit_rows(FRAME, COHORTS, by=["gender*year"])
    assert labels(rows, "gender*year") == ["F+1", "(unknown)+2", "(unknown)+(unknown)", "F+1"]
    assert len(rows.cohorts["gender*year"].levels) == 3


def test_an_unknown_outcome_is_not_a_negative_one() -> None:
    assert audit_rows(FRAME).known.tolist() == [True, True, False, True]


def test_unused_categories_are_no_cohorts() -> None:
    cohorts = pd.DataFrame({"gender": pd.Categorical(["F", "M"], ["F", "M", "X"])}, index=["ann", "bob"])
    assert audit_rows(FRAME, cohorts, by=["gender"]).cohorts["gender"].levels == (("(unknown)",), ("F",), ("M",))


def test_a_value_that_is_called_nan_is_not_a_missing_one() -> None:
    cohorts = pd.DataFrame({"gender": ["nan", None]}, index=["ann", "bob"])
    assert labels(audit_rows(FRAME, cohorts, by=["gender"]), "gender") == ["nan", "(unknown)", "(unknown)", "nan"]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (FRAME.assign(score=[0.5, np.nan, 0.5, 0.5]), "1 of 4 scores are not between 0 and 1; the first is row 1: nan"),
        (FRAME.assign(score=[0.5, 1.5, -1, 0.5]), "2 of 4 scores .* row 1: 1.5"),
        (FRAME.assign(score=["high"] * 4), "score holds 'high'"),
        (FRAME.assign(target=[-1.0, 1, 1, 1]), r"target holds -1 \(1 rows\); expected 1 .* and 0"),
        (FRAME.assign(target=["yes", "no", None, "no"]), "target holds 'yes'"),
        (FRAME.assign(target=np.nan), "No outcome is known"),
        (FRAME.iloc[:0], "has no row"),
        (FRAME.drop(columns="score"), "The predictions table: Unknown column 'score'"),
        (FRAME.assign(unit=[None, "bob", "cid", "ann"]), "1 rows of the predictions table have no learner"),
    ],
)
def test_a_table_that_cannot_be_audited_says_why(frame: pd.DataFrame, words: str) -> None:
    with pytest.raises(UserError, match=words):
        audit_rows(frame)


@pytest.mark.parametrize(
    ("cohorts", "by", "words"),
    [
        (None, ["gender"], "no cohorts were given"),
        (COHORTS, ["gendr"], "Unknown attribute 'gendr'. Did you mean 'gender'"),
        (pd.concat([COHORTS, COHORTS]), ["gender"], r"list 2 learners more than once \(first at row 2\)"),
        (COHORTS.set_axis(["x", "y"]), ["gender"], "None of the 3 learners of the predictions is in the cohorts"),
        (COHORTS.rename(columns={"year": "a*b"}), ["a*b"], "Unknown attribute 'a'"),
    ],
)
def test_cohorts_that_cannot_be_joined_say_why(cohorts: pd.DataFrame | None, by: list[str], words: str) -> None:
    with pytest.raises(UserError, match=words):
        audit_rows(FRAME, cohorts, by=by)


def test_an_attribute_with_500_values_is_no_cohort() -> None:
    names = [f"l{i}" for i in range(500)]
    frame = pd.DataFrame({"unit": names, "target": 1.0, "score": 0.5})
    with pytest.raises(UserError, match=r"'income' has 500 values, more than 50: .* bands"):
        audit_rows(frame, pd.DataFrame({"income": range(500)}, index=names), by=["income"])
