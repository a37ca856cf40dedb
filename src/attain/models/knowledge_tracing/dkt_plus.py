"""DKT with a loss that asks for steady predictions that agree with the answer just given."""

from pydantic import Field
from torch import Tensor, sigmoid
from torch.nn.functional import binary_cross_entropy_with_logits

from attain.models.knowledge_tracing._deep_network import Batch, Network, State
from attain.models.knowledge_tracing._deep_online import RecurrentTracer
from attain.models.knowledge_tracing.dkt import DKTParams, RecurrentNetwork


class DKTPlusParams(DKTParams):
    """Parameters of `dkt_plus`."""

    reconstruction: float = Field(default=0.1, ge=0)
    """Weight of the log loss of an answer, predicted after it was given."""
    waviness_absolute: float = Field(default=0.003, ge=0)
    """Weight of the mean absolute change of a skill's prediction from one answer to the next, over all skills."""
    waviness_squared: float = Field(default=3.0, ge=0)
    """Weight of the mean squared change."""


class DKTPlus(RecurrentTracer):
    """`dkt` with two more terms in its loss (Yeung & Yeung 2018): reconstruction, and waviness over time.

    A right answer should raise, not lower, the prediction for its own skills; and predictions for other skills should
    not jump. Everything else is as in `dkt`.

    References:
        Yeung, C.-K. & Yeung, D.-Y. (2018). Addressing two problems in deep knowledge tracing via
        prediction-consistent regularization. Learning @ Scale.
    """

    name = "dkt_plus"
    params: DKTPlusParams

    def build(self, n_skills: int, n_items: int) -> Network:
        """See `DeepTracer.build`."""
        return ConsistentNetwork(n_skills, n_items, self.params)


class ConsistentNetwork(RecurrentNetwork):
    """A recurrent network whose loss has the terms of consistency."""

    def __init__(self, n_skills: int, n_items: int, params: DKTPlusParams) -> None:
        super().__init__(n_skills, n_items, params)
        self.weights = (params.reconstruction, params.waviness_absolute, params.waviness_squared)

    def learn(self, batch: Batch, state: State | None) -> tuple[Tensor, Tensor | None, State]:
        """See `Network.learn`."""
        path, remembered = self.path(batch, state)
        logits = self.ask(batch, batch.rows(path[:, :-1]))
        again = self.ask(batch, batch.rows(path[:, 1:]))[0].float()
        reconstruction = binary_cross_entropy_with_logits(again, batch.correct.float())
        of_skills = sigmoid(path.float() @ self.skill.weight[:-1, :-1].T + self.skill.weight[:-1, -1])
        change = batch.rows(of_skills.diff(dim=1))
        terms = (reconstruction, change.abs().mean(), change.square().mean())
        extra = sum(
            (weight * term for weight, term in zip(self.weights, terms, strict=True)), start=logits.new_zeros(())
        )
        return logits, extra, remembered
