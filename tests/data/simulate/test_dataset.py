import numpy as np
import pandas as pd
import pytest

from attain.data.dataset import Dataset
from attain.data.interactions import Interactions
from attain.data.simulate.dataset import simulated
from attain.data.simulate.options import SimulateOptions


def make(**options: object) -> Dataset:
    return simulated("simulated", SimulateOptions.model_validate(options))


def first_answers(log: Interactions) -> pd.DataFrame:
    """The answers with their opportunity on the skill; only for data with one skill an answer."""
    frame = log.frame()
    frame["opportunity"] = frame.groupby(["learner", "skill"]).cumcount()
    return frame


PURE = {"multi_skill": 0, "item_spread": 0, "prerequisite_effect": 1, "gap": 0, "dropout": 0}


def test_the_same_seed_gives_the_same_data_and_another_seed_other_data() -> None:
    a, b, c = make(learners=30), make(learners=30), make(learners=30, seed=1)
    pd.testing.assert_frame_equal(a.log.frame(), b.log.frame())
    assert len(a.log) != len(c.log) or (a.log.correct != c.log.correct).any()


@pytest.mark.parametrize("truth", ["bkt", "irt"])
def test_the_log_is_a_log(truth: str) -> None:
    dataset = make(learners=80, skills=5, items=30, answers=30, truth=truth)
    log = dataset.log
    assert (np.diff(log.learner) >= 0).all()
    assert log.time_s is not None
    assert log.duration_s is not None
    assert (np.diff(log.time_s)[np.diff(log.learner) == 0] > 0).all()
    assert (log.duration_s > 0).all()
    assert set(np.diff(log.skill_start)) == {1, 2}
    assert set(np.unique(log.correct)) == {0, 1}
    assert dataset.cohorts is not None
    assert dataset.cohorts.index.tolist() == log.learners.tolist()


def test_first_answers_are_right_as_prior_guess_and_slip_say() -> None:
    dataset = make(learners=4000, skills=3, items=6, answers=12, **PURE)
    first = first_answers(dataset.log).query("opportunity == 0").groupby("skill", observed=True)["correct"].mean()
    truth = dataset.truth["skills"].set_index("skill")
    expected = truth["prior"] * (1 - truth["slip"]) + (1 - truth["prior"]) * truth["guess"]
    np.testing.assert_allclose(first, expected, atol=0.04)


def test_learners_learn_at_the_rate_that_the_truth_says() -> None:
    dataset = make(learners=3000, skills=3, items=6, answers=40, **PURE)
    mastery = dataset.truth["mastery"]
    truth = dataset.truth["skills"].set_index("skill")
    prior = (mastery["known_at"] == 0).groupby(mastery["skill"]).mean()
    np.testing.assert_allclose(prior, truth["prior"], atol=0.03)
    unknown = mastery[mastery["known_at"] != 0]
    learned = (unknown["known_at"] > 0).groupby(unknown["skill"]).sum()
    tries = unknown["known_at"].where(unknown["known_at"] > 0, unknown["opportunities"]).groupby(unknown["skill"]).sum()
    np.testing.assert_allclose(learned / tries, truth["learn"], atol=0.02)


def test_the_step_of_true_mastery_parts_the_answers_by_slip_and_guess() -> None:
    dataset = make(learners=2000, skills=2, items=4, answers=20, **PURE)
    frame = first_answers(dataset.log).merge(dataset.truth["mastery"], on=["learner", "skill"])
    known = (frame["known_at"] >= 0) & (frame["opportunity"] >= frame["known_at"])
    truth = dataset.truth["skills"].set_index("skill")
    for skill, rows in frame.groupby("skill", observed=True):
        assert abs(rows.loc[known, "correct"].mean() - (1 - truth.loc[skill, "slip"])) < 0.03
        assert abs(rows.loc[~known, "correct"].mean() - truth.loc[skill, "guess"]) < 0.04


def test_prerequisites_have_no_cycle_and_slow_those_who_lack_them() -> None:
    dataset = make(learners=600, skills=6, items=24, answers=60, gap=0, prerequisite_effect=0.05, seed=3)
    edges = dataset.truth["prerequisites"]
    assert (edges["needs"] < edges["skill"]).all()
    none = make(learners=600, skills=6, items=24, answers=60, gap=0, prerequisite_effect=1, seed=3)

    def learned(of: Dataset) -> float:
        mastery = of.truth["mastery"]
        return float((mastery[mastery["skill"].isin(edges["skill"])]["known_at"] >= 0).mean())

    assert learned(dataset) < learned(none) - 0.05


def test_the_slow_school_learns_more_slowly_by_the_gap() -> None:
    dataset = make(learners=3000, skills=3, items=6, answers=30, **{**PURE, "gap": 0.5})
    assert dataset.cohorts is not None
    mastery = dataset.truth["mastery"].join(dataset.cohorts, on="learner")
    unknown = mastery[mastery["known_at"] != 0]
    tries = unknown["known_at"].where(unknown["known_at"] > 0, unknown["opportunities"])
    slow = unknown["school"] == "Hillside"
    learned = unknown["known_at"] > 0
    rates = [learned[rows].sum() / tries[rows].sum() for rows in (slow, ~slow)]
    assert rates[0] / rates[1] == pytest.approx(0.5, abs=0.06)


def test_answers_take_longer_where_the_skill_is_not_known_and_sessions_span_days() -> None:
    dataset = make(learners=500, **PURE)
    frame = first_answers(dataset.log).merge(dataset.truth["mastery"], on=["learner", "skill"])
    known = (frame["known_at"] >= 0) & (frame["opportunity"] >= frame["known_at"])
    medians = [frame.loc[rows, "duration_s"].median() for rows in (~known, known)]
    assert medians[0] / medians[1] == pytest.approx(1.5, abs=0.1)
    gaps = frame.groupby("learner")["time_s"].diff()
    assert 0.03 < (gaps > 1800).mean() < 0.12


def test_lengths_have_the_mean_that_was_asked_for_and_dropout_shortens_them() -> None:
    whole = make(learners=2000, answers=40, dropout=0)
    cut = make(learners=2000, answers=40, dropout=0.02)
    assert len(whole.log) / 2000 == pytest.approx(40, rel=0.06)
    assert len(cut.log) < 0.8 * len(whole.log)


def test_growing_ability_masters_a_skill_when_an_average_item_is_nearly_safe() -> None:
    dataset = make(learners=300, truth="irt", **PURE)
    frame = first_answers(dataset.log).merge(dataset.truth["mastery"], on=["learner", "skill"])
    known = (frame["known_at"] >= 0) & (frame["opportunity"] >= frame["known_at"])
    assert frame.loc[known, "correct"].mean() > 0.85
    assert list(dataset.truth["skills"]) == ["skill", "level", "growth"]
