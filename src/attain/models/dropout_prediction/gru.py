"""A recurrent network over weeks of activity, beside what is known of each learner otherwise. Needs torch."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from attain.data.enrolments import Enrolments, Fact
from attain.models.dropout_prediction._network import NetworkParams, NetworkPredictor
from attain.models.dropout_prediction._steps import OWN, Steps
from attain.tasks.context import FitContext

FILE = "steps.json"


class GRUParams(NetworkParams):
    """Parameters of `gru`."""

    step: float = Field(default=7, gt=0)
    """Length of a step of the sequence, in the unit of the cut-off: days, where that is a day."""


class GRU(NetworkPredictor):
    """A gated recurrent unit (Cho et al. 2014) over steps of activity that end at the cut-off.

    A step holds clicks, active days, pages, clicks of each kind, and whether activity was recorded at all. The last
    state and the columns of the sets of features named go through one more layer.
    """

    name = "gru"
    params: GRUParams
    steps: Steps

    def fit(self, enrolments: Enrolments, context: FitContext) -> None:
        """See `DropoutPredictor.fit`."""
        self.steps = Steps.learn(enrolments, self.params.step)
        super().fit(enrolments, context)

    def matrix(self, enrolments: Enrolments, features: Mapping[str, Fact]) -> NDArray[np.float64]:
        """See `TabularPredictor.matrix`: the steps one after the other, then the columns."""
        sequence = self.steps.matrix(enrolments)
        return np.hstack([sequence.reshape(len(sequence), -1), super().matrix(enrolments, features)])

    def sources(self) -> list[str]:
        """See `TabularPredictor.sources`."""
        channels = OWN + len(self.steps.kinds)
        return [name for name in self.steps.names() for _ in range(channels)] + super().sources()

    def actionable(self, features: Mapping[str, Fact]) -> dict[str, bool]:
        """See `TabularPredictor.actionable`."""
        return super().actionable(features) | dict.fromkeys(self.steps.names(), True)

    def build(self, n_columns: int) -> nn.Module:
        """See `NetworkPredictor.build`."""
        return Recurrent(n_columns, self.steps, self.params)

    def write_fitted(self, folder: Path) -> None:
        """See `TabularPredictor.write_fitted`."""
        super().write_fitted(folder)
        content = {"count": self.steps.count, "length": self.steps.length, "kinds": list(map(str, self.steps.kinds))}
        (folder / FILE).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    def read_fitted(self, folder: Path) -> nn.Module:
        """See `TabularPredictor.read_fitted`."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        self.steps = Steps(content["count"], content["length"], np.array(content["kinds"], dtype=object))
        return super().read_fitted(folder)


class Recurrent(nn.Module):
    """From steps and columns, flat in one row, to a logit."""

    def __init__(self, n_columns: int, steps: Steps, params: GRUParams) -> None:
        super().__init__()
        self.shape = (steps.count, OWN + len(steps.kinds))
        flat = steps.count * self.shape[1]
        self.cell = nn.GRU(self.shape[1], params.hidden, batch_first=True)
        self.dropout = nn.Dropout(params.dropout)
        self.mixed = nn.Linear(params.hidden + n_columns - flat, params.hidden)
        self.out = nn.Linear(params.hidden, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits, shape (n,)."""
        flat = self.shape[0] * self.shape[1]
        _, last = self.cell(x[:, :flat].reshape(-1, *self.shape))
        together = torch.cat([self.dropout(last[0]), x[:, flat:]], dim=1)
        out: Tensor = self.out(self.dropout(torch.relu(self.mixed(together))))
        return out[:, 0]
