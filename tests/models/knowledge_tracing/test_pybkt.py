import sys
import warnings
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data.interactions import Interactions
from attain.models.knowledge_tracing.bkt import BKT
from attain.models.knowledge_tracing.pybkt import PyBKT
from attain.tasks.context import FitContext
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log, small_log

peer = pytest.importorskip("pyBKT", reason="pyBKT is not installed")


class TestPyBKT(KnowledgeTracerTests):
    model = PyBKT


class TestPyBKTWithClasses(KnowledgeTracerTests):
    model = PyBKT
    params: ClassVar = {"multigs": True, "multipair": True, "forgets": True, "skills": "first"}


class TestPyBKTWithTwoPriors(KnowledgeTracerTests):
    model = PyBKT
    params: ClassVar = {"multiprior": True}


def single_skills(seed: int, learners: int = 12) -> Interactions:
    """Two skills of three items each."""
    rng = np.random.default_rng(seed)
    learner = np.repeat(np.arange(learners), 10)
    item = np.concatenate([rng.permutation(np.repeat([0, 1, 2, 3, 4, 5], 3))[:10] for _ in range(learners)])
    correct = (rng.random(len(item)) < 0.3 + 0.4 * np.tile(np.arange(10), learners) / 10).astype(int)
    return make_log(learner, item, correct, [[0], [0], [0], [1], [1], [1]])


def predicted_by_the_peer(
    log: Interactions, rows: NDArray[np.int64], seed: int, **variant: bool
) -> NDArray[np.float64]:
    """What pyBKT predicts of some rows, which are of one skill, once fitted to them."""
    user, item, correct = log.learner[rows], log.item[rows], log.correct[rows]
    frame = pd.DataFrame({"order_id": rows, "user_id": user, "template_id": item, "correct": correct}).astype(int)
    frame["skill_name"] = "skill"
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        from pyBKT.models import Model

        model = Model(seed=seed, num_fits=1, parallel=False)
        model.fit(data=frame.copy(), **variant)
        predicted = model.predict(data=frame.copy())["correct_predictions"].sort_index()
    return np.asarray(predicted, dtype=float)


@pytest.mark.parametrize(
    "variant",
    [
        {},
        {"forgets": True},
        {"multigs": True},
        {"multilearn": True},
        {"multipair": True},
        {"multigs": True, "multilearn": True, "forgets": True},
        {"multigs": True, "multipair": True},
    ],
)
def test_scores_are_those_that_the_peer_predicts(variant: dict[str, bool]) -> None:
    log = single_skills(0)
    ours = PyBKT.create(**variant)
    ours.fit(log, FitContext(rng=np.random.default_rng(4)))
    seeds = np.random.default_rng(4).integers(2**31, size=2)
    scores = ours.predict(log)
    for code in (0, 1):
        rows = np.flatnonzero(log.skill == code)
        expected = predicted_by_the_peer(log, rows, int(seeds[code]), **variant)
        np.testing.assert_allclose(scores[rows], expected, atol=1e-10)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({}, {}),
        ({"multigs": True}, {"guess_by": "item"}),
        ({"multilearn": True, "forgets": True}, {"learn_by": "item", "forgets": True}),
        ({"multipair": True}, {"learn_by": "pair"}),
    ],
)
def test_our_own_fit_is_at_least_as_likely(theirs: dict[str, object], ours: dict[str, object]) -> None:
    log = single_skills(0, learners=60)
    nothing = {name: [0, 0] for name in ("prior", "learn", "guess", "slip", "forget")}
    likelihood = []
    for model in (PyBKT.create(**theirs), BKT.create(lean=0, pseudo_counts=nothing, **ours)):
        model.fit(log, FitContext(rng=np.random.default_rng(0)))
        scores = model.predict(log)
        likelihood.append(np.log(np.where(log.correct == 1, scores, 1 - scores)).sum())
    assert likelihood[1] >= likelihood[0] - 1e-3


def test_after_a_first_answer_scores_are_those_that_the_peer_predicts_by_it() -> None:
    log = single_skills(0)
    ours = PyBKT.create(multiprior=True, forgets=True)
    ours.fit(log, FitContext(rng=np.random.default_rng(4)))
    scores, first = ours.predict(log), np.zeros(len(log), dtype=bool)
    seeds = np.random.default_rng(4).integers(2**31, size=2)
    for code in (0, 1):
        rows = np.flatnonzero(log.skill == code)
        began = np.concatenate([[True], np.diff(log.learner[rows]) != 0])
        first[rows[began]] = True
        np.testing.assert_allclose(scores[rows[began]], log.correct[rows[began]].mean())
        expected = predicted_by_the_peer(log, rows, int(seeds[code]), multiprior=True, forgets=True)
        np.testing.assert_allclose(scores[rows[~began]], expected[~began], atol=1e-10)


def test_a_skill_whose_first_answers_are_all_right_has_one_prior() -> None:
    log = single_skills(0)
    model = PyBKT.create(multiprior=True)
    model.fit(log.with_correct(np.ones(len(log), dtype=int)), FitContext())
    wrong = log.with_correct(np.zeros(len(log), dtype=int))
    assert np.isfinite(model.predict(wrong)).all()


def test_an_item_that_a_skill_did_not_have_gets_the_mean_of_its_items() -> None:
    model = PyBKT.create(multigs=True)
    model.fit(single_skills(0), FitContext())
    assert model.learned.groups[0].guess is not None
    values = model.learned.groups[0].guess.values[:3].mean(axis=0)
    prior = model.learned.values[0, 0]
    fresh = make_log(np.array([0]), np.array([6]), np.array([1]), [[0], [0], [0], [1], [1], [1], [0]])
    np.testing.assert_allclose(model.predict(fresh), prior * (1 - values[1]) + (1 - prior) * values[0])


@pytest.mark.parametrize("both", [("multilearn", "multipair"), ("multiprior", "multipair"), ("multiprior", "multigs")])
def test_what_the_peer_cannot_do_together_is_refused(both: tuple[str, str]) -> None:
    with pytest.raises(UserError, match=f"(?s){both[0]}.*{both[1]}|{both[1]}.*{both[0]}"):
        PyBKT.create(**dict.fromkeys(both, True))


def test_the_options_of_others_stay_untouched() -> None:
    before = pd.get_option("display.float_format")
    PyBKT.create().fit(small_log(0), FitContext())
    assert pd.get_option("display.float_format") is before


def test_a_machine_without_the_peer_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n.split(".")[0] == "pyBKT"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [p for p in sys.path if "site-packages" not in p])
    with pytest.raises(UserError, match=r"pip install 'attain\[pybkt\]'"):
        PyBKT.create().fit(small_log(0), FitContext())
