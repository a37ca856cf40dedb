"""Deep knowledge tracing: a recurrent network that reads answers and predicts the next."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.special import expit

from attain.core.component import Params
from attain.core.errors import UserError
from attain.data.interactions import Interactions
from attain.models._saved import read_json, write_json
from attain.models.knowledge_tracing._dkt_windows import Vocabulary, one_more_row, skill_numbers, windows
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer

if TYPE_CHECKING:
    from attain.models.knowledge_tracing._dkt_network import Network

WEIGHTS_FILE = "weights.safetensors"
READ: dict[str, int] = {"learners": 256, "max_steps": 100}
"""How large the tables are in which a fitted network reads a log; it changes nothing but the speed."""


class DKTParams(Params):
    """Parameters of `dkt`."""

    cell: Literal["lstm", "gru"] = "lstm"
    """The kind of recurrent unit."""
    hidden: int = Field(default=64, ge=1)
    """Size of the embeddings and of the state."""
    dropout: float = Field(default=0.2, ge=0, lt=1)
    """Share of the state that is hidden from the output in training."""
    item_bias: bool = True
    """Whether each item has an ease of its own beside its skills."""
    item_sd: float = Field(default=1, gt=0)
    """Standard deviation of the normal prior that holds item biases to 0, in logits."""
    learning_rate: float = Field(default=2e-3, gt=0)
    """Step size of Adam."""
    batch: int = Field(default=16, ge=1)
    """How many learners, of like length, are read side by side in training."""
    window: int = Field(default=50, ge=1)
    """Steps between two updates, and how far gradients reach back; the state is carried on over the whole history."""
    epochs: int = Field(default=30, ge=1)
    """Passes over the training learners, at most."""
    patience: int = Field(default=3, ge=1)
    """Training stops when the AUC of the held-out learners has not risen for this many epochs."""
    valid_share: float = Field(default=0.1, gt=0, lt=1)
    """The share of the training learners that is held out for early stopping."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Numbers in which the network is trained; bfloat16 pays for a large `hidden` on processors that have it."""


class DKT(KnowledgeTracer):
    """An LSTM over answers (Piech et al. 2015), with one step an answer, whatever the number of its skills.

    An answer goes in as the mean of the embeddings of (skill, correct) over its skills; the logits of its skills, read
    from the state after the previous answer, are averaged to the prediction. So no skill of an answer can tell the
    answer to another. The full history is read, in training too. A skill that `fit` did not see is the mean of all
    others, and an item that it did not see has no bias. Where the held-out answers are all alike, the log loss takes
    the place of the AUC in early stopping.

    Mastery is the probability of a right answer to an item of no bias in the skill, after the row's answer.
    """

    name = "dkt"
    params: DKTParams
    names: Vocabulary

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`."""
        self.network: Network
        self.network, self.names = _needs_torch("_dkt_training").train(log, self.params, context)

    def predict(self, log: Interactions) -> NDArray[np.float64]:
        """See `KnowledgeTracer.predict`."""
        logits = _needs_torch("_dkt_network").logits(self.network, windows(log, self.names, **READ), len(log), "cpu")
        return np.asarray(expit(logits))

    def mastery(self, log: Interactions) -> NDArray[np.float64]:
        """See `HasMastery.mastery`."""
        longer, after = one_more_row(log)
        batches = windows(longer, self.names, **READ)
        state = _needs_torch("_dkt_network").states(self.network, batches, len(longer), "cpu")[after]
        output = self.network.skill.weight.detach().numpy()[skill_numbers(log, self.names)]
        of_pair = np.repeat(np.arange(len(log)), np.diff(log.skill_start))
        return np.asarray(expit((state[of_pair] * output[:, :-1]).sum(axis=1) + output[:, -1]))

    def save(self, folder: Path) -> None:
        """See `KnowledgeTracer.save`."""
        write_json(self, {"skills": self.names.skills, "items": self.names.items}, folder)
        importlib.import_module("safetensors.torch").save_model(self.network, str(folder / WEIGHTS_FILE))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `KnowledgeTracer.load`."""
        model, names = read_json(cls, folder)
        model.names = Vocabulary(names["skills"], names["items"])
        sizes = (len(model.names.skills), len(model.names.items), model.params.hidden)
        model.network = _needs_torch("_dkt_network").Network(*sizes, model.params.cell, model.params.dropout).eval()
        importlib.import_module("safetensors.torch").load_model(model.network, str(folder / WEIGHTS_FILE))
        return model


def _needs_torch(module: str) -> ModuleType:
    """A module beside this one that imports torch, and so takes a second to load.

    Raises:
        UserError: torch is not installed.
    """
    try:
        return importlib.import_module(f"attain.models.knowledge_tracing.{module}")
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "safetensors"):
            raise
        raise UserError("Model 'dkt' needs torch, which is not installed. Try: pip install 'attain[torch]'") from None
