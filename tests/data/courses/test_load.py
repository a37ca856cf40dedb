"""Nothing after the cut-off gets in, and who is predicted is who was there; worked by hand on six enrolments."""

from collections.abc import Callable

import numpy as np
import pytest

from attain.data.dataset import Dataset
from attain.data.enrolments import Enrolments

from .conftest import CARD

Load = Callable[..., Dataset[Enrolments]]


def who(dataset: Dataset[Enrolments]) -> list[str]:
    return [str(name) for name in dataset.log.learners[dataset.log.learner]]


def changed(dataset: Dataset[Enrolments]) -> dict[str, int]:
    return {change.what: change.rows for change in dataset.changes}


def test_who_had_left_or_not_begun_by_the_cut_off_is_not_predicted(courses: Load) -> None:
    dataset = courses(as_of=20)
    assert who(dataset) == ["ann", "bob", "dan"]
    assert changed(dataset) == {
        "dropped enrolments whose outcome is not known (Deferred)": 1,
        "dropped enrolments that ended before the course began": 1,
        "dropped enrolments that had ended by the cut-off": 1,
    }
    assert who(courses(as_of=0)) == ["ann", "bob", "cat"]


def test_an_outcome_is_what_the_card_says(courses: Load) -> None:
    assert courses(as_of=20).log.outcome.tolist() == [0, 1, 0]
    leaves = courses(as_of=20, outcome="leaves", horizon=15).log
    assert leaves.outcome.tolist() == [0, 1, 0, 0]
    np.testing.assert_array_equal(leaves.event_day, [np.nan, 35, np.nan, np.nan])
    assert courses(as_of=20, outcome="leaves", horizon=14).log.outcome.sum() == 0


def test_activity_is_cut_joined_and_summed(courses: Load) -> None:
    log = courses(as_of=20).log
    assert log.activity is not None
    assert np.diff(log.activity.start).tolist() == [1, 1, 1]
    assert log.activity.amount.tolist() == [7, 5, 8]
    assert [str(log.activity.kinds[code]) for code in log.activity.kind] == ["forum", "quiz", "forum"]
    later = courses(as_of=21).log.activity
    assert later is not None
    assert later.amount.tolist() == [7, 1, 5, 8]
    assert str(later.kinds[later.kind[1]]) == "other"


def test_results_are_cut_and_those_carried_over_are_counted_only(courses: Load) -> None:
    log = courses(as_of=20).log
    assert log.results is not None
    np.testing.assert_array_equal(log.results.amount, [80, np.nan])
    assert log.results.owner.tolist() == [0, 1]
    assert log.facts["carried_over_results"].values.tolist() == [0, 1, 0]
    assert log.schedule is not None
    assert log.schedule.due.tolist() == [10, 10]  # e2 was due later


def test_a_fact_is_there_from_the_day_on_which_it_is_known(courses: Load) -> None:
    assert "midterm" not in courses(as_of=29).log.facts
    assert courses(as_of=30).log.facts["midterm"].values.tolist()[:2] == [7, 3]


def test_misspelt_cells_are_mended_and_unknown_ones_are_a_cohort(courses: Load) -> None:
    cohorts = courses(as_of=0).cohorts
    assert cohorts is not None
    assert cohorts["gender"].to_dict() == {
        "ann": "F",
        "bob": "M",
        "cat": "F",
        "dan": "M",
        "eve": "F",
        "fay": "(unknown)",
    }


def test_only_offerings_with_complete_activity_are_kept_where_asked(courses: Load) -> None:
    assert who(courses(as_of=20, with_activity=True)) == ["ann", "bob"]


def test_known_mistakes_can_be_made_on_purpose(courses: Load) -> None:
    assert who(courses(as_of=20, mistakes=["left_already"])) == ["ann", "bob", "cat", "dan", "eve"]
    assert "end_day" not in courses(as_of=20).log.facts
    assert courses(as_of=20, mistakes=["end_day"]).log.facts["end_day"].values.tolist()[1] == 35
    late = courses(as_of=20, mistakes=["later_events"]).log
    assert late.results is not None
    assert len(late.results) == 3


def test_a_prepared_set_is_mapped_again_as_it_was(courses: Load) -> None:
    first, again = courses(as_of=20), courses(as_of=20)
    assert first.folder == again.folder
    assert first.fingerprint == again.fingerprint
    assert first.log.frame().equals(again.log.frame())
    assert courses(as_of=21).fingerprint != first.fingerprint


def test_courses_and_terms_are_chosen_by_name(courses: Load, refused: Callable[..., str]) -> None:
    assert who(courses(as_of=20, terms=["autumn"])) == ["dan"]
    assert "Did you mean 'autumn'?" in refused(as_of=20, terms=["autum"])
    assert "Did you mean 'failed'?" in refused(outcome="fail")


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("clicks.csv", "p2,1,5", "p2,one,5", "clicks.csv, line 5, column 'day': 'one' is not a number"),
        ("scores.csv", "ann,e1", "ann,e7", "scores.csv, line 2: the assessment is not in 'exams.csv'"),
        ("who.csv", "cat,A,spring", "bob,A,spring", "who.csv, line 4: this learner is in this offering twice"),
        ("who.csv", "dan,A,autumn", "dan,A,atumn", "Did you mean 'autumn'?"),
    ],
)
def test_a_broken_cell_is_named(
    courses: Load, refused: Callable[..., str], name: str, old: str, new: str, words: str
) -> None:
    from .conftest import FILES

    assert words in refused({name: FILES[name].replace(old, new)}, as_of=20)


def test_before_the_start_nobody_knows_who_will_not_come(courses: Load) -> None:
    assert who(courses(as_of=-3)) == ["ann", "bob", "cat", "eve"]  # eve leaves on day -2
    assert courses(as_of=-3, outcome="leaves", horizon=1).log.outcome.tolist() == [0, 0, 0, 1]


def test_an_offering_that_is_over_is_not_predicted(courses: Load, refused: Callable[..., str]) -> None:
    card = CARD + "  lengths: {file: long.csv}\n  length: days\n"
    files = {"long.csv": "course,term,days\nA,spring,19\nA,autumn,50\n"}
    assert who(courses(files, card, as_of=19)) == ["ann", "bob", "dan"]
    over = courses(files, card, as_of=20)
    assert who(over) == ["dan"]
    assert changed(over)["dropped enrolments in offerings that were over by the cut-off"] == 2
    assert "no enrolment is left" in refused(files, card, as_of=51)


def test_a_cut_off_that_leaves_nobody_is_refused(refused: Callable[..., str]) -> None:
    assert "no enrolment is left" in refused(as_of=-20)
