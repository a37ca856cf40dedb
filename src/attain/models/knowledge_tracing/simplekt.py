"""simpleKT: plain attention from questions to the answers to earlier questions like them."""

from pydantic import Field
from torch import Tensor, nn

from attain.models.knowledge_tracing._deep_attention import AttentionParams, PastBlock
from attain.models.knowledge_tracing._deep_network import Batch, Network, State
from attain.models.knowledge_tracing._deep_rasch import RaschEmbedding, Verdict
from attain.models.knowledge_tracing._deep_tracer import DeepTracer


class SimpleKTParams(AttentionParams):
    """Parameters of `simplekt`."""

    blocks: int = Field(default=1, ge=1)
    """Attention blocks that stand on one another."""


class SimpleKT(DeepTracer):
    """Attention with Rasch embeddings of items, and nothing else (Liu et al. 2023): a simple and tough baseline.

    One step is one answer, whatever the number of its skills. Differs from the original in that every row sees its last
    `context` answers (there, a history is cut into pieces), that steps are told by their distance (there, by their
    position in the piece), and in its smaller width.

    References:
        Liu, Z., Liu, Q., Chen, J., Huang, S. & Luo, W. (2023). simpleKT: A simple but tough-to-beat baseline for
        knowledge tracing. ICLR.
    """

    name = "simplekt"
    params: SimpleKTParams

    def build(self, n_skills: int, n_items: int) -> Network:
        """See `DeepTracer.build`."""
        return SimpleNetwork(n_skills, n_items, self.params)


class SimpleNetwork(Network):
    """Questions look at earlier questions, and see the answers to them."""

    learners_to_read = 32

    def __init__(self, n_skills: int, n_items: int, params: SimpleKTParams) -> None:
        super().__init__()
        self.embed = RaschEmbedding(n_skills, n_items, params.hidden, params.item_sd)
        self.blocks = nn.ModuleList(PastBlock(params) for _ in range(params.blocks))
        self.verdict = Verdict(params.hidden, params.dropout)

    def forward(self, batch: Batch, state: State | None) -> tuple[Tensor, State]:
        """See `Network.forward`; remembered are the keys and values of each block."""
        questions, answers = self.embed(batch)
        asked, told = batch.table(questions), batch.table(answers)
        after: list[Tensor] = []
        for number, block in enumerate(self.blocks):
            past = None if state is None else state[2 * number : 2 * number + 2]
            asked, new = block(asked, asked[0], told, past)
            after += new
        return self.verdict(batch.rows(asked), questions) + self.embed.item(batch.questions), tuple(after)
