from typing import ClassVar

import numpy as np

from attain.models.knowledge_tracing._ability import ABILITIES, PRIOR
from attain.models.knowledge_tracing.afm import AFM
from attain.tasks.context import FitContext
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log, small_log


class TestAFM(KnowledgeTracerTests):
    model = AFM


class TestAFMWithARunningAbility(KnowledgeTracerTests):
    model = AFM
    params: ClassVar = {"ability": "running", "counts": "plain"}


def test_without_ability_what_was_right_does_not_matter() -> None:
    model, log = AFM.create(), small_log(1)
    model.fit(small_log(0), FitContext())
    np.testing.assert_array_equal(model.predict(log.with_correct(1 - log.correct)), model.predict(log))


def test_a_score_is_the_mean_over_abilities() -> None:
    model, log = AFM.create(ability_sd=0.7), small_log(1)
    model.fit(small_log(0), FitContext())
    at_each = 1 / (1 + np.exp(-(model.logit(log)[:, None] + 0.7 * ABILITIES)))
    np.testing.assert_allclose(model.predict(log), at_each @ PRIOR)


def test_practice_helps_where_it_helped_in_training() -> None:
    rng = np.random.default_rng(0)
    step = np.tile(np.arange(10), 200)
    item = np.repeat(np.arange(2), 1000)  # skill 0 is learned, skill 1 is not
    correct = rng.random(2000) < np.where(item == 0, 0.2 + 0.07 * step, 0.5)
    model = AFM.create()
    model.fit(make_log(np.repeat(np.arange(200), 10), item, correct.astype(int), [[0], [1]]), FitContext())
    test = make_log(np.repeat([0, 1], 10), np.repeat([0, 1], 10), np.zeros(20, dtype=int), [[0], [1]])
    learned, not_learned = np.split(model.predict(test), 2)
    assert learned[9] - learned[0] > 0.4
    assert abs(not_learned[9] - not_learned[0]) < 0.1


def test_able_learners_do_not_make_their_skill_seem_easy() -> None:
    rng = np.random.default_rng(1)
    able = np.repeat([1, 0], 4000)
    shared = np.tile(np.arange(20) < 10, 400)  # half of each learner's answers are to a skill that all practise
    item = np.where(shared, 0, np.where(able, 1, 2))
    correct = rng.random(8000) < 1 / (1 + np.exp(-np.where(able, 1.5, -1.5)))  # all skills are equally easy
    model = AFM.create(ability_sd=1.5)
    model.fit(make_log(np.repeat(np.arange(400), 20), item, correct.astype(int), [[0], [1], [2]]), FitContext())
    scores = model.predict(make_log(np.arange(3), np.arange(3), np.zeros(3, dtype=int), [[0], [1], [2]]))
    assert np.ptp(scores) < 0.2, "by their answers alone the skills would lie 0.6 apart"
