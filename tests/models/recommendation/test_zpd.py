from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.models.knowledge_tracing.bkt import BKT
from attain.models.recommendation.zpd import ZPD
from attain.tasks.context import FitContext
from attain.testing.recommender import RecommenderTests
from attain.testing.small_choices import SKILLS, small_choices


class TestZPD(RecommenderTests):
    model = ZPD
    needs_answers: ClassVar = True
    at_least_hits: ClassVar = 0.2


def test_items_are_scored_by_the_distance_of_the_tracer_s_next_prediction_from_the_target() -> None:
    log = small_choices(0)
    model = ZPD.create(target=0.6, prerequisites=False)
    model.fit(log, FitContext())
    scores = np.asarray(model.score(log, log.present))
    tracer = BKT()
    tracer.fit(log.interactions, FitContext())
    for learner in (0, 7):
        own = log.of_learners(np.array([learner])).interactions
        for skill in range(SKILLS):
            more = own.take(np.append(np.arange(len(own)), len(own) - 1))  # its last row stands for the item asked
            item = np.append(own.item, skill).astype(np.int32)
            asked = replace(more, item=item, skill=(item % SKILLS).astype(np.int32))
            expected = -abs(tracer.predict(asked)[-1] - 0.6)
            assert scores[learner, skill] == pytest.approx(expected, abs=2e-4)  # what more learners took comes first


def test_an_item_whose_prerequisite_was_not_taken_comes_after_all_others() -> None:
    log = small_choices(0)
    model = ZPD()
    model.fit(log, FitContext())
    scores = np.asarray(model.score(log, log.present))
    for learner in (0, 1, 2):
        took = set(log.item[log.learner == learner].tolist())
        early = np.array([item >= 12 and item - 12 not in took for item in range(24)])
        assert scores[learner][early].max() < scores[learner][~early].min()


def test_any_tracer_can_be_asked() -> None:
    log = small_choices(0)
    model = ZPD.create(tracer="pfa")
    model.fit(log, FitContext())
    assert np.isfinite(model.score(log, log.present)).all()


def test_a_tracer_that_is_not_there_is_named_before_anything_runs() -> None:
    with pytest.raises(UserError, match="bktt"):
        ZPD.create(tracer="bktt").check_data(small_choices(0))


def test_many_learners_are_asked_for_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    log = small_choices(0)
    model = ZPD()
    model.fit(log, FitContext())
    whole = np.asarray(model.score(log, log.present))
    monkeypatch.setattr("attain.models.recommendation._by_tracer.ROWS", 300)
    np.testing.assert_allclose(model.score(log, log.present), whole, atol=1e-6)
