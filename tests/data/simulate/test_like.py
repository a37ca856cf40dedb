"""Simulated learners resemble those they are made from, and leave them as they were."""

import numpy as np
import pytest

from attain.data.interactions import Interactions
from attain.data.simulate.dataset import simulated
from attain.data.simulate.like import laws_of, with_simulated
from attain.data.simulate.options import SimulateOptions


@pytest.fixture(scope="module")
def log() -> Interactions:
    return simulated("some", SimulateOptions(learners=300, skills=5, items=40, answers=60)).log


def test_the_log_stays_as_it_was_and_new_learners_come_behind_it(log: Interactions) -> None:
    more = with_simulated(log, 50, np.random.default_rng(0))
    same = more.take(np.arange(len(log)))
    for name in ("learner", "item", "correct", "skill", "skill_start", "row", "time_s"):
        np.testing.assert_array_equal(getattr(same, name), getattr(log, name))
    assert len(more.present) == len(log.present) + 50
    assert (more.row[len(log) :] < 0).all(), "no row of theirs is one of the data set"
    assert set(more.learners[more.present[-50:]]) == {f"simulated learner {k}" for k in range(1, 51)}


def test_they_practise_items_with_their_own_skills(log: Interactions) -> None:
    more = with_simulated(log, 20, np.random.default_rng(0))
    skills = {
        int(i): set(log.skill[a:b]) for i, a, b in zip(log.item, log.skill_start, log.skill_start[1:], strict=False)
    }
    for row in range(len(log), len(more)):
        assert set(more.skill[more.skill_start[row] : more.skill_start[row + 1]]) == skills[int(more.item[row])]


def test_their_learning_curves_are_near_those_of_the_log(log: Interactions) -> None:
    more = with_simulated(log, 3000, np.random.default_rng(1))
    theirs = more.take(np.arange(len(log), len(more)))
    assert theirs.correct.mean() == pytest.approx(log.correct.mean(), abs=0.05)
    for first, last in ((0, 10), (30, 60)):
        shares = [part.correct[(part.step >= first) & (part.step < last)].mean() for part in (log, theirs)]
        assert shares[1] == pytest.approx(shares[0], abs=0.07)
    assert np.corrcoef(_by_item(log), _by_item(theirs))[0, 1] > 0.8


def _by_item(log: Interactions) -> np.ndarray:
    return np.bincount(log.item, log.correct, 40) / np.bincount(log.item, minlength=40)


def test_a_skill_that_is_learned_fast_has_a_higher_chance_to_learn(log: Interactions) -> None:
    laws = laws_of(log)
    assert ((laws.prior > 0) & (laws.prior < 1)).all()
    flat = log.with_correct(np.random.default_rng(0).random(len(log)) < 0.5)
    assert laws_of(flat).learn.mean() < laws.learn.mean()


def test_the_same_generator_gives_the_same_learners(log: Interactions) -> None:
    one, other = (with_simulated(log, 10, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one.correct, other.correct)
