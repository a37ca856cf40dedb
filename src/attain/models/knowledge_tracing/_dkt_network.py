"""The recurrent network of deep knowledge tracing, and how it is read. Needs torch."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from attain.models.knowledge_tracing._dkt_windows import Window

State = Tensor | tuple[Tensor, Tensor]
"""The memory of each learner, shape (1, n_learners, hidden); an LSTM has two."""


@dataclass(frozen=True)
class Tensors:
    """A window on the device; see `Window`."""

    window: Window
    before: Tensor
    before_start: Tensor
    cell: Tensor
    skill: Tensor
    skill_start: Tensor
    item: Tensor
    correct: Tensor

    @classmethod
    def of(cls, window: Window, device: str) -> "Tensors":
        """Copy the window to the device."""
        names = ("before", "before_start", "cell", "skill", "skill_start", "item", "correct")
        return cls(window, *(torch.from_numpy(getattr(window, name)).to(device) for name in names))


class Network(nn.Module):
    """Previous answer in, logit of the next one out.

    An answer goes in as the mean of the embeddings of (skill, correct) over its skills. The logit of the next answer is
    the mean, over its skills, of `weights @ state + bias`, plus the bias of its item. The last skill and the last
    item stand for those not seen in training.
    """

    def __init__(self, n_skills: int, n_items: int, hidden: int, cell: Literal["lstm", "gru"], dropout: float) -> None:
        super().__init__()
        self.answered = nn.EmbeddingBag(2 * (n_skills + 1) + 1, hidden, mode="mean")
        self.cell = (nn.LSTM if cell == "lstm" else nn.GRU)(hidden, hidden)
        self.skill = nn.EmbeddingBag(n_skills + 1, hidden + 1, mode="mean")  # the last column is the bias
        self.item = nn.Embedding(n_items + 1, 1)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.skill.weight, std=hidden**-0.5)
        nn.init.zeros_(self.skill.weight[:, -1])
        nn.init.zeros_(self.item.weight)

    def states(self, batch: Tensors, state: State | None) -> tuple[Tensor, State]:
        """The state before each row, shape (n, hidden), and the memory of each learner at the end of the window."""
        steps, learners = batch.window.shape
        if state is not None:
            state = each(state, lambda part: part[:, :learners].contiguous())
        answers = self.answered(batch.before, batch.before_start).view(steps, learners, -1)
        out, after = self.cell(answers, state)
        return out.flatten(0, 1)[batch.cell].float(), after

    def forward(self, batch: Tensors, state: State | None) -> tuple[Tensor, State]:
        """The logit of each row, shape (n,), and the memory of each learner at the end of the window."""
        hidden, after = self.states(batch, state)
        weights = self.skill(batch.skill, batch.skill_start)
        logit = (self.dropout(hidden) * weights[:, :-1]).sum(dim=1) + weights[:, -1]
        return logit + self.item(batch.item)[:, 0], after

    @torch.no_grad()
    def settle(self) -> None:
        """Let the skill that stands for unseen ones be the mean of all others."""
        n_skills = len(self.skill.weight) - 1
        self.skill.weight[-1] = self.skill.weight[:-1].mean(dim=0)
        for correct in (0, 1):
            self.answered.weight[2 * n_skills + correct] = self.answered.weight[correct : 2 * n_skills : 2].mean(dim=0)


def each(state: State, change: Callable[[Tensor], Tensor]) -> State:
    """The memory with each of its parts changed."""
    return (change(state[0]), change(state[1])) if isinstance(state, tuple) else change(state)


def logits(network: Network, batches: Iterable[list[Window]], n: int, device: str) -> NDArray[np.float64]:
    """The logit of each of the `n` rows of a log."""
    out = np.empty(n)
    for rows, values in _read(batches, network.forward, device):
        out[rows] = values
    return out


def states(network: Network, batches: Iterable[list[Window]], n: int, device: str) -> NDArray[np.float64]:
    """The state before each of the `n` rows of a log; shape (n, hidden)."""
    out = np.empty((n, network.cell.hidden_size))
    for rows, values in _read(batches, network.states, device):
        out[rows] = values
    return out


def _read(
    batches: Iterable[list[Window]], step: Callable[[Tensors, State | None], tuple[Tensor, State]], device: str
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    with torch.inference_mode():
        for batch in batches:
            state: State | None = None
            for window in batch:
                values, state = step(Tensors.of(window, device), state)
                yield window.rows, values.cpu().numpy()
