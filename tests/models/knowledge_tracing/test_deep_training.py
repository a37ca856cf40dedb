from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from attain.core.errors import UserError
from attain.data.split import hold_out
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import MODELS
from attain.testing.small import small_log

torch = pytest.importorskip("torch", reason="torch is not installed")
SMALL: dict[str, object] = {"epochs": 5, "hidden": 8, "window": 7, "batch": 4, "patience": 5}
DKT = MODELS.get("dkt")


@dataclass
class Told:
    """What a fit said, and a stop in the middle of it."""

    curves: list[Mapping[str, float]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    stop_at: int | None = None

    def context(self, checkpoint: Path | None = None) -> FitContext:
        return FitContext(np.random.default_rng(0), self.report, self.warnings.append, checkpoint=checkpoint)

    def report(self, step: int, **values: float) -> None:
        assert step == len(self.curves)
        self.curves.append(values)
        if step == self.stop_at:
            raise KeyboardInterrupt


def fitted(told: Told, checkpoint: Path | None = None, **params: object) -> DKT:
    model = DKT.create(**SMALL | params)
    model.fit(small_log(0), told.context(checkpoint))
    return model


def heights(told: Told) -> list[float]:
    return [curves["valid_auc"] for curves in told.curves]


def auc_of_held_out(model: DKT) -> float:
    _, apart = hold_out(small_log(0), model.params.valid_share, np.random.default_rng(0))
    return float(roc_auc_score(apart.correct, model.predict(apart)))


def test_training_stops_when_the_held_out_learners_are_predicted_no_better() -> None:
    told = Told()
    fitted(told, patience=2, epochs=200, learning_rate=0.05)
    assert len(told.curves) < 200
    assert int(np.argmax(heights(told))) == len(told.curves) - 3
    assert set(told.curves[0]) == {"loss", "valid_loss", "valid_auc"}


def test_training_is_judged_on_the_learners_held_out() -> None:
    told = Told()
    model = fitted(told, epochs=1, valid_share=0.3)
    assert heights(told) == [pytest.approx(auc_of_held_out(model), abs=1e-6)]


def test_the_weights_of_the_best_epoch_are_kept_and_not_the_last() -> None:
    told = Told()
    model = fitted(told, patience=2, epochs=200, learning_rate=0.05)
    assert max(heights(told)) > heights(told)[-1]
    assert max(heights(told)) == pytest.approx(auc_of_held_out(model), abs=1e-6)


@pytest.mark.parametrize("stop_at", [0, 2, 4])
def test_a_training_that_was_killed_goes_on_to_the_same_weights(tmp_path: Path, stop_at: int) -> None:
    whole, killed, again = Told(), Told(stop_at=stop_at), Told()
    expected = fitted(whole).predict(small_log(1))
    with pytest.raises(KeyboardInterrupt):
        fitted(killed, tmp_path)
    scores = fitted(again, tmp_path).predict(small_log(1))
    np.testing.assert_array_equal(scores, expected)
    assert again.curves == whole.curves
    assert killed.curves == whole.curves[: stop_at + 1]


def test_a_finished_training_is_not_done_again(tmp_path: Path) -> None:
    expected = fitted(Told(), tmp_path).predict(small_log(1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("attain.models.knowledge_tracing._deep_training.Training._epoch", None)
        np.testing.assert_array_equal(fitted(Told(), tmp_path).predict(small_log(1)), expected)


def test_a_checkpoint_of_other_params_is_not_gone_on_with(tmp_path: Path) -> None:
    fitted(Told(), tmp_path)
    told, alone = Told(), Told()
    fitted(told, tmp_path, dropout=0.5)
    fitted(alone, dropout=0.5)
    assert told.curves == alone.curves


def test_a_training_stopped_by_hand_keeps_its_best_weights(tmp_path: Path) -> None:
    told = Told(stop_at=3)
    model = DKT.create(**SMALL)
    with pytest.raises(KeyboardInterrupt):
        model.fit(small_log(0), told.context(tmp_path))
    assert max(heights(told)[:3]) == pytest.approx(auc_of_held_out(model), abs=1e-6)
    kept = DKT.load(tmp_path / "model")
    np.testing.assert_array_equal(kept.predict(small_log(1)), model.predict(small_log(1)))


def diverging_from(epoch: int, loss: float = float("nan")) -> Callable[[object], float]:
    """A pass over the batches whose loss is no number from the given epoch on, or that which is given."""
    from attain.models.knowledge_tracing._deep_training import Training

    through, passes = Training._through, iter(range(100))
    return lambda self: through(self) if next(passes) < epoch else loss


@pytest.mark.parametrize(
    ("loss", "is_"), [(float("nan"), "is no number"), (1234.5, "is 1.23e+03 nats an answer, and a coin's is 0.69")]
)
def test_a_training_that_diverges_stops_says_so_and_keeps_the_best_weights(
    monkeypatch: pytest.MonkeyPatch, loss: float, is_: str
) -> None:
    monkeypatch.setattr("attain.models.knowledge_tracing._deep_training.Training._through", diverging_from(2, loss))
    told = Told()
    model = fitted(told)
    assert len(told.curves) == 2
    assert max(heights(told)) == pytest.approx(auc_of_held_out(model), abs=1e-6)
    assert told.warnings == [
        f"Training diverged in epoch 2: the loss {is_}. It stopped there, and the weights of epoch "
        f"{int(np.argmax(heights(told)))} are kept. A 'learning_rate' below 0.005 may help."
    ]


def test_a_loss_that_is_no_number_from_the_start_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attain.models.knowledge_tracing._deep_training.Training._through", diverging_from(0))
    with pytest.raises(UserError, match=r"no number, in the first epoch.*Lower 'learning_rate', which is 0\.005"):
        fitted(Told())


def test_weights_that_are_no_numbers_count_as_diverged_though_the_loss_was_one() -> None:
    with pytest.raises(UserError, match="no number, in the first epoch"):
        fitted(Told(), learning_rate=1e38, item_bias=False)


@pytest.mark.parametrize("learning_rate", [1e5, 1e9, 1e30])
def test_a_loss_that_is_vast_counts_as_diverged_though_it_is_a_number(learning_rate: float) -> None:
    with pytest.raises(UserError, match=r"nats an answer, and a coin's is 0\.69, in the first epoch"):
        fitted(Told(), learning_rate=learning_rate)


def too_small_for(monkeypatch: pytest.MonkeyPatch, learners: int) -> None:
    """A GPU that has no room for windows of so many learners."""
    from attain.models.knowledge_tracing._deep_training import Training

    step = Training._step

    def or_no_room(self: object, batch: object, state: object) -> object:
        if batch.shape[0] >= learners:
            raise torch.OutOfMemoryError
        return step(self, batch, state)

    monkeypatch.setattr(Training, "_step", or_no_room)


def test_where_the_gpu_is_too_small_the_batch_is_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = Told()
    too_small_for(monkeypatch, 3)
    told = Told()
    fitted(told, batch=8)
    fitted(expected, batch=2)
    assert told.warnings == [
        "The GPU has too little memory for 8 learners at once; training goes on with 4.",
        "The GPU has too little memory for 4 learners at once; training goes on with 2.",
    ]
    assert len(told.curves) == len(expected.curves) == 5


def test_a_gpu_without_room_for_one_learner_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    too_small_for(monkeypatch, 1)
    with pytest.raises(UserError, match=r"too little memory for a window of one learner\. Lower 'window' or 'hidden'"):
        fitted(Told(), batch=2)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_missed() -> None:
    with pytest.raises(UserError, match=r"torch finds none here\. Use 'auto' or 'cpu'"):
        fitted(Told(), device="cuda")


def test_half_precision_trains_to_about_the_same_scores() -> None:
    log = small_log(1)
    full, half = (fitted(Told(), precision=p).predict(log) for p in ("float32", "bfloat16"))
    np.testing.assert_allclose(full, half, atol=0.02)
    assert np.abs(full - half).max() > 0


def test_the_random_numbers_of_others_stay_untouched() -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    fitted(Told())
    assert torch.equal(torch.rand(2), expected)


def test_batches_of_a_long_log_are_made_anew_in_each_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, anew = Told(), Told()
    fitted(kept)
    monkeypatch.setattr("attain.models.knowledge_tracing._deep_training.ROWS_KEPT", 0)
    fitted(anew)
    assert kept.curves == anew.curves


def test_where_the_gpu_is_too_small_to_read_fewer_learners_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model, log = fitted(Told()), small_log(1)
    expected, forward = model.predict(log), type(model.network).forward

    def or_no_room(self: object, batch: object, state: object) -> object:
        if batch.shape[0] > most:
            raise torch.OutOfMemoryError
        return forward(self, batch, state)

    monkeypatch.setattr(type(model.network), "forward", or_no_room)
    most = 5
    np.testing.assert_allclose(model.predict(log), expected, atol=1e-6)
    most = 0
    with pytest.raises(UserError, match="too little memory to read one learner"):
        model.predict(log)
