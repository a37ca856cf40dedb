"""Self-attentive knowledge tracing: a question looks at earlier answers."""

from torch import Tensor, nn

from attain.models.knowledge_tracing._deep_attention import AttentionParams, PastBlock
from attain.models.knowledge_tracing._deep_network import Batch, ItemEase, Network, SkillMean, State, of_questions
from attain.models.knowledge_tracing._deep_params import BiasedParams
from attain.models.knowledge_tracing._deep_tracer import DeepTracer


class SAKTParams(AttentionParams, BiasedParams):
    """Parameters of `sakt`."""


class SAKT(DeepTracer):
    """One block of attention from the skills of a question to earlier answers (Pandey & Karypis 2019).

    One step is one answer, whatever the number of its skills. Differs from the original in that every row sees its last
    `context` answers (there, a history is cut into pieces), that steps are told by their distance (there, by their
    position in the piece), and in the ease of items, which `item_bias` takes away.

    References:
        Pandey, S. & Karypis, G. (2019). A self-attentive model for knowledge tracing. EDM.
    """

    name = "sakt"
    params: SAKTParams

    def build(self, n_skills: int, n_items: int) -> Network:
        """See `DeepTracer.build`."""
        return SelfAttentiveNetwork(n_skills, n_items, self.params)


class SelfAttentiveNetwork(Network):
    """Questions ask, answers are looked at."""

    learners_to_read = 32

    def __init__(self, n_skills: int, n_items: int, params: SAKTParams) -> None:
        super().__init__()
        self.question = SkillMean(n_skills, params.hidden)
        self.answered = SkillMean(n_skills, params.hidden, variants=2)
        self.block = PastBlock(params)
        self.out = nn.Linear(params.hidden, 1)
        self.item = ItemEase(n_items, params.item_sd) if params.item_bias else None

    def forward(self, batch: Batch, state: State | None) -> tuple[Tensor, State]:
        """See `Network.forward`; remembered are keys and values."""
        asked = batch.table(of_questions(self.question, batch.questions))
        told = batch.table(self.answered(batch.answered, batch.questions[0].skill_start))
        seen, after = self.block(asked, told, told, state)
        logit: Tensor = batch.rows(self.out(seen))[..., 0]
        if self.item is not None:
            logit = logit + self.item(batch.questions)
        return logit, after
