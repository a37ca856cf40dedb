"""On the published learner split of ASSISTments 2009, the models are where the literature has them, or above.

Reference AUCs of scored rows (from the second answer of a learner): items only .686, PFA .709, BKT .716, DKT .747,
Best-LR .769; of all rows .686, .708, -, - and .766 (Gervet et al. 2020 report .69, .72, -, .75 and .77 of all rows).

What the literature calls IRT here is the mean of each item: `item_mean`. `irt` without ability is below it, as it
fits what an item would be for anybody, not for those who answered it.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from attain.data.load import load
from attain.data.split import Fold, Published, make
from attain.models.knowledge_tracing import _bkt_em as em
from attain.models.knowledge_tracing._prefix_tree import PrefixTree
from attain.models.knowledge_tracing.bkt import STARTS
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import MODELS

pytestmark = pytest.mark.data
NAME = "assistments2009_split"


@pytest.fixture(scope="module")
def fold(tmp_path_factory: pytest.TempPathFactory) -> Fold:
    folders = [Path(p) for p in os.environ.get("ATTAIN_DATA", "").split(os.pathsep) if p]
    if not any((folder / NAME).is_dir() for folder in folders):
        pytest.skip(f"no folder of ATTAIN_DATA holds {NAME!r}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTAIN_HOME", str(tmp_path_factory.mktemp("home")))
        data = load(NAME, {"skills": "joint"})
        return make(Published(), data.log, data.published, 0)


@pytest.mark.parametrize(
    ("name", "params", "low", "high"),
    [
        ("prior_rate", {}, 0.686, 0.70),
        ("item_mean", {}, 0.686, 0.689),
        ("learner_mean", {}, 0.655, 0.665),
        ("last_mean", {}, 0.655, 0.67),
        ("irt", {"ability": "none"}, 0.68, 0.69),
        ("irt", {}, 0.75, 0.77),
        ("pfa", {}, 0.709, 0.725),
        ("afm", {}, 0.61, 0.63),
        ("afm", {"ability": "running"}, 0.71, 0.73),
        ("best_lr", {"counts": "right and all"}, 0.7687, 0.775),
        ("best_lr", {}, 0.772, 0.78),
        ("das3h", {"clock": "answers"}, 0.778, 0.785),
        ("bkt", {}, 0.714, 0.72),
        ("bkt", {"guess_by": "item"}, 0.75, 0.76),
        ("bkt", {"guess_by": "item", "learner_groups": 3}, 0.76, 0.77),
        pytest.param("dkt", {}, 0.765, 0.785, marks=pytest.mark.slow),
        pytest.param("dkt", {"item_bias": False}, 0.735, 0.755, marks=pytest.mark.slow),
        pytest.param("dkt_plus", {}, 0.765, 0.785, marks=pytest.mark.slow),
        pytest.param("dkvmn", {}, 0.755, 0.775, marks=pytest.mark.slow),
        pytest.param("sakt", {}, 0.76, 0.78, marks=pytest.mark.slow),
        pytest.param("akt", {}, 0.755, 0.785, marks=pytest.mark.slow),
        pytest.param("simplekt", {}, 0.765, 0.785, marks=pytest.mark.slow),
        pytest.param("sskt", {}, 0.765, 0.785, marks=pytest.mark.slow),
    ],
)
def test_the_area_under_the_curve_is_where_it_should_be(
    fold: Fold, name: str, params: dict[str, object], low: float, high: float
) -> None:
    model = MODELS.get(name).create(**params)
    model.fit(fold.train, FitContext(rng=np.random.default_rng(0)))
    later = fold.test.step > 0
    assert low < roc_auc_score(fold.test.correct[later], model.predict(fold.test)[later]) < high


def test_five_starts_reach_a_log_likelihood_that_pybkt_does_not(fold: Fold) -> None:
    log = fold.train
    used, skill = np.unique(log.skill, return_inverse=True)
    tree = PrefixTree.grow(skill.astype(np.int32), log.learner, log.correct, len(used))
    assert len(used) == 149
    assert em.fit(tree, np.array(STARTS)).log_likelihood.sum() >= -123_733
