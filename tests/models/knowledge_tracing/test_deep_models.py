"""What all deep tracers promise beside the contract of every tracer; each in a size that is fitted in moments."""

import resource
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data.interactions import Interactions
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import MODELS, KnowledgeTracer
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log, small_log

torch = pytest.importorskip("torch", reason="torch is not installed")
SMALL: dict[str, object] = {"epochs": 2, "hidden": 8, "window": 7, "batch": 4}
DEEP: dict[str, dict[str, object]] = {
    "akt": {"heads": 2, "context": 9},
    "dkt": {"layers": 2},
    "dkt_plus": {"cell": "gru"},
    "dkvmn": {"slots": 3},
    "sakt": {"heads": 2, "context": 9},
    "simplekt": {"heads": 2, "context": 9, "blocks": 2},
    "sskt": {"heads": 2},
}
Fitted = Callable[[], Any]


def fitted(name: str, log: Interactions) -> Any:  # the deep tracers' class needs torch
    model = MODELS.get(name).create(**SMALL, **DEEP[name])
    model.fit(log, FitContext(np.random.default_rng(0)))
    return model


class TestEachKeepsTheContract(KnowledgeTracerTests):
    tolerance = 1e-6
    _of: ClassVar[dict[str, KnowledgeTracer]] = {}

    @pytest.fixture(autouse=True, params=[name for name in DEEP if name != "dkt"])
    def _one(self, request: pytest.FixtureRequest) -> None:
        self.model, self.params = MODELS.get(request.param), SMALL | DEEP[request.param]

    def fitted(self) -> KnowledgeTracer:
        if self.model.name not in self._of:
            self._of[self.model.name] = self.fit(small_log(0))
        return self._of[self.model.name]


@pytest.fixture(scope="module", params=list(DEEP))
def model(request: pytest.FixtureRequest) -> Any:
    return fitted(request.param, small_log(0))


def test_eases_of_items_are_held_to_0_and_learn_faster_where_no_question_shows_them(model: Any) -> None:
    (ease,) = [weight for name, weight in model.network.named_parameters() if name.endswith("item.ease.weight")]
    assert model.network.prior().item() == pytest.approx(ease.square().sum().item() / 2, rel=1e-6)
    shown = model.name in ("akt", "simplekt")
    assert [weight is ease for weight in model.network.hasty()] == ([] if shown else [True])


@pytest.mark.parametrize(("learners", "steps"), [(3, 4), (1, 1)])
def test_the_size_of_the_tables_read_changes_no_score(
    model: Any, learners: int, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = small_log(1)
    expected, known = model.predict(log), model.mastery(log)
    monkeypatch.setattr("attain.models.knowledge_tracing._deep_reading.STEPS_TO_READ", steps)
    monkeypatch.setattr(type(model.network), "learners_to_read", learners)
    np.testing.assert_allclose(model.predict(log), expected, atol=1e-6)
    np.testing.assert_allclose(model.mastery(log), known, atol=1e-6)


def test_no_gradient_runs_from_a_logit_to_a_later_or_the_own_answer(model: Any) -> None:
    from attain.models.knowledge_tracing._deep_batches import Windows
    from attain.models.knowledge_tracing._deep_network import Batch

    log = small_log(1)
    (window, *_) = Windows(log, model.names, learners=2, max_steps=12).batch(0)
    batch = Batch.of(window, torch.device("cpu"))
    middle = len(batch.correct) // 4
    turned = replace(batch, correct=torch.where(torch.arange(len(batch.correct)) >= middle, 1, 0))
    zeros = replace(batch, correct=torch.zeros_like(batch.correct))
    early = torch.arange(middle + 1)
    with torch.inference_mode():
        a, b = model.network(turned, None)[0], model.network(zeros, None)[0]
    torch.testing.assert_close(a[0, early], b[0, early])
    assert (a[0, middle + 1 : 12] - b[0, middle + 1 : 12]).abs().max() > 1e-6, "an answer moves what comes after it"


def test_mastery_is_the_score_that_an_unseen_item_of_the_skill_would_get_next(model: Any) -> None:
    log = make_log(np.zeros(4, int), np.array([0, 1, 1, 0]), np.array([1, 0, 1, 1]), [[0, 1, 2, 3, 4, 5], [1]])
    for place, skill in enumerate(log.skill[-6:]):
        skills = [[0, 1, 2, 3, 4, 5], [1], [int(skill)]]
        asked = make_log(np.zeros(5, int), np.array([0, 1, 1, 0, 2]), np.array([1, 0, 1, 1, 0]), skills)
        items = asked.items.copy()
        items[2] = "not seen"
        expected = model.predict(replace(asked, items=items))[-1]
        assert model.mastery(log)[len(log.skill) - 6 + place] == pytest.approx(expected, abs=1e-6)


def test_an_item_with_forty_skills_and_one_with_none_are_read(model: Any) -> None:
    log = make_log(np.repeat([0, 1], 4), np.tile([0, 1], 4), np.tile([1, 0], 4), [list(range(40)), []])
    assert ((model.predict(log) > 0) & (model.predict(log) < 1)).all()
    assert model.mastery(log).shape == (160,)


def test_a_history_of_100_000_answers_is_read_in_bounded_memory(model: Any) -> None:
    rng = np.random.default_rng(0)
    log = make_log(
        np.zeros(100_000, int), rng.integers(0, 6, 100_000), rng.integers(0, 2, 100_000), [[i] for i in range(6)]
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    scores = model.predict(log)
    assert np.isfinite(scores).all()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000, "KiB"


@pytest.mark.parametrize("name", ["akt", "simplekt", "sakt", "sskt"])
def test_heads_that_do_not_divide_the_state_are_refused(name: str) -> None:
    with pytest.raises(UserError, match=r"Param 'heads' of .* does not divide 'hidden', which is 30"):
        MODELS.get(name).create(hidden=30)
