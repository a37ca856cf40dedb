"""A multilayer perceptron on scaled columns. Needs torch."""

from itertools import pairwise

from pydantic import Field
from torch import Tensor, nn

from attain.models.dropout_prediction._network import NetworkParams, NetworkPredictor


class MLPParams(NetworkParams):
    """Parameters of `mlp`."""

    layers: int = Field(default=2, ge=1)
    """How many hidden layers stand on one another."""


class MLP(NetworkPredictor):
    """Layers of rectified units (Rumelhart et al. 1986), stopped early by learners held out."""

    name = "mlp"
    params: MLPParams

    def build(self, n_columns: int) -> nn.Module:
        """See `NetworkPredictor.build`."""
        return Perceptron(n_columns, self.params)


class Perceptron(nn.Module):
    """From columns to a logit."""

    def __init__(self, n_columns: int, params: MLPParams) -> None:
        super().__init__()
        widths = [n_columns] + [params.hidden] * params.layers
        parts: list[nn.Module] = []
        for wide, narrow in pairwise(widths):
            parts += [nn.Linear(wide, narrow), nn.ReLU(), nn.Dropout(params.dropout)]
        self.layers = nn.Sequential(*parts, nn.Linear(widths[-1], 1))

    def forward(self, x: Tensor) -> Tensor:
        """Logits, shape (n,)."""
        out: Tensor = self.layers(x)
        return out[:, 0]
