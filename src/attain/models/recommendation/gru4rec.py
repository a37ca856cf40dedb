"""A recurrent network that reads what a learner took and names the next item. Needs torch."""

import torch
from torch import Tensor, nn

from attain.models.recommendation._sequence_model import SequenceNetwork, SequenceParams, SequenceRecommender
from attain.models.recommendation._sequences import NONE


class GRU4RecParams(SequenceParams):
    """Parameters of `gru4rec`."""


class GRU4Rec(SequenceRecommender):
    """One layer of gated recurrent units over the items taken (Hidasi et al. 2016).

    Trained by the cross-entropy over the whole catalogue, which the authors' later study found as good as their sampled
    ranking losses where the catalogue is small (Hidasi & Karatzoglou 2018).

    References:
        Hidasi, B., Karatzoglou, A., Baltrunas, L., & Tikk, D. (2016). Session-based recommendations with recurrent
        neural networks. ICLR.
    """

    name = "gru4rec"
    params: GRU4RecParams

    def build(self, n_items: int) -> SequenceNetwork:
        """See `SequenceRecommender.build`."""
        return RecurrentNetwork(n_items, self.params)


class RecurrentNetwork(SequenceNetwork):
    """Embeddings, recurrent units, and a layer back to the space of the items."""

    def __init__(self, n_items: int, params: SequenceParams) -> None:
        super().__init__(n_items, params.hidden)
        self.unit = nn.GRU(params.hidden, params.hidden, batch_first=True)
        self.out = nn.Linear(params.hidden, params.hidden)
        self.dropout = nn.Dropout(params.dropout)

    def states(self, tokens: Tensor) -> Tensor:
        """See `SequenceNetwork.states`; the empty steps in front leave the state at 0."""
        there = (tokens != NONE).unsqueeze(-1)
        begins = there.int().argmax(dim=1).squeeze(-1)
        read, back = _moved(self.dropout(self.item(tokens)), begins)
        passed, _ = self.unit(read)
        passed = passed.gather(1, back.unsqueeze(-1).expand_as(passed))
        out: Tensor = self.out(self.dropout(passed)) * there
        return out


def _moved(read: Tensor, begins: Tensor) -> tuple[Tensor, Tensor]:
    """Each row with its empty steps behind, and where each step of the row is now."""
    steps = read.shape[1]
    place = torch.arange(steps, device=read.device).unsqueeze(0)
    ahead = (place + begins.unsqueeze(1)) % steps
    back = (place - begins.unsqueeze(1)) % steps
    return read.gather(1, ahead.unsqueeze(-1).expand_as(read)), back
