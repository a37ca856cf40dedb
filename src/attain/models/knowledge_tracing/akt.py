"""Attentive knowledge tracing: attention to earlier answers that fades with distance."""

from pydantic import Field
from torch import Tensor, nn

from attain.models.knowledge_tracing._deep_attention import AttentionParams, PastBlock
from attain.models.knowledge_tracing._deep_network import Batch, Network, State
from attain.models.knowledge_tracing._deep_rasch import RaschEmbedding, Verdict
from attain.models.knowledge_tracing._deep_tracer import DeepTracer


class AKTParams(AttentionParams):
    """Parameters of `akt`."""

    blocks: int = Field(default=1, ge=1)
    """Attention blocks over the questions, over the answers, and from questions to answers: so many of each."""


class AKT(DeepTracer):
    """Attention that fades with a distance aware of the context (Ghosh et al. 2020), with Rasch embeddings of items.

    Questions and answers are first each seen in the light of earlier ones; then each question looks at the answers to
    earlier questions like it. One step is one answer, whatever the number of its skills. Differs from the original in
    that every row sees its last `context` answers (there, a history is cut into pieces), that a question is added to
    what it looks at in the past instead of looking at itself, and in its smaller width.

    References:
        Ghosh, A., Heffernan, N. & Lan, A. S. (2020). Context-aware attentive knowledge tracing. KDD.
    """

    name = "akt"
    params: AKTParams

    def build(self, n_skills: int, n_items: int) -> Network:
        """See `DeepTracer.build`."""
        return AttentiveNetwork(n_skills, n_items, self.params)


class AttentiveNetwork(Network):
    """Two encoders, of questions and of answers, and a retriever from the one to the other."""

    learners_to_read = 32

    def __init__(self, n_skills: int, n_items: int, params: AKTParams) -> None:
        super().__init__()
        self.embed = RaschEmbedding(n_skills, n_items, params.hidden, params.item_sd)
        self.of_answers, self.of_questions, self.retrieve = (
            nn.ModuleList(PastBlock(params, "monotonic") for _ in range(params.blocks)) for _ in range(3)
        )
        self.verdict = Verdict(params.hidden, params.dropout)

    def forward(self, batch: Batch, state: State | None) -> tuple[Tensor, State]:
        """See `Network.forward`; remembered are the keys and values of each block."""
        questions, answers = self.embed(batch)
        asked, told = batch.table(questions), batch.table(answers)[None]
        past = iter(state or ())
        after: list[Tensor] = []

        def before() -> State | None:
            return None if state is None else (next(past), next(past))

        for block in self.of_answers:
            told, new = block(told, told[0], told[0], before())
            after += new
        for block in self.of_questions:
            asked, new = block(asked, asked[0], asked[0], before())
            after += new
        for block in self.retrieve:
            asked, new = block(asked, asked[0], told[0], before())
            after += new
        logit = self.verdict(batch.rows(asked), questions) + self.embed.item(batch.questions)
        return logit, tuple(after)
