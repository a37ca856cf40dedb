"""Self-attention over what a learner took, to name the next item. Needs torch."""

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from attain.models.recommendation._sequence_model import SequenceNetwork, SequenceParams, SequenceRecommender
from attain.models.recommendation._sequences import NONE


class SASRecParams(SequenceParams):
    """Parameters of `sasrec`."""

    blocks: int = Field(default=2, ge=1)
    """Blocks of attention."""


class SASRec(SequenceRecommender):
    """Blocks of attention from each event to those before it (Kang & McAuley 2018), one head.

    Trained by the cross-entropy over the whole catalogue in place of one sampled negative an event, which is what made
    later models seem better than it (Klenitskiy & Vasilev 2023). Positions count back from the latest event.

    References:
        Kang, W.-C. & McAuley, J. (2018). Self-attentive sequential recommendation. ICDM, 197-206.
    """

    name = "sasrec"
    params: SASRecParams

    def build(self, n_items: int) -> SequenceNetwork:
        """See `SequenceRecommender.build`."""
        return AttentiveNetwork(n_items, self.params)


class AttentiveNetwork(SequenceNetwork):
    """Items and positions, blocks, and a last normalisation."""

    def __init__(self, n_items: int, params: SASRecParams) -> None:
        super().__init__(n_items, params.hidden)
        self.position = nn.Embedding(params.length, params.hidden)
        nn.init.normal_(self.position.weight, std=params.hidden**-0.5)
        self.blocks = nn.ModuleList(Block(params.hidden, params.dropout) for _ in range(params.blocks))
        self.norm = nn.LayerNorm(params.hidden)
        self.dropout = nn.Dropout(params.dropout)

    def states(self, tokens: Tensor) -> Tensor:
        """See `SequenceNetwork.states`."""
        steps, there = tokens.shape[1], tokens != NONE
        read = self.item(tokens) * self.item.embedding_dim**0.5
        place = torch.arange(steps - 1, -1, -1, device=tokens.device)
        state = self.dropout(read + self.position(place))
        earlier = torch.ones(steps, steps, dtype=torch.bool, device=tokens.device).tril()
        own = torch.eye(steps, dtype=torch.bool, device=tokens.device)
        seen = (earlier & there.unsqueeze(1)) | own  # an empty step sees itself, for a softmax of nothing is no number
        for block in self.blocks:
            state = block(state, seen)
        out: Tensor = self.norm(state) * there.unsqueeze(-1)
        return out


class Block(nn.Module):
    """Attention and a layer on top, each added to what came in."""

    def __init__(self, size: int, dropout: float) -> None:
        super().__init__()
        self.first, self.second = nn.LayerNorm(size), nn.LayerNorm(size)
        self.parts, self.back = nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.wide = nn.Sequential(nn.Linear(size, size), nn.ReLU(), nn.Dropout(dropout), nn.Linear(size, size))
        self.dropout = nn.Dropout(dropout)

    def forward(self, state: Tensor, seen: Tensor) -> Tensor:
        """(n, steps, size) to the same; `seen`, (n, steps, steps), says which steps each step looks at."""
        query, key, value = self.parts(self.first(state)).chunk(3, dim=-1)
        state = state + self.dropout(self.back(scaled_dot_product_attention(query, key, value, attn_mask=seen)))
        out: Tensor = state + self.dropout(self.wide(self.second(state)))
        return out
