from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.models.knowledge_tracing.das3h import DAS3H
from attain.tasks.context import FitContext
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log, small_log

DAY = 86_400.0


class TestDAS3H(KnowledgeTracerTests):
    model = DAS3H


class TestDAS3HByAnswersWithoutAbility(KnowledgeTracerTests):
    model = DAS3H
    params: ClassVar = {"clock": "answers", "answers": [1, 5], "ability": "none"}


def test_a_log_without_times_is_refused_with_the_way_out() -> None:
    log = replace(small_log(0), time_s=None)
    with pytest.raises(UserError, match=r"has no times.*clock: answers"):
        DAS3H.create().fit(log, FitContext())
    model = DAS3H.create(clock="answers")
    model.fit(log, FitContext())
    assert np.isfinite(model.predict(log)).all()


def test_windows_are_of_answers_where_there_are_no_times_if_either_will_do() -> None:
    log = small_log(0)
    bare = replace(log, time_s=None)
    models = {}
    for clock, train in (("time", log), ("answers", bare)):
        either, sure = DAS3H.create(clock="time or answers"), DAS3H.create(clock=clock)
        for model in (either, sure):
            model.fit(train, FitContext())
        np.testing.assert_array_equal(either.predict(train), sure.predict(train))
        models[clock] = either
    with pytest.raises(UserError, match="fitted on answers with times, and these have no times"):
        models["time"].predict(bare)
    with pytest.raises(UserError, match="fitted on answers with no times, and these have times"):
        models["answers"].predict(log)


@pytest.mark.parametrize("hours", [[0], [24, -1], [float("inf")], [float("nan")]])
def test_a_window_that_does_not_reach_back_is_refused(hours: list[float]) -> None:
    with pytest.raises(UserError, match="reaches back by a number above"):
        DAS3H.create(hours=hours)


def test_a_window_of_answers_holds_that_many() -> None:
    log = make_log(np.zeros(5, dtype=int), np.zeros(5, dtype=int), np.array([1, 0, 1, 1, 1]), [[0]])
    _, skill, *_ = DAS3H.create(clock="answers", answers=[2]).blocks(log)
    right, answers = np.expm1(skill.values[:, 1:3]).round().T
    assert right.tolist() == [0, 1, 1, 1, 2]
    assert answers.tolist() == [0, 1, 2, 2, 2]


def test_forgetting_is_learned() -> None:
    rng = np.random.default_rng(0)
    late = np.repeat(rng.random(500) < 0.5, 4)  # half of the learners answer the last time a month later
    step = np.tile(np.arange(4), 500)
    correct = rng.random(2000) < np.where((step == 3) & late, 0.2, 0.9)
    time = step * 60 + np.where((step == 3) & late, 40 * DAY, 0)
    log = make_log(np.repeat(np.arange(500), 4), np.zeros(2000, dtype=int), correct.astype(int), [[0]])
    model = DAS3H.create()
    model.fit(replace(log, time_s=time), FitContext())
    test = make_log(np.repeat([0, 1], 4), np.zeros(8, dtype=int), np.ones(8, dtype=int), [[0]])
    soon, later = model.predict(replace(test, time_s=np.array([0, 60, 120, 180, 0, 60, 120, 40 * DAY])))[[3, 7]]
    assert soon > 0.8
    assert later < 0.4


def test_answers_at_unknown_times_are_allowed() -> None:
    log = small_log(0)
    model = DAS3H.create()
    model.fit(log, FitContext())
    scores = model.predict(replace(log, time_s=np.full(len(log), np.nan)))
    assert np.isfinite(scores).all()
