"""A selective state space: soft counts of answers that each answer lets fade, in place of attention."""

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from attain.models.knowledge_tracing._deep_attention import PassOn
from attain.models.knowledge_tracing._deep_network import Batch, Network, State
from attain.models.knowledge_tracing._deep_online import RecurrentTracer
from attain.models.knowledge_tracing._deep_params import HeadedParams
from attain.models.knowledge_tracing._deep_rasch import RaschEmbedding, Verdict

SLOWEST = 7.0
"""Logit of the share of its memory that the slowest head keeps at each answer, before anything is learned."""


class SSKTParams(HeadedParams):
    """Parameters of `sskt`."""

    learning_rate: float = Field(default=3e-3, gt=0)
    """Largest step size of Adam; it rises to it in the first half epoch, and falls to 0 as a cosine over all epochs."""


class SSKT(RecurrentTracer):
    """A linear recurrence whose forgetting depends on the answer: Mamba-2's state space (Dao & Gu 2024), for answers.

    Each head sorts questions softly into a few classes, and adds what an answer tells to the memory of its class; with
    each answer all memories fade, by as much as the answer says. A question reads the memories of its classes, on a
    logarithmic scale as counts are in logistic models. Answers are embedded as in `akt`, questions by their skills, and
    the item's ease is added to the verdict. Memory is of one size however long the history, which is read whole. Cao et
    al. (2024) bring state spaces to knowledge tracing; this is a smaller network than theirs.

    References:
        Dao, T. & Gu, A. (2024). Transformers are SSMs: Generalized models and efficient algorithms through structured
        state space duality. ICML.
        Cao, Y. et al. (2024). Mamba4KT: An efficient and effective Mamba-based knowledge tracing model.
        arXiv:2405.16542.
    """

    name = "sskt"
    params: SSKTParams

    def build(self, n_skills: int, n_items: int) -> Network:
        """See `DeepTracer.build`."""
        return StateSpaceNetwork(n_skills, n_items, self.params)


class StateSpaceNetwork(Network):
    """Questions read memories, and answers write into them."""

    learners_to_read = 64

    def __init__(self, n_skills: int, n_items: int, params: SSKTParams) -> None:
        super().__init__()
        size = params.hidden
        self.heads = params.heads
        self.embed = RaschEmbedding(n_skills, n_items, size, params.item_sd, asked_by_skill=True)
        self.sort, self.tell, self.keep = nn.Linear(size, size), nn.Linear(size, size), nn.Linear(size, params.heads)
        self.pass_on, self.verdict = PassOn(size, params.dropout), Verdict(size, params.dropout)
        with torch.no_grad():
            self.keep.bias.copy_(torch.linspace(0, SLOWEST, params.heads))

    def forward(self, batch: Batch, state: State | None) -> tuple[Tensor, State]:
        """See `Network.forward`; remembered are the memories of each head."""
        questions, answers = self.embed(batch)
        asked, told = batch.table(questions), batch.table(answers)
        classes = self._parted(self.sort(asked)).softmax(dim=-1)
        keep = logsigmoid(self.keep(told)).transpose(-2, -1)
        memory = None if state is None else state[0]
        seen, after = _recur(classes, self._parted(self.tell(told)), keep, memory)
        on_scale = (seen.sign() * seen.abs().log1p()).transpose(-3, -2).flatten(-2)
        passed = self.pass_on(asked, on_scale)
        return self.verdict(batch.rows(passed), questions) + self.embed.item(batch.questions), (after,)

    def _parted(self, values: Tensor) -> Tensor:
        """(..., n_steps, size) as (..., n_heads, n_steps, size of a head)."""
        return values.reshape(*values.shape[:-1], self.heads, -1).transpose(-3, -2)


def _recur(classes: Tensor, told: Tensor, keep: Tensor, memory: Tensor | None) -> tuple[Tensor, Tensor]:
    """All steps of `memory = keep * memory + class x told` at once, and what is read before each.

    Args:
        classes: shape (n_questions, n_learners, n_heads, n_steps, n_classes); those of the first question are written.
        told: shape (n_learners, n_heads, n_steps, size).
        keep: logs, shape (n_learners, n_heads, n_steps).
        memory: at the beginning, shape (n_learners, n_heads, n_classes, size); None where it is empty.

    Returns:
        Shape (n_questions, n_learners, n_heads, n_steps, size), and the memory at the end.
    """
    after = keep.float().cumsum(dim=-1)
    before = after - keep
    earlier = torch.ones(keep.shape[-1:] * 2, dtype=torch.bool, device=keep.device).tril(-1)
    fades = (before[..., :, None] - after[..., None, :]).masked_fill(~earlier, float("-inf")).exp()
    written = classes[0]
    seen = (classes @ written.transpose(-2, -1) * fades) @ told
    last = after[..., -1:]
    end = (written * (last - after).exp()[..., None]).transpose(-2, -1) @ told
    if memory is not None:
        seen = seen + (classes * before.exp()[..., None]) @ memory
        end = end + last.exp()[..., None] * memory
    return seen, end
