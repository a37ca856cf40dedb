"""Attention of questions to earlier answers, over a past of bounded length. Needs torch."""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import softplus

from attain.models.knowledge_tracing._deep_network import State
from attain.models.knowledge_tracing._deep_params import HeadedParams

FAR = -1e9
"""The score of what may not be looked at."""
WIDER = 2
"""How much wider than its input the layer after an attention is."""


class AttentionParams(HeadedParams):
    """Parameters that all tracers with attention share."""

    context: int = Field(default=100, ge=1)
    """How many of a learner's latest answers are looked at; in later blocks, what was seen from there counts too."""
    learning_rate: float = Field(default=2e-3, gt=0)
    """Largest step size of Adam; it rises to it in the first half epoch, and falls to 0 as a cosine over all epochs."""
    epochs: int = Field(default=4, ge=1)
    """Passes over the training learners, at most."""


class PastBlock(nn.Module):
    """Looks from each step at the steps before it, and passes on what it saw together with what it asked.

    The steps of the window and the last `context` before it are looked at, never the own one: what is asked there is
    added to what is seen. Beside them there is always nothing to look at, a key and value of zeros. As windows slide
    over histories, a step is told by its distance, not by its position: weights fall with a power of the distance that
    each head learns (`power`); or as in AKT (`monotonic`), and there the distance grows with the attention that the
    steps between deserve (Ghosh et al. 2020, eq. 3 and 4).

    Args:
        params: sizes.
        weighs: how distance counts.
    """

    def __init__(self, params: AttentionParams, weighs: Literal["power", "monotonic"] = "power") -> None:
        super().__init__()
        size = params.hidden
        self.heads, self.context, self.weighs = params.heads, params.context, weighs
        self.query, self.key, self.value = (nn.Linear(size, size) for _ in range(3))
        self.rate = nn.Parameter(torch.zeros(params.heads, 1, 1))
        self.pass_on = PassOn(size, params.dropout)

    def forward(self, asks: Tensor, keys: Tensor, values: Tensor, past: State | None) -> tuple[Tensor, State]:
        """What is passed on.

        Args:
            asks: shape (n_questions, n_learners, n_steps, size).
            keys: what a step is found by, shape (n_learners, n_steps, size).
            values: what is seen there, of the same shape.
            past: what was returned for the window before.

        Returns:
            A tensor of the shape of `asks`, and the past that a later window needs.
        """
        key, value = self.key(keys), self.value(values)
        if past is not None:
            key, value = torch.cat([past[0], key], dim=1), torch.cat([past[1], value], dim=1)
        seen = self._look(self._parted(self.query(asks)), self._parted(key), self._parted(value))
        out = self.pass_on(asks, seen.transpose(-3, -2).flatten(-2))
        return out, (key[:, -self.context :], value[:, -self.context :])

    def _parted(self, values: Tensor) -> Tensor:
        """(..., n_steps, size) as (..., n_heads, n_steps, size of a head)."""
        return values.reshape(*values.shape[:-1], self.heads, -1).transpose(-3, -2)

    def _look(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        steps, there = query.shape[-2], key.shape[-2]
        distance = torch.arange(there - steps, there, device=key.device)[:, None] - torch.arange(
            there, device=key.device
        )
        hidden = (distance < 1) | (distance > self.context)
        scores = query @ key.transpose(-2, -1) * query.shape[-1] ** -0.5
        if self.weighs == "power":
            scores = scores - softplus(self.rate) * distance.clamp(min=1).log()
        else:
            scores = scores * self._effect(scores.detach().masked_fill(hidden, FAR), distance)
        scores = scores.masked_fill(hidden, FAR)
        weights = torch.cat([scores.new_zeros(*scores.shape[:-1], 1), scores], dim=-1).softmax(dim=-1)[..., 1:]
        return weights @ value

    def _effect(self, scores: Tensor, distance: Tensor) -> Tensor:
        """By how much each score counts less: exp(-rate * distance), the distance aware of the context."""
        weights = scores.softmax(dim=-1)
        later = weights.flip(-1).cumsum(dim=-1).flip(-1) - weights
        apart = (later.clamp(min=0) * distance.clamp(min=0)).sqrt()
        return torch.exp(-softplus(self.rate) * apart).clamp(min=1e-5)


class PassOn(nn.Module):
    """What was seen is added to what was asked, and both are worked over, step by step."""

    def __init__(self, size: int, dropout: float) -> None:
        super().__init__()
        self.out = nn.Linear(size, size)
        self.norm, self.last_norm = nn.LayerNorm(size), nn.LayerNorm(size)
        self.wide = nn.Sequential(
            nn.Linear(size, WIDER * size), nn.GELU(), nn.Dropout(dropout), nn.Linear(WIDER * size, size)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, asked: Tensor, seen: Tensor) -> Tensor:
        """Both of shape (..., size), and so is what is passed on."""
        both = self.norm(asked + self.dropout(self.out(seen)))
        passed: Tensor = self.last_norm(both + self.dropout(self.wide(both)))
        return passed
