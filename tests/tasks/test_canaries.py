"""Each planted leak is caught by a canary, in a copy of each family; the honest model beside it passes."""

from collections.abc import Callable

import numpy as np
import pytest

from attain.core.rng import rng
from attain.data import split
from attain.data.interactions import Interactions
from attain.data.merge import answers_of
from attain.data.simulate.dataset import simulated
from attain.data.simulate.options import SimulateOptions
from attain.data.split import ByLearner, ByTime, Fold
from attain.tasks.canaries import Canary, Experiment, canaries, learners_apart
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import MODELS, KnowledgeTracer, judge
from attain.testing.leaks import CountsNames, DuplicateRows, Leak, OthersAnswers, SkillRows, skill_rows_log
from attain.testing.small import make_log

Plant = Callable[[KnowledgeTracer], KnowledgeTracer]
FAMILIES = {
    "pfa": ({}, DuplicateRows),
    "bkt": ({"starts": 1}, DuplicateRows),
    "dkt": ({"epochs": 4, "hidden": 16}, SkillRows),
}
"""A model of each family, the params that keep it short, and how copies of answers reach it."""


@pytest.fixture(scope="module")
def log() -> Interactions:
    """Nearly every answer practises two skills."""
    return simulated("several", SimulateOptions(learners=120, skills=6, items=30, answers=40, multi_skill=0.9)).log


def ask(log: Interactions, model: str, plant: Plant = lambda honest: honest, by: object = None) -> dict[str, Canary]:
    params, _ = FAMILIES.get(model, ({}, None))
    parts = by or ByLearner(folds=3)

    def fold(whole: Interactions) -> Fold:
        return split.make(parts, whole, None, 0)  # type: ignore[arg-type]  # a split of the test's choice

    def fit(fold: Fold) -> KnowledgeTracer:
        made = plant(MODELS.get(model).create(**params))
        made.fit(fold.train, FitContext(rng(0, "fit")))
        return made

    found = canaries(Experiment(log, fold, fit, judge, by_learner=not isinstance(parts, ByTime)), seed=0)
    return {canary.name: canary for canary in found}


@pytest.mark.parametrize("model", FAMILIES)
def test_copies_of_an_answer_are_caught_in_each_family_and_the_honest_model_passes(
    log: Interactions, model: str
) -> None:
    honest, leaky = ask(log, model), ask(log, model, FAMILIES[model][1])
    assert all(canary.passed for canary in honest.values()), honest
    assert not leaky["random answers"].passed
    assert not leaky["turned answers"].passed
    assert leaky["learners apart"].passed
    assert leaky["random answers"].value > max(0.52, honest["random answers"].value + 0.02)


def test_a_file_with_a_row_for_each_skill_is_caught_though_the_model_is_honest(log: Interactions) -> None:
    found = ask(skill_rows_log(log, joint=False), "dkt")
    assert not found["random answers"].passed
    assert found["random answers"].value > 0.55
    assert not found["turned answers"].passed


@pytest.mark.parametrize("model", FAMILIES)
@pytest.mark.parametrize("leak", [OthersAnswers, CountsNames])
def test_what_is_learned_outside_the_training_part_is_caught(log: Interactions, model: str, leak: type[Leak]) -> None:
    assert not ask(log, model, leak)["fitted inside"].passed


def test_a_learner_in_both_parts_is_caught(log: Interactions) -> None:
    whole = split.make(ByLearner(folds=3), log, None, 0)
    both = Fold(0, log, whole.test, whole.scored)
    found = learners_apart(both)
    assert (found.passed, found.value) == (False, len(whole.test.present))
    assert learners_apart(whole).passed


def test_under_a_split_by_time_learners_may_be_in_both_parts_but_no_judged_answer(log: Interactions) -> None:
    assert all(canary.passed for canary in ask(log, "pfa", by=ByTime()).values())
    late = split.make(ByTime(), log, None, 0)
    assert not learners_apart(Fold(0, log, late.test, late.scored), by_learner=False).passed


def test_the_same_seed_finds_the_same(log: Interactions) -> None:
    assert ask(log, "prior_rate") == ask(log, "prior_rate")


def test_rows_that_look_alike_are_one_answer_only_under_other_skills() -> None:
    alike = make_log(np.zeros(5, int), np.zeros(5, int), np.ones(5, int), [[0, 1]])
    assert answers_of(alike).tolist() == [0, 1, 2, 3, 4], "the same item again, with the same skills, is a retry"
    rows = skill_rows_log(make_log(np.zeros(2, int), np.zeros(2, int), np.ones(2, int), [[0, 1]]), joint=False)
    assert answers_of(rows).tolist() == [0, 0, 1, 1]
