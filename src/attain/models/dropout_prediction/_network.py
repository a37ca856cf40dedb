"""How the networks of dropout prediction are trained, stopped and kept. Needs torch."""

from abc import abstractmethod
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from safetensors.torch import load_model, save_model
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from attain.core.errors import UserError
from attain.models.dropout_prediction._imbalance import balanced
from attain.models.dropout_prediction._tabular import Part, TabularParams, TabularPredictor
from attain.tasks.context import FitContext

FILE = "weights.safetensors"
PARTS = 10
"""One part in so many of the training learners is held out for early stopping."""


class NetworkParams(TabularParams):
    """Parameters that both networks have."""

    hidden: int = Field(default=32, ge=1)
    """Units of a layer."""
    dropout: float = Field(default=0.2, ge=0, lt=1)
    """Share of the units that are left out at random in training."""
    weight_decay: float = Field(default=1e-3, ge=0)
    """How strongly weights are drawn to 0 at each step (Loshchilov & Hutter 2019)."""
    learning_rate: float = Field(default=3e-3, gt=0)
    """Step size of AdamW."""
    batch: int = Field(default=256, ge=1)
    """Rows between two steps."""
    epochs: int = Field(default=60, ge=1)
    """Passes over the training rows, at most."""
    patience: int = Field(default=5, ge=1)
    """Training stops when the log loss of the held-out learners has not fallen for so many epochs."""
    device: Literal["cpu", "cuda"] = "cpu"
    """Where it is trained; tables of features are small, and a GPU seldom pays."""


class NetworkPredictor(TabularPredictor):
    """A network on scaled columns; a subclass builds it. The weights of the best epoch are kept.

    Where the held-out learners stop it, they are as they are, whatever is done about rare outcomes in the rest.
    """

    params: NetworkParams

    @abstractmethod
    def build(self, n_columns: int) -> nn.Module:
        """A network with new weights, from (n, n_columns) to logits of shape (n,)."""

    def train(self, part: Part, seed: int, context: FitContext) -> nn.Module:
        """See `TabularPredictor.train`."""
        held_out = part.dealt(PARTS, seed) == 0
        rest, valid = part.take(~held_out), part.take(held_out)
        rows = balanced(rest.x, rest.y, self.params.imbalance, seed)
        device = torch.device(self.params.device)
        if device.type == "cuda" and not torch.cuda.is_available():
            raise UserError("A GPU is asked for by 'cuda', and torch finds none here. Use 'cpu'.")
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(seed)
            network = self.build(part.x.shape[1]).to(device)
            learning = _tensors(device, rows.x, rows.y, rows.weight)
            self._learn(network, learning, _tensors(device, valid.x, valid.y), seed, context)
        return network.cpu().double().eval()

    def score(self, fitted: nn.Module, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `TabularPredictor.score`."""
        with torch.inference_mode():
            return np.asarray(torch.sigmoid(fitted(torch.from_numpy(np.ascontiguousarray(x)))).numpy())

    def write_fitted(self, folder: Path) -> None:
        """See `TabularPredictor.write_fitted`."""
        save_model(self.fitted, str(folder / FILE))

    def read_fitted(self, folder: Path) -> nn.Module:
        """See `TabularPredictor.read_fitted`."""
        network = self.build(len(self.centre)).double().eval()
        load_model(network, str(folder / FILE))
        return network

    def _learn(
        self, network: nn.Module, rows: list[Tensor], valid: list[Tensor], seed: int, context: FitContext
    ) -> None:
        choices = self.params
        optimizer = torch.optim.AdamW(network.parameters(), choices.learning_rate, weight_decay=choices.weight_decay)
        generator = np.random.default_rng(seed)
        best, best_epoch, kept = np.inf, 0, _copy(network)
        for epoch in range(choices.epochs):
            loss = self._pass(network, optimizer, rows, generator)
            held_out = _loss(network, valid)
            context.report(epoch, loss=loss, valid_log_loss=held_out)
            if held_out < best:
                best, best_epoch, kept = held_out, epoch, _copy(network)
            elif not np.isfinite(held_out) or epoch - best_epoch >= choices.patience:
                break
        if not np.isfinite(best):
            raise UserError(f"The loss is no number. Lower 'learning_rate', which is {choices.learning_rate:g}.")
        network.load_state_dict(kept)

    def _pass(
        self, network: nn.Module, optimizer: torch.optim.Optimizer, rows: list[Tensor], generator: np.random.Generator
    ) -> float:
        """Learn from every row once, in random order; gives the mean loss."""
        network.train()
        total, order = 0.0, torch.from_numpy(generator.permutation(len(rows[1])))
        for at in torch.split(order, self.params.batch):
            x, y, weight = (column[at] for column in rows)
            loss = binary_cross_entropy_with_logits(network(x), y, weight=weight)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimizer.step()
            total += float(loss.detach()) * len(at)
        return total / len(order)


def _tensors(device: torch.device, *columns: NDArray[np.generic]) -> list[Tensor]:
    return [torch.from_numpy(np.ascontiguousarray(column, dtype=np.float32)).to(device) for column in columns]


def _loss(network: nn.Module, rows: list[Tensor]) -> float:
    network.eval()
    with torch.inference_mode():
        return float(binary_cross_entropy_with_logits(network(rows[0]), rows[1]))


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}
