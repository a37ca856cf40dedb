"""Deep knowledge tracing: a recurrent network that reads answers and predicts the next."""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from attain.models.knowledge_tracing._deep_network import Batch, ItemEase, Network, SkillMean, State, of_questions
from attain.models.knowledge_tracing._deep_online import RecurrentTracer
from attain.models.knowledge_tracing._deep_params import BiasedParams


class DKTParams(BiasedParams):
    """Parameters of `dkt`."""

    cell: Literal["lstm", "gru"] = "lstm"
    """The kind of recurrent unit."""
    layers: int = Field(default=1, ge=1)
    """How many recurrent layers stand on one another."""


class DKT(RecurrentTracer):
    """An LSTM over answers (Piech et al. 2015), with one step an answer, whatever the number of its skills.

    An answer goes in as the mean of the embeddings of (skill, correct) over its skills; the logits of its skills, read
    from the state after the previous answer, are averaged to the prediction. So no skill of an answer can tell the
    answer to another. The full history is read, in training too. A skill that `fit` did not see is the mean of all
    others, and an item that it did not see has no bias.

    Mastery is the probability of a right answer to an item of no bias in the skill, after the row's answer.

    References:
        Piech, C. et al. (2015). Deep knowledge tracing. NeurIPS 28.
    """

    name = "dkt"
    params: DKTParams

    def build(self, n_skills: int, n_items: int) -> Network:
        """See `DeepTracer.build`."""
        return RecurrentNetwork(n_skills, n_items, self.params)


class RecurrentNetwork(Network):
    """Answers in, and from the state before each row the logit of its question out.

    The logit is the mean, over the skills of the question, of `weights @ state + bias`, plus the ease of the item.
    """

    def __init__(self, n_skills: int, n_items: int, params: DKTParams) -> None:
        super().__init__()
        hidden, layers = params.hidden, params.layers
        self.answered = SkillMean(n_skills, hidden, variants=2)
        between = params.dropout if layers > 1 else 0.0
        kind = nn.LSTM if params.cell == "lstm" else nn.GRU
        self.cell = kind(hidden, hidden, num_layers=layers, dropout=between, batch_first=True)
        self.skill = SkillMean(n_skills, hidden + 1)  # the last column is the bias
        self.item = ItemEase(n_items, params.item_sd) if params.item_bias else None
        self.dropout = nn.Dropout(params.dropout)
        nn.init.normal_(self.skill.weight, std=hidden**-0.5)
        nn.init.zeros_(self.skill.weight[:, -1])

    def forward(self, batch: Batch, state: State | None) -> tuple[Tensor, State]:
        """See `Network.forward`; remembered are the last output and the states of all layers."""
        path, remembered = self.path(batch, state)
        return self.ask(batch, batch.rows(path[:, :-1])), remembered

    def expect(self, batch: Batch, state: State | None) -> Tensor:
        """See `Network.expect`; the last output says it, and no answer need be read."""
        first = self.skill.weight.new_zeros(len(batch.cell), self.cell.hidden_size) if state is None else state[0]
        return self.ask(batch, first)

    def path(self, batch: Batch, state: State | None) -> tuple[Tensor, State]:
        """The state before each step and after the last, shape (n_learners, 1 + n_steps, hidden); the memory."""
        asked = batch.questions[0]
        answers = batch.table(self.answered(batch.answered, asked.skill_start))
        inner = None if state is None else [part.transpose(0, 1).contiguous() for part in state[1:]]
        given = inner if inner is None or len(inner) > 1 else inner[0]
        out, last = self.cell(answers, given)
        parts = last if isinstance(last, tuple) else (last,)
        first = out.new_zeros(out[:, :1].shape) if state is None else state[0][:, None]
        return torch.cat([first, out], dim=1), (out[:, -1], *(part.transpose(0, 1) for part in parts))

    def ask(self, batch: Batch, state: Tensor) -> Tensor:
        """The logits of the questions from the state at each row; shape (n_questions, n)."""
        weights = of_questions(self.skill, batch.questions)
        logit: Tensor = (self.dropout(state.float()) * weights[..., :-1]).sum(dim=-1) + weights[..., -1]
        if self.item is not None:
            logit = logit + self.item(batch.questions)
        return logit
