"""Simulated courses keep what they promise: the truth beside the record, a cut that holds, faults of a known size."""

from typing import Any

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data.dataset import Dataset
from attain.data.enrolments import Enrolments
from attain.data.load import load
from attain.data.simulate.course_options import SimulateCoursesOptions
from attain.data.simulate.courses import simulated_courses


def made(**options: Any) -> Dataset[Enrolments]:  # of several types, checked by the class
    return simulated_courses("simulated_courses", SimulateCoursesOptions(**options))


def background(dataset: Dataset[Enrolments]) -> np.ndarray:
    return dataset.log.facts["background"].values


def clicks(log: Enrolments) -> np.ndarray:
    assert log.activity is not None
    return np.bincount(log.activity.owner, log.activity.amount, len(log))


def test_the_same_seed_gives_the_same_data_and_another_another() -> None:
    first, again, other = made(), made(), made(seed=1)
    for name, values in first.log.arrays().items():
        np.testing.assert_array_equal(values, again.log.arrays()[name], err_msg=name)
    assert not np.array_equal(first.log.outcome, other.log.outcome)


def test_nothing_after_the_cut_off_is_in_it_and_nobody_who_had_left() -> None:
    dataset = made(as_of=41)
    log, truth = dataset.log, dataset.truth["enrolments"]
    assert log.activity is not None
    assert log.results is not None
    assert log.schedule is not None
    assert max(log.activity.day.max(), log.results.day.max(), log.schedule.due.max()) <= 41
    assert (truth["left_day"].dropna() > 41).all()
    assert truth["example"].tolist() == log.row.tolist()
    assert np.isnan(log.event_day[log.outcome == 0]).all()


def test_risks_are_the_rates_that_come_true() -> None:
    truth = made(learners=3000, mistakes=["left_already"]).truth["enrolments"]
    for low in np.arange(0, 1, 0.2):
        part = truth[(truth["risk"] >= low) & (truth["risk"] < low + 0.2)]
        error = np.sqrt(part["risk"].mean() * (1 - part["risk"].mean()) / len(part))
        assert abs(part["ends_badly"].mean() - part["risk"].mean()) < 4 * error


def test_a_fair_world_treats_both_backgrounds_alike() -> None:
    dataset = made(learners=3000, mistakes=["left_already"])
    b = background(dataset) == 1
    for values in (dataset.log.outcome, clicks(dataset.log), dataset.truth["enrolments"]["risk"].to_numpy()):
        error = np.sqrt(values[b].var() / b.sum() + values[~b].var() / (~b).sum())
        assert abs(values[b].mean() - values[~b].mean()) < 5 * error  # learners come again: a little more than 4


def test_a_gap_is_in_the_truth_and_in_the_record() -> None:
    dataset = made(learners=2000, gap=0.8)
    b = background(dataset) == 1
    assert dataset.truth["enrolments"]["risk"][b].mean() > dataset.truth["enrolments"]["risk"][~b].mean() + 0.08
    assert dataset.log.outcome[b].mean() > dataset.log.outcome[~b].mean() + 0.08


def test_a_bias_in_the_label_is_of_the_size_asked_for_and_in_one_cohort_only() -> None:
    dataset = made(learners=2000, bias="label", bias_size=0.25)
    truth, b = dataset.truth["enrolments"], background(dataset) == 1
    good = ~truth["ends_badly"]
    assert truth["recorded"][truth["ends_badly"]].all()
    assert not truth["recorded"][good & ~b].any()
    assert truth["recorded"][good & b].mean() == pytest.approx(0.25, abs=0.02)
    assert (dataset.log.outcome == truth["recorded"]).all()


def test_a_bias_in_the_record_of_activity_hides_that_share_of_clicks() -> None:
    fair, biased = made(learners=2000), made(learners=2000, bias="activity", bias_size=0.4)
    b = background(fair) == 1
    assert clicks(biased.log)[b].sum() / clicks(fair.log)[b].sum() == pytest.approx(0.6, abs=0.01)
    np.testing.assert_array_equal(biased.log.outcome, fair.log.outcome)


def test_rates_move_between_terms_by_the_drift_asked_for() -> None:
    assert made(drift=0).truth["offerings"].groupby("course")["level"].nunique().tolist() == [1, 1, 1]
    steps = made(drift=0.5, courses=40, terms=20, learners=5).truth["offerings"].groupby("course")["level"].diff()
    assert steps.std() == pytest.approx(0.5, rel=0.1)


def test_known_mistakes_can_be_made_on_purpose() -> None:
    assert len(made(mistakes=["left_already"]).log) == 3600 > len(made().log)
    late = made(mistakes=["later_events"]).log
    assert late.activity is not None
    assert late.activity.day.max() > 100
    assert "end_day" in made(mistakes=["end_day"]).log.facts


def test_it_is_loaded_by_name_and_mapped_again() -> None:
    first = load("simulated_courses", {"learners": 20, "bias": "activity"})
    again = load("simulated_courses", {"learners": 20, "bias": "activity"})
    assert first.fingerprint == again.fingerprint
    assert set(again.truth) == {"learners", "offerings", "enrolments"}
    assert list(again.cohorts) == ["gender", "background"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"learner": 3}, "Did you mean 'learners'"),
        ({"bias": "label", "outcome": "withdrawn_within"}, "needs `outcome: fail_or_withdrawn`"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        load("simulated_courses", options)
