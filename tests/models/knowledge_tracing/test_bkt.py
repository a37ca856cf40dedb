from typing import ClassVar

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.models.knowledge_tracing.bkt import BKT
from attain.tasks.context import FitContext
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log, small_log


class TestBKT(KnowledgeTracerTests):
    model = BKT


class TestBKTOfEachSkill(KnowledgeTracerTests):
    model = BKT
    params: ClassVar = {
        "skills": "mean",
        "forgets": True,
        "guess_plus_slip_below_one": True,
        "pseudo_counts": {"guess": [1, 4]},
    }


class TestBKTOfTheFirstSkill(KnowledgeTracerTests):
    model = BKT
    params: ClassVar = {"skills": "first", "starts": 7}


def fitted(**params: object) -> BKT:
    model = BKT.create(**params)
    model.fit(small_log(0), FitContext(rng=np.random.default_rng(0)))
    return model


NOTHING_IMAGINED = {name: [0, 0] for name in ("prior", "learn", "guess", "slip", "forget")}


def test_more_starts_never_fit_worse() -> None:
    reached = []
    for starts in (1, 5, 12):
        model = BKT.create(starts=starts, pseudo_counts=NOTHING_IMAGINED)
        context = FitContext(np.random.default_rng(0), lambda step, **values: reached.append(values["log_likelihood"]))
        model.fit(small_log(0), context)
    assert reached[0] <= reached[1] + 1e-3
    assert reached[1] <= reached[2] + 1e-3


def test_a_skill_of_two_learners_does_not_make_their_opposites_impossible() -> None:
    log = make_log(np.array([0, 0, 1, 1]), np.zeros(4, dtype=int), np.ones(4, dtype=int), [[0]])
    wrong = make_log(np.zeros(3, dtype=int), np.zeros(3, dtype=int), np.array([1, 0, 0]), [[0]])
    likely, sure = BKT.create(), BKT.create(pseudo_counts=NOTHING_IMAGINED)
    for model in (likely, sure):
        model.fit(log, FitContext())
    assert sure.predict(wrong)[1] == 1
    assert 0.8 < likely.predict(wrong)[1] < 0.999


def test_negative_pseudo_counts_are_refused() -> None:
    with pytest.raises(UserError, match=r"pseudo_counts.guess.0.*greater than or equal to 0"):
        BKT.create(pseudo_counts={"guess": [-1, 4]})


def test_a_right_answer_never_speaks_against_knowing_when_so_asked() -> None:
    values = fitted(guess_plus_slip_below_one=True).learned.values
    assert (values[:, 2] + values[:, 3]).max() <= 1 + 1e-12


def test_nothing_is_forgotten_unless_so_asked() -> None:
    assert (fitted().learned.values[:, 4] == 0).all()
    assert (fitted(forgets=True).learned.values[:, 4] > 0).any()


def test_unseen_skills_get_what_all_histories_together_say() -> None:
    log = make_log(np.repeat([0, 1, 2], 4), np.tile([0, 0, 1, 1], 3), np.tile([0, 1, 1, 1, 0, 0], 2), [[0], [1]])
    together = make_log(np.repeat(np.arange(6), 2), np.zeros(12, dtype=int), log.correct, [[0]])
    model, single = BKT.create(), BKT.create()
    model.fit(log, FitContext())
    single.fit(together, FitContext())
    np.testing.assert_allclose(model.learned.values[-1], single.learned.values[0])
