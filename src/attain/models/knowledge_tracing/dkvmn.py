"""Dynamic key-value memory networks: what is known of each hidden concept, read and rewritten answer by answer."""

import torch
from pydantic import Field
from torch import Tensor, nn

from attain.models.knowledge_tracing._deep_network import Batch, ItemEase, Network, SkillMean, State, of_questions
from attain.models.knowledge_tracing._deep_online import RecurrentTracer
from attain.models.knowledge_tracing._deep_params import BiasedParams


class DKVMNParams(BiasedParams):
    """Parameters of `dkvmn`."""

    slots: int = Field(default=20, ge=1)
    """How many hidden concepts the memory has a place for."""


class DKVMN(RecurrentTracer):
    """A memory with a slot for each hidden concept (Zhang et al. 2017).

    A question is matched with the keys of the slots; what is read from them, weighed so, gives the prediction, and the
    answer then erases and adds there. One step is one answer, whatever the number of its skills, and the memory is
    carried on over the whole history. Differs from the original in the ease of items, which `item_bias` takes away.

    References:
        Zhang, J., Shi, X., King, I. & Yeung, D.-Y. (2017). Dynamic key-value memory networks for knowledge tracing.
        WWW.
    """

    name = "dkvmn"
    params: DKVMNParams

    def build(self, n_skills: int, n_items: int) -> Network:
        """See `DeepTracer.build`."""
        return MemoryNetwork(n_skills, n_items, self.params)


class MemoryNetwork(Network):
    """Keys that stay, and values that each answer changes."""

    learners_to_read = 64

    def __init__(self, n_skills: int, n_items: int, params: DKVMNParams) -> None:
        super().__init__()
        hidden = params.hidden
        self.question = SkillMean(n_skills, hidden)
        self.answered = SkillMean(n_skills, hidden, variants=2)
        self.match = nn.Linear(hidden, params.slots, bias=False)
        self.memory = nn.Parameter(torch.randn(params.slots, hidden) * hidden**-0.5)
        self.erase, self.add = nn.Linear(hidden, hidden), nn.Linear(hidden, hidden)
        self.summary = nn.Sequential(nn.Linear(2 * hidden, hidden), nn.Tanh(), nn.Dropout(params.dropout))
        self.out = nn.Linear(hidden, 1)
        self.item = ItemEase(n_items, params.item_sd) if params.item_bias else None
        nn.init.normal_(self.question.weight, std=hidden**-0.5)
        nn.init.normal_(self.answered.weight, std=hidden**-0.5)

    def forward(self, batch: Batch, state: State | None) -> tuple[Tensor, State]:
        """See `Network.forward`; remembered are the values of the memory."""
        questions = of_questions(self.question, batch.questions)
        weights = batch.table(self.match(questions).softmax(dim=-1))
        answers = batch.table(self.answered(batch.answered, batch.questions[0].skill_start))
        memory = self.memory.expand(batch.shape[0], -1, -1) if state is None else state[0]
        before, after = self._write(memory, weights[0], answers)
        read = torch.einsum("qlts,ltsd->qltd", weights, before)
        logit: Tensor = self.out(self.summary(torch.cat([batch.rows(read), questions], dim=-1)))[..., 0]
        if self.item is not None:
            logit = logit + self.item(batch.questions)
        return logit, (after,)

    def _write(self, memory: Tensor, weights: Tensor, answers: Tensor) -> tuple[Tensor, Tensor]:
        """The memory before each step, shape (n_learners, n_steps, slots, hidden), and at the end of the window."""
        erase, add = torch.sigmoid(self.erase(answers)), torch.tanh(self.add(answers))
        before = []
        for weight, less, more in zip(weights.unbind(1), erase.unbind(1), add.unbind(1), strict=True):
            before.append(memory)
            memory = memory + weight[:, :, None] * (more[:, None] - memory * less[:, None])
        return torch.stack(before, dim=1), memory
