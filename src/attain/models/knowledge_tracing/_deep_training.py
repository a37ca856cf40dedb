"""How every network of deep knowledge tracing is trained. Needs torch."""

import math
from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from attain.core.errors import UserError
from attain.data.interactions import Interactions
from attain.models.knowledge_tracing._deep_batches import Vocabulary, Windows
from attain.models.knowledge_tracing._deep_checkpoint import Checkpoint, Progress
from attain.models.knowledge_tracing._deep_network import Batch, Network, State
from attain.models.knowledge_tracing._deep_params import DeepParams
from attain.models.knowledge_tracing._deep_reading import logits
from attain.models.knowledge_tracing._deep_score import Judged, judged
from attain.tasks.context import FitContext

HASTE = 5
"""Weights that are seldom used learn this many times faster than the rest."""
MAX_NORM = 1.0
"""Gradients are cut to this length."""
RISE, FIRST = 0.5, 0.05
"""Epochs over which the step size rises, and how far it has risen at the first step."""
LOST = 10.0
"""A mean loss from which no training comes back, in nats an answer; a coin's is 0.69."""
ROWS_KEPT = 3_000_000
"""A log of up to so many rows stays on the device as batches; those of a longer one are made anew in each epoch."""


class Training:
    """A training that stops when the held-out learners are predicted no better, and keeps the best weights.

    Args:
        network: on the device; its weights are changed.
        part: what it learns from.
        valid: the learners held out.
        names: what the network has numbers for.
        params: of the model.
        context: of the fit.
    """

    def __init__(
        self,
        network: Network,
        part: Interactions,
        valid: Interactions,
        names: Vocabulary,
        params: DeepParams,
        context: FitContext,
    ) -> None:
        self._network, self._part, self._valid, self._names = network, part, valid, names
        self._params, self._context = params, context
        self._device = next(network.parameters()).device
        self._optimizer = _optimizer(network, params, self._device)
        self._progress = Progress(learners=params.batch)
        self._gather()

    def run(self, checkpoint: Checkpoint | None) -> None:
        """Train to the end, from where the checkpoint stands if it stands anywhere; the best weights stay.

        So they do when the training is stopped from outside, by an exception.

        Raises:
            UserError: the loss is no number, or vast, in the first epoch; or one learner alone is too much for the GPU.
        """
        if checkpoint is not None and (found := checkpoint.read()) is not None:
            self._progress = found.into(self._network, self._optimizer, self._context)
            self._gather()
        try:
            while not self._progress.ended(self._params.epochs, self._params.patience):
                self._epoch()
                if checkpoint is not None:
                    checkpoint.write(self._progress, self._network, self._optimizer, self._context)
        finally:
            if self._progress.best_weights:
                self._network.load_state_dict(self._progress.best_weights)
            self._network.eval().settle()

    def _epoch(self) -> None:
        loss = self._pass()
        self._network.eval()
        score = logits(self._network, self._valid, self._names)
        if not (np.isfinite(loss) and np.isfinite(score).all()):
            self._diverged(float("nan"))
            return
        found = judged(self._valid.correct, score)
        if (worst := max(loss, found.loss)) > LOST:
            self._diverged(worst)
            return
        curves = {"loss": loss} | found.curves()
        epoch = len(self._progress.curves)
        self._context.report(epoch, **curves)
        self._progress.curves.append(curves)
        self._keep(epoch, found)

    def _keep(self, epoch: int, found: Judged) -> None:
        if found.quality > self._progress.best_quality:
            self._progress.best_quality, self._progress.best_epoch = found.quality, epoch
            self._progress.best_weights = {k: v.detach().clone() for k, v in self._network.state_dict().items()}

    def _diverged(self, loss: float) -> None:
        epoch = len(self._progress.curves)
        said = f"is {loss:.3g} nats an answer, and a coin's is 0.69" if math.isfinite(loss) else "is no number"
        if not self._progress.best_weights:
            raise UserError(
                f"The loss {said}, in the first epoch of training. Lower 'learning_rate', which is "
                f"{self._params.learning_rate:g}."
            )
        self._context.warn(
            f"Training diverged in epoch {epoch}: the loss {said}. It stopped there, and the weights of epoch "
            f"{self._progress.best_epoch} are kept. A 'learning_rate' below {self._params.learning_rate:g} may help."
        )
        self._progress.diverged = True

    def _pass(self) -> float:
        """Learn from every batch once, in random order; where the GPU is too small, in batches of half the size.

        Returns:
            The mean loss of an answer.
        """
        while True:
            try:
                return self._through()
            except torch.OutOfMemoryError:
                self._halve()

    def _halve(self) -> None:
        learners = self._progress.learners
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        if learners == 1:
            raise UserError(
                "The GPU has too little memory for a window of one learner. Lower 'window' or 'hidden', or train on "
                "the processor with `device: cpu`."
            )
        self._progress.learners = learners // 2
        self._gather()
        self._context.warn(
            f"The GPU has too little memory for {learners} learners at once; training goes on with {learners // 2}."
        )

    def _gather(self) -> None:
        self._windows = Windows(
            self._part, self._names, learners=self._progress.learners, max_steps=self._params.window
        )
        self._kept: dict[int, list[Batch]] = {}

    def _through(self) -> float:
        self._network.train()
        summed = torch.zeros((), device=self._device)
        for place, number in enumerate(self._context.rng.permutation(len(self._windows))):
            self._set_pace(len(self._progress.curves) + place / len(self._windows))
            state: State | None = None
            for batch in self._batches(int(number)):
                if state is not None:
                    state = tuple(part[: batch.shape[0]].detach() for part in state)
                loss, state = self._step(batch, state)
                summed += loss * len(batch.correct)
        return float(summed) / len(self._part)

    def _set_pace(self, epoch: float) -> None:
        """The step size rises over the first `RISE` epochs, and falls as a cosine until the last one has ended."""
        fall = (1 + math.cos(math.pi * epoch / self._params.epochs)) / 2
        for group in self._optimizer.param_groups:
            group["lr"] = group["at_most"] * fall * min(1, (epoch + FIRST) / RISE)

    def _batches(self, number: int) -> Iterable[Batch]:
        if number in self._kept:
            return self._kept[number]
        made = (Batch.of(window, self._device) for window in self._windows.batch(number))
        if len(self._part) > ROWS_KEPT:
            return made
        self._kept[number] = list(made)
        return self._kept[number]

    def _step(self, batch: Batch, state: State | None) -> tuple[Tensor, State]:
        """One step of the optimizer. Gives the mean loss of the window's answers."""
        half = self._params.halved(self._device.type)
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=half):
            score, extra, after = self._network.learn(batch, state)
        loss = binary_cross_entropy_with_logits(score[0].float(), batch.correct.float())
        total = loss if extra is None else loss + extra
        if (prior := self._network.prior()) is not None:
            total = total + prior / len(self._part)
        self._optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), MAX_NORM)
        self._optimizer.step()
        return loss.detach(), after


def _optimizer(network: Network, params: DeepParams, device: torch.device) -> torch.optim.Optimizer:
    hasty = network.hasty()
    rest = [p for p in network.parameters() if all(p is not other for other in hasty)]
    groups = [
        {"params": rest, "at_most": params.learning_rate},
        {"params": hasty, "at_most": HASTE * params.learning_rate},
    ]
    return torch.optim.Adam(groups[: 1 + bool(hasty)], lr=params.learning_rate, fused=True)
