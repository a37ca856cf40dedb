"""What all networks of deep tracers have in common: a batch in, a logit for each question out. Needs torch."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from attain.models.knowledge_tracing._deep_batches import Window

State = tuple[Tensor, ...]
"""What a network remembers of each learner from window to window; each part has one line a learner."""


@dataclass(frozen=True)
class Question:
    """One question for each row of a window; skills as in `Window`, without the last offset."""

    skill: Tensor
    skill_start: Tensor
    item: Tensor


@dataclass(frozen=True)
class Batch:
    """A window on the device, and what is asked at each row.

    Attributes:
        shape: (n_learners, n_steps).
        questions: the rows' own question first; others are asked at the same place and nobody learns their answer.
        correct: shape (n,), the answers to the first question.
    """

    shape: tuple[int, int]
    cell: Tensor
    questions: tuple[Question, ...]
    correct: Tensor

    @classmethod
    def of(cls, window: Window, device: torch.device) -> "Batch":
        """Copy the window to the device."""

        def to(values: object) -> Tensor:
            return torch.as_tensor(values, device=device)

        asked = Question(to(window.skill), to(window.skill_start[:-1]), to(window.item))
        return cls(window.shape, to(window.cell), (asked,), to(window.correct))

    @cached_property
    def answered(self) -> Tensor:
        """2 * skill + correct, for each row and skill; flat, with the offsets of the first question."""
        asked = self.questions[0]
        size = torch.diff(asked.skill_start, append=asked.skill_start.new_tensor([len(asked.skill)]))
        return 2 * asked.skill + torch.repeat_interleave(self.correct, size, output_size=len(asked.skill))

    def table(self, rows: Tensor) -> Tensor:
        """Values of rows, shape (..., n, d), in their cells: shape (..., n_learners, n_steps, d); 0 where empty."""
        learners, steps = self.shape
        if len(self.cell) < learners * steps:
            rows = rows.new_zeros(*rows.shape[:-2], learners * steps, rows.shape[-1]).index_copy(-2, self.cell, rows)
        return rows.reshape(*rows.shape[:-2], learners, steps, rows.shape[-1])

    def rows(self, table: Tensor) -> Tensor:
        """Values of cells back as values of rows."""
        learners, steps = self.shape
        flat = table.flatten(-3, -2)
        return flat if len(self.cell) == learners * steps else flat.index_select(-2, self.cell)


class Network(nn.Module):
    """Reads a window after what it remembers of the windows before.

    Each row is predicted from the learner's earlier rows and from its own question. The last skill and the last item
    stand for those not seen in training.
    """

    learners_to_read = 256
    """How many learners are read side by side where nothing is learned; it changes nothing but speed and memory."""

    @abstractmethod
    def forward(self, batch: Batch, state: State | None) -> tuple[Tensor, State]:
        """The logit of each question, shape (n_questions, n), and what is remembered at the end of the window."""

    def expect(self, batch: Batch, state: State | None) -> Tensor:
        """The logits of `forward` for a window of one step, where what is remembered after it is not wanted."""
        return self(batch, state)[0]  # type: ignore[no-any-return]  # a module's call is not typed

    def learn(self, batch: Batch, state: State | None) -> tuple[Tensor, Tensor | None, State]:
        """As `forward`, and between the two what a method adds to the mean loss of the window, if it does."""
        logits, after = self(batch, state)
        return logits, None, after

    def prior(self) -> Tensor | None:
        """The negative log prior of the items' eases, which are many and seldom used; None where there are none."""
        priors = [part.prior() for part in self.modules() if isinstance(part, ItemEase)]
        return torch.stack(priors).sum() if priors else None

    def hasty(self) -> list[Tensor]:
        """Weights that learn faster than the rest, for they are seldom used."""
        return [part.ease.weight for part in self.modules() if isinstance(part, ItemEase) and part.hasty]

    @torch.no_grad()
    def settle(self) -> None:
        """Let what stands for unseen skills be the mean of all others; called when training has ended."""
        for part in self.modules():
            if isinstance(part, SkillMean):
                part.settle()


class SkillMean(nn.EmbeddingBag):
    """The mean of the embeddings of a row's skills; `variants` of each skill, such as wrong and right."""

    def __init__(self, n_skills: int, size: int, variants: int = 1) -> None:
        super().__init__(variants * (n_skills + 1), size, mode="mean")
        self.variants = variants

    @torch.no_grad()
    def settle(self) -> None:
        """Let the last skill be the mean of all others."""
        by_skill = self.weight.view(-1, self.variants, self.weight.shape[1])
        by_skill[-1] = by_skill[:-1].mean(dim=0)


class ItemEase(nn.Module):
    """A number for each item, held to 0 by a normal prior; 0 for an item that was not seen.

    Args:
        n_items: seen in training.
        sd: of the prior.
        hasty: whether the numbers learn faster than other weights, for each is used seldom.
    """

    def __init__(self, n_items: int, sd: float, *, hasty: bool = True) -> None:
        super().__init__()
        self.sd, self.hasty = sd, hasty
        self.ease = nn.Embedding(n_items + 1, 1)
        nn.init.zeros_(self.ease.weight)

    def forward(self, questions: tuple[Question, ...]) -> Tensor:
        """Shape (n_questions, n)."""
        return _stacked([self.ease(asked.item)[:, 0] for asked in questions])

    def prior(self) -> Tensor:
        """The negative log prior of all numbers, up to a constant."""
        return self.ease.weight.square().sum() / (2 * self.sd**2)


def of_questions(embedding: SkillMean, questions: tuple[Question, ...]) -> Tensor:
    """The embedding of each question; shape (n_questions, n, size)."""
    return _stacked([embedding(asked.skill, asked.skill_start) for asked in questions])


def _stacked(parts: list[Tensor]) -> Tensor:
    return torch.stack(parts) if len(parts) > 1 else parts[0][None]  # which copies nothing
