import sys
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from attain.core.errors import UserError
from attain.data.interactions import Interactions
from attain.data.split import hold_out
from attain.models.knowledge_tracing.dkt import DKT
from attain.models.knowledge_tracing.prior_rate import PriorRate
from attain.tasks.context import FitContext
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log, small_log

pytest.importorskip("torch", reason="torch is not installed")
SMALL: dict[str, object] = {"epochs": 2, "hidden": 8, "window": 7, "batch": 4}


class TestDKT(KnowledgeTracerTests):
    model = DKT
    params: ClassVar = SMALL
    tolerance = 1e-6


class TestDKTOfGatedUnits(KnowledgeTracerTests):
    model = DKT
    params: ClassVar = {"cell": "gru", "epochs": 2, "hidden": 8, "item_bias": False}
    tolerance = 1e-6


def fitted(log: Interactions, **params: object) -> DKT:
    model = DKT.create(**params)
    model.fit(log, FitContext(rng=np.random.default_rng(0)))
    return model


def alternating(seed: int, learners: int = 60, length: int = 24) -> Interactions:
    """Each learner answers right and wrong in turn, on one item; half of them begin with a wrong answer."""
    rng = np.random.default_rng(seed)
    correct = (np.arange(length) + rng.integers(0, 2, learners)[:, None]) % 2
    return make_log(np.repeat(np.arange(learners), length), np.zeros(learners * length, int), correct.ravel(), [[0]])


def log_loss(log: Interactions, scores: np.ndarray) -> float:
    return float(-np.log(np.where(log.correct, scores, 1 - scores)).mean())


def test_a_pattern_in_time_is_learned_that_rates_cannot_see() -> None:
    train, test = alternating(0), alternating(1)
    prior = PriorRate.create()
    prior.fit(train, FitContext())
    model = fitted(train, hidden=8, epochs=20, batch=4, learning_rate=0.02)
    later = test.take(test.step > 0)
    assert log_loss(later, model.predict(test)[test.step > 0]) < 0.2
    assert log_loss(later, prior.predict(test)[test.step > 0]) > 0.6


def test_the_state_is_carried_over_windows() -> None:
    log = alternating(1)
    model = fitted(alternating(0), hidden=8, epochs=20, batch=4, learning_rate=0.02, window=3)
    assert log_loss(log.take(log.step > 0), model.predict(log)[log.step > 0]) < 0.2


def test_the_size_of_reading_tables_changes_no_score(monkeypatch: pytest.MonkeyPatch) -> None:
    model, log = fitted(small_log(0), **SMALL), small_log(1)
    expected = model.predict(log)
    monkeypatch.setattr("attain.models.knowledge_tracing.dkt.READ", {"learners": 3, "max_steps": 4})
    np.testing.assert_allclose(model.predict(log), expected, atol=1e-6)


def test_training_stops_when_the_held_out_learners_are_predicted_no_better() -> None:
    curves: list[dict[str, float]] = []
    model = DKT.create(hidden=8, patience=2, epochs=200, learning_rate=0.05)
    model.fit(small_log(0), FitContext(np.random.default_rng(0), lambda step, **values: curves.append(values)))
    heights = [c["valid_auc"] for c in curves]
    assert len(curves) < 200
    assert int(np.argmax(heights)) == len(heights) - 3
    assert set(curves[0]) == {"loss", "valid_loss", "valid_auc"}


def trained(log: Interactions, **params: object) -> tuple[list[float], float]:
    """The AUCs reported while training on `log`, and that of the fitted model on the learners that were held out."""
    heights: list[float] = []
    context = FitContext(np.random.default_rng(0), lambda step, **values: heights.append(values["valid_auc"]))
    model = DKT.create(**params)
    model.fit(log, context)
    _, apart = hold_out(log, model.params.valid_share, np.random.default_rng(0))
    return heights, float(roc_auc_score(apart.correct, model.predict(apart)))


def test_training_is_judged_on_the_learners_held_out() -> None:
    (reported,), found = trained(small_log(0), epochs=1, hidden=8, valid_share=0.3)
    assert reported == pytest.approx(found, abs=1e-6)


def test_the_weights_of_the_best_epoch_are_kept_and_not_the_last() -> None:
    heights, found = trained(small_log(0), hidden=8, patience=2, epochs=200, learning_rate=0.05)
    assert max(heights) > heights[-1]
    assert max(heights) == pytest.approx(found, abs=1e-6)


def test_a_skill_that_was_not_seen_is_read_as_the_mean_of_all_others() -> None:
    learner, item = np.repeat(np.arange(20), 6), np.tile(np.arange(3), 40)
    correct = np.random.default_rng(0).integers(0, 2, 120)
    model = fitted(make_log(learner, item, correct, [[0], [1], [2]]), **SMALL)
    asked = (np.zeros(4, dtype=int), np.zeros(4, dtype=int), np.array([1, 0, 0, 1]))
    of_all, of_none = make_log(*asked, [[0, 1, 2]]), make_log(*asked, [[0]])
    unseen = replace(of_none, skills=np.array(["another skill"], dtype=object))
    np.testing.assert_allclose(model.predict(unseen), model.predict(of_all), atol=1e-6)
    assert np.ptp(model.predict(of_all)) > 1e-4


@pytest.mark.parametrize("item_bias", [True, False])
def test_items_of_one_skill_are_told_apart_by_their_biases_alone(item_bias: bool) -> None:
    rng = np.random.default_rng(0)
    item = rng.integers(0, 2, 3000)
    correct = (rng.random(3000) < np.where(item, 0.9, 0.1)).astype(int)
    log = make_log(np.repeat(np.arange(150), 20), item, correct, [[0], [0]])
    scores = fitted(log, hidden=4, epochs=4, learning_rate=0.01, item_bias=item_bias).predict(log)
    apart = scores[item == 1].mean() - scores[item == 0].mean()
    assert apart > 0.2 if item_bias else abs(apart) < 0.02


def test_half_precision_trains_to_about_the_same_scores() -> None:
    log = small_log(1)
    full, half = (fitted(small_log(0), **SMALL, precision=p).predict(log) for p in ("float32", "bfloat16"))
    np.testing.assert_allclose(full, half, atol=0.02)


def test_the_random_numbers_of_others_stay_untouched() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    fitted(small_log(0), **SMALL)
    assert torch.equal(torch.rand(2), expected)


def test_mastery_is_the_score_that_an_item_without_bias_would_get_next() -> None:
    model = fitted(small_log(0), **SMALL)
    log = make_log(np.zeros(4, dtype=int), np.array([0, 1, 1, 0]), np.array([1, 0, 1, 1]), [[0], [1]])
    last = int(log.skill[-1])
    asked = make_log(np.zeros(5, dtype=int), np.array([0, 1, 1, 0, 2]), np.array([1, 0, 1, 1, 0]), [[0], [1], [last]])
    items = asked.items.copy()
    items[2] = "an item of no bias"
    expected = model.predict(replace(asked, items=items))[-1]
    assert model.mastery(log)[-1] == pytest.approx(expected, abs=1e-6)


def test_a_machine_without_torch_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for module in ("_dkt_network", "_dkt_training"):
        monkeypatch.delitem(sys.modules, f"attain.models.knowledge_tracing.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UserError, match=r"pip install 'attain\[torch\]'"):
        DKT.create().fit(small_log(0), FitContext())
