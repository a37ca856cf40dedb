from collections.abc import Callable
from typing import ClassVar

import numpy as np
import pytest

from attain.data.interactions import Interactions
from attain.models.knowledge_tracing.pfa import PFA
from attain.tasks.context import FitContext
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log, small_log

Counts = Callable[[Interactions], list[tuple[int, int]]]


class TestPFA(KnowledgeTracerTests):
    model = PFA


class TestPFAOfTheMeanSkill(KnowledgeTracerTests):
    model = PFA
    params: ClassVar = {"skills": "mean", "counts": "plain"}


def test_scores_are_the_formula_of_the_paper(counts_by_hand: Counts) -> None:
    model, log = PFA.create(counts="plain"), small_log(0)
    model.fit(log, FitContext())
    weights, names = model.learned.arrays["skill"], list(model.learned.names["skill"])
    by_hand, row = [], iter(counts_by_hand(log))
    for i in range(len(log)):
        codes = log.skill[log.skill_start[i] : log.skill_start[i + 1]]
        logit = 0.0
        for name in [log.skills[c] for c in codes] or [""]:
            ease, gain, loss = weights[names.index(name)] + weights[-1]
            right, wrong = next(row)
            logit += ease + gain * right + loss * wrong
        by_hand.append(1 / (1 + np.exp(-logit)))
    np.testing.assert_allclose(model.predict(log), by_hand)


def test_a_learner_who_was_right_is_expected_to_be_right() -> None:
    rng = np.random.default_rng(0)
    good = np.repeat(rng.random(200) < 0.5, 10)
    correct = rng.random(2000) < np.where(good, 0.9, 0.2)
    train = make_log(np.repeat(np.arange(200), 10), np.zeros(2000, dtype=int), correct.astype(int), [[0]])
    model = PFA.create()
    model.fit(train, FitContext())
    test = make_log(np.repeat([0, 1], 6), np.zeros(12, dtype=int), np.repeat([1, 0], 6), [[0]])
    scores = model.predict(test)
    assert scores[5] > 0.8
    assert scores[11] < 0.3
    assert scores[0] == pytest.approx(scores[6])
