"""How networks that name the next item are trained, stopped, asked and kept. Needs torch."""

from abc import abstractmethod
from pathlib import Path
from typing import Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from safetensors.torch import load_model, save_model
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attain.core.component import Params
from attain.core.errors import UserError
from attain.data.choices import Choices
from attain.models._saved import read_json, write_json
from attain.models.recommendation._sequences import NONE, batches, latest, windows
from attain.tasks.context import FitContext
from attain.tasks.recommendation import Recommender

FILE = "weights.safetensors"
VALID = 10
"""One training learner in so many is held out for early stopping."""
ASKED = 512
"""Learners that are asked for at once."""


class SequenceParams(Params):
    """Parameters that both networks have."""

    hidden: int = Field(default=64, ge=1)
    """Size of the item vectors and of the state."""
    length: int = Field(default=50, ge=1)
    """How many of a learner's latest events are read."""
    dropout: float = Field(default=0.2, ge=0, lt=1)
    """Share of the values that are hidden at random in training."""
    learning_rate: float = Field(default=3e-3, gt=0)
    """Step size of Adam."""
    batch: int = Field(default=128, ge=1)
    """Rows of a step."""
    epochs: int = Field(default=10, ge=1)
    """Passes over the training events, at most."""
    patience: int = Field(default=2, ge=1)
    """Training stops when the loss of the held-out learners has not fallen for so many epochs."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where it is trained and asked: `auto` is the GPU where there is one."""


class SequenceNetwork(nn.Module):
    """Reads tokens, and gives a state after each; items are told by the same vectors that they are read by."""

    def __init__(self, n_items: int, size: int) -> None:
        super().__init__()
        self.item = nn.Embedding(n_items + 1, size, padding_idx=NONE)
        self.bias = nn.Parameter(torch.zeros(n_items))
        nn.init.normal_(self.item.weight, std=size**-0.5)
        with torch.no_grad():
            self.item.weight[NONE] = 0

    @abstractmethod
    def states(self, tokens: Tensor) -> Tensor:
        """The state after each token, from it and those before it; (n, steps) to (n, steps, size)."""

    def logits(self, state: Tensor) -> Tensor:
        """How likely each item is next; (..., size) to (..., n_items)."""
        out: Tensor = state @ self.item.weight[1:].T + self.bias
        return out


class SequenceRecommender(Recommender):
    """Trained to name the next item among all of the catalogue; a subclass builds the network.

    Where the order of events means nothing, histories are read as sets, in a new order each time.
    """

    params: SequenceParams
    _network: SequenceNetwork

    @abstractmethod
    def build(self, n_items: int) -> SequenceNetwork:
        """A network with new weights."""

    def fit(self, log: Choices, context: FitContext) -> None:
        """See `Recommender.fit`."""
        seed = int(context.rng.integers(2**31))
        device = _device(self.params.device)
        apart = context.rng.random(len(log.learners)) < 1 / VALID
        rest, valid = log.take(~apart[log.learner]), log.take(apart[log.learner])
        if not len(rest) or not len(valid):
            rest, valid = log, log
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(seed)
            self._network = self.build(len(log.items)).to(device)
            self._learn(rest, valid, context)
        self._network.cpu().eval()

    def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
        """See `Recommender.score`."""
        device = _device(self.params.device)
        network = self._network.to(device).eval()
        tokens = torch.from_numpy(latest(history, learners, self.params.length)).to(device)
        with torch.inference_mode():
            parts = [network.logits(network.states(part)[:, -1]).cpu() for part in torch.split(tokens, ASKED)]
        return np.asarray(torch.cat(parts).numpy())

    def save(self, folder: Path) -> None:
        """See `Recommender.save`."""
        write_json(self, {"items": np.arange(len(self._network.bias)).astype(object)}, folder)
        save_model(self._network, str(folder / FILE))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `Recommender.load`."""
        model, names = read_json(cls, folder)
        model._network = model.build(len(names["items"])).eval()
        load_model(model._network, str(folder / FILE))
        return model

    def _learn(self, rest: Choices, valid: Choices, context: FitContext) -> None:
        choices, network = self.params, self._network
        rows, held_out = windows(rest, choices.length), windows(valid, choices.length)
        optimizer = torch.optim.Adam(network.parameters(), lr=choices.learning_rate)
        best, best_epoch, kept = np.inf, 0, _copy(network)
        for epoch in range(choices.epochs):
            network.train()
            sums = [0.0, 0]
            for batch in batches(rows, choices.batch, context.rng, ordered=rest.ordered):
                loss, count = _loss(network, batch)
                optimizer.zero_grad()
                (loss / max(count, 1)).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
                optimizer.step()
                sums[0] += float(loss.detach())
                sums[1] += count
            now = _mean_loss(network, held_out, choices.batch)
            context.report(epoch, loss=sums[0] / max(sums[1], 1), valid_loss=now)
            if now < best:
                best, best_epoch, kept = now, epoch, _copy(network)
            elif not np.isfinite(now) or epoch - best_epoch >= choices.patience:
                break
        if not np.isfinite(best):
            raise UserError(f"The loss is no number. Lower 'learning_rate', which is {choices.learning_rate:g}.")
        network.load_state_dict(kept)


def _loss(network: SequenceNetwork, batch: NDArray[np.int64]) -> tuple[Tensor, int]:
    """The summed loss of naming each next item, and how many there are."""
    tokens = torch.from_numpy(batch).to(network.bias.device)
    target = tokens[:, 1:]
    asked = target != NONE
    asked &= tokens[:, :-1] != NONE
    logits = network.logits(network.states(tokens[:, :-1])[asked])
    return cross_entropy(logits, target[asked] - 1, reduction="sum"), int(asked.sum())


def _mean_loss(network: SequenceNetwork, rows: NDArray[np.int64], size: int) -> float:
    network.eval()
    with torch.inference_mode():
        parts = [_loss(network, batch) for batch in batches(rows, size, None)]
    count = sum(part[1] for part in parts)
    return float(sum(float(part[0]) for part in parts)) / count if count else 0.0


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def _device(asked: str) -> torch.device:
    there = torch.cuda.is_available()
    if asked == "cuda" and not there:
        raise UserError("A GPU is asked for by 'cuda', and torch finds none here. Use 'cpu'.")
    return torch.device("cuda" if there and asked != "cpu" else "cpu")
