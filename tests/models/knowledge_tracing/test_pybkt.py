import sys
import warnings
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.data.interactions import Interactions
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


def single_skills(seed: int) -> Interactions:
    """Two skills of three items each."""
    rng = np.random.default_rng(seed)
    learner = np.repeat(np.arange(12), 10)
    item = np.concatenate([rng.permutation(np.repeat([0, 1, 2, 3, 4, 5], 3))[:10] for _ in range(12)])
    correct = (rng.random(len(item)) < 0.3 + 0.4 * np.tile(np.arange(10), 12) / 10).astype(int)
    return make_log(learner, item, correct, [[0], [0], [0], [1], [1], [1]])


@pytest.mark.parametrize(
    "variant", [{}, {"forgets": True}, {"multigs": True}, {"multilearn": True}, {"multipair": True}]
)
def test_scores_are_those_that_the_peer_predicts(variant: dict[str, bool]) -> None:
    log = single_skills(0)
    ours = PyBKT.create(fits=2, **variant)
    ours.fit(log, FitContext(rng=np.random.default_rng(4)))
    seeds = np.random.default_rng(4).integers(2**31, size=2)
    frame = pd.DataFrame(
        {"order_id": np.arange(len(log)), "user_id": log.learner, "template_id": log.item, "correct": log.correct}
    ).astype(int)
    expected = np.empty(len(log))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        from pyBKT.models import Model

        for code in (0, 1):
            part = frame[log.skill == code].assign(skill_name="skill")
            model = Model(seed=int(seeds[code]), num_fits=2, parallel=False)
            model.fit(data=part.copy(), **variant)
            expected[log.skill == code] = model.predict(data=part.copy())["correct_predictions"].sort_index()
    np.testing.assert_allclose(ours.predict(log), expected, atol=1e-9)


def test_an_item_that_a_skill_did_not_have_gets_the_mean_of_its_items() -> None:
    model = PyBKT.create(multigs=True)
    model.fit(single_skills(0), FitContext())
    values = model.learned.arrays["answer"][:3].mean(axis=0)
    prior = model.learned.arrays["skill"][0, 0]
    fresh = make_log(np.array([0]), np.array([6]), np.array([1]), [[0], [0], [0], [1], [1], [1], [0]])
    np.testing.assert_allclose(model.predict(fresh), prior * (1 - values[1]) + (1 - prior) * values[0])


def test_items_and_pairs_cannot_both_have_learn_rates() -> None:
    with pytest.raises(UserError, match="not to both"):
        PyBKT.create(multilearn=True, multipair=True)


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
