"""A network that weighs a learner's and an item's vectors together. Needs torch."""

from pathlib import Path
from typing import Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from safetensors.torch import load_model, save_model
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from attain.core.component import Params
from attain.core.errors import UserError
from attain.core.ragged import pick
from attain.data.choices import Choices
from attain.models._saved import read_json, write_json
from attain.models.recommendation._taken import Taken, taken
from attain.tasks.context import FitContext
from attain.tasks.recommendation import Recommender

FILE = "weights.safetensors"
LEARNERS_AT_ONCE = 256


class NCFParams(Params):
    """Parameters of `ncf`."""

    hidden: int = Field(default=32, ge=2)
    """Length of the vectors; the layers above them halve it."""
    negatives: int = Field(default=4, ge=1)
    """Items drawn at random that were not taken, for each that was."""
    dropout: float = Field(default=0.1, ge=0, lt=1)
    """Share of the values that are hidden at random in training."""
    learning_rate: float = Field(default=3e-3, gt=0)
    """Step size of Adam."""
    batch: int = Field(default=4096, ge=1)
    """Pairs of a step."""
    epochs: int = Field(default=5, ge=1)
    """Passes over the training pairs."""
    device: Literal["cpu", "cuda"] = "cpu"
    """Where it is trained and asked."""


class NCF(Recommender):
    """Neural collaborative filtering: a product of vectors and a network of layers, side by side (He et al. 2017).

    Differs from the original in who a learner is: the mean vector of what was taken (in training, without the item that
    is asked for), where He et al. have a vector for each name. So learners who were not in the training part are served
    as well as others.

    References:
        He, X., Liao, L., Zhang, H., Nie, L., Hu, X., & Chua, T.-S. (2017). Neural collaborative filtering. WWW,
        173-182.
    """

    name = "ncf"
    params: NCFParams
    _network: "CrossNetwork"

    def fit(self, log: Choices, context: FitContext) -> None:
        """See `Recommender.fit`."""
        device = torch.device(self.params.device)
        if device.type == "cuda" and not torch.cuda.is_available():
            raise UserError("A GPU is asked for by 'cuda', and torch finds none here. Use 'cpu'.")
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(int(context.rng.integers(2**31)))
            self._network = CrossNetwork(len(log.items), self.params).to(device)
            self._learn(taken(log), context)
        self._network.cpu().eval()

    def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
        """See `Recommender.score`."""
        own = taken(history, learners)
        network = self._network.to(self.params.device).eval()
        with torch.inference_mode():
            sums = network.sums(_bags(own, np.arange(len(learners))))
            counts = torch.from_numpy(np.diff(own.start)).to(sums.device)
            mean = sums / counts.clamp(min=1).unsqueeze(1)
            parts = [network.of_all(part).cpu() for part in torch.split(mean, LEARNERS_AT_ONCE)]
        return np.asarray(torch.cat(parts).numpy()) if parts else np.empty((0, own.n_items), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """See `Recommender.save`."""
        write_json(self, {"items": np.arange(self._network.n_items).astype(object)}, folder)
        save_model(self._network, str(folder / FILE))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `Recommender.load`."""
        model, names = read_json(cls, folder)
        model._network = CrossNetwork(len(names["items"]), model.params).eval()
        load_model(model._network, str(folder / FILE))
        return model

    def _learn(self, own: Taken, context: FitContext) -> None:
        choices, network = self.params, self._network
        optimizer = torch.optim.Adam(network.parameters(), lr=choices.learning_rate)
        row = np.repeat(np.arange(len(own.start) - 1), np.diff(own.start))
        for epoch in range(choices.epochs):
            network.train()
            total = 0.0
            for at in np.array_split(context.rng.permutation(len(row)), max(1, len(row) // choices.batch)):
                loss = self._pair_loss(own, row[at], own.item[at], context)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
                optimizer.step()
                total += float(loss.detach()) * len(at)
            if not np.isfinite(total):
                raise UserError(f"The loss is no number. Lower 'learning_rate', which is {choices.learning_rate:g}.")
            context.report(epoch, loss=total / max(len(row), 1))

    def _pair_loss(self, own: Taken, row: NDArray[np.int64], item: NDArray[np.int32], context: FitContext) -> Tensor:
        """The mean loss of telling what was taken from items drawn at random (a few of which were taken too)."""
        network, device = self._network, self.params.device
        learners, at = np.unique(row, return_inverse=True)
        sums = network.sums(_bags(own, learners))[torch.from_numpy(at).to(device)]
        counts = torch.from_numpy(np.diff(own.start)[row]).to(device).unsqueeze(1)
        positive = torch.from_numpy(item.astype(np.int64)).to(device)
        without = (sums - network.taken(positive)) / (counts - 1).clamp(min=1)
        drawn = context.rng.integers(own.n_items, size=(self.params.negatives, len(row)))
        items = torch.cat([positive.unsqueeze(0), torch.from_numpy(drawn).to(device)])
        logits = network(without.unsqueeze(0).expand(len(items), -1, -1), items)
        target = torch.zeros_like(logits)
        target[0] = 1
        return binary_cross_entropy_with_logits(logits, target)


class CrossNetwork(nn.Module):
    """A weighted product of the two vectors, and layers over both."""

    def __init__(self, n_items: int, params: NCFParams) -> None:
        super().__init__()
        self.n_items, size = n_items, params.hidden
        self.taken = nn.Embedding(n_items, 2 * size)
        self.asked = nn.Embedding(n_items, 2 * size)
        for table in (self.taken, self.asked):
            nn.init.normal_(table.weight, std=0.1)
        self.bias = nn.Embedding(n_items, 1)
        nn.init.zeros_(self.bias.weight)
        self.product = nn.Linear(size, 1, bias=False)
        self.of_learner = nn.Linear(size, size)  # the first layer, in two halves: each is worked out once
        self.of_item = nn.Linear(size, size, bias=False)
        self.layers = nn.Sequential(
            nn.ReLU(), nn.Dropout(params.dropout), nn.Linear(size, size // 2), nn.ReLU(), nn.Linear(size // 2, 1)
        )

    def sums(self, bags: tuple[Tensor, Tensor]) -> Tensor:
        """The sum of the vectors of each bag of items, (n, 2 * size)."""
        item, begins = (part.to(self.bias.weight.device) for part in bags)
        return nn.functional.embedding_bag(item, self.taken.weight, begins, mode="sum")

    def forward(self, learner: Tensor, item: Tensor) -> Tensor:
        """The logit of each pair; `learner` (..., 2 * size), `item` (...) codes."""
        return self._crossed(learner, self.asked(item), self.bias(item))

    def of_all(self, learner: Tensor) -> Tensor:
        """The logit of every item for each learner, (n, 2 * size) to (n, n_items)."""
        return self._crossed(learner.unsqueeze(1), self.asked.weight.unsqueeze(0), self.bias.weight)

    def _crossed(self, learner: Tensor, item: Tensor, bias: Tensor) -> Tensor:
        (a, b), (c, d) = learner.chunk(2, dim=-1), item.chunk(2, dim=-1)
        layers: Tensor = self.layers(self.of_learner(b) + self.of_item(d))
        out: Tensor = (self.product(a * c) + layers + bias).squeeze(-1)
        return out


def _bags(own: Taken, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """The items of some rows, one after the other, and where each row begins."""
    places, begins = pick(own.start, rows)
    return torch.from_numpy(own.item[places].astype(np.int64)), torch.from_numpy(begins[:-1])
