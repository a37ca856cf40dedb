"""The adapter that all deep tracers share: a model adds its params and its network. Needs torch."""

from abc import abstractmethod
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_model, save_model
from scipy.special import expit

from attain.core import fingerprint
from attain.core.errors import UserError
from attain.data.interactions import Interactions
from attain.data.split import hold_out
from attain.models._saved import read_json, write_json
from attain.models._seen import only_seen
from attain.models.knowledge_tracing._deep_batches import Vocabulary, vocabulary
from attain.models.knowledge_tracing._deep_checkpoint import Checkpoint
from attain.models.knowledge_tracing._deep_network import Network
from attain.models.knowledge_tracing._deep_params import DeepParams
from attain.models.knowledge_tracing._deep_reading import known, logits
from attain.models.knowledge_tracing._deep_training import Training
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer

WEIGHTS_FILE = "weights.safetensors"


class DeepTracer(KnowledgeTracer):
    """A tracer that is a network: fitted with early stopping, read in windows, saved as its weights.

    Where the held-out answers are all alike, the log loss takes the place of the AUC in early stopping.
    """

    params: DeepParams
    names: Vocabulary
    network: Network

    @abstractmethod
    def build(self, n_skills: int, n_items: int) -> Network:
        """A network with new weights."""

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`.

        Stopped by Ctrl-C, the model keeps the best weights so far, and if there is a folder for checkpoints, they are
        saved there too, in `model`.
        """
        part, valid = hold_out(log, self.params.valid_share, context.rng)
        part = only_seen(part)
        self.names = vocabulary(part)
        device = _device(self.params.device if self.params.device != "auto" else context.device)
        with torch.random.fork_rng(devices=[torch.cuda.current_device()] if device == "cuda" else []):
            torch.manual_seed(int(context.rng.integers(2**31)))
            self.network = self.build(len(self.names.skills), len(self.names.items)).to(device)
            training = Training(self.network, part, valid, self.names, self.params, context)
            try:
                training.run(self._checkpoint(log, context))
            except KeyboardInterrupt:
                if context.checkpoint is not None:
                    self.save(context.checkpoint / "model")
                raise

    def predict(self, log: Interactions) -> NDArray[np.float64]:
        """See `KnowledgeTracer.predict`."""
        return np.asarray(expit(logits(self.network, log, self.names)))

    def mastery(self, log: Interactions) -> NDArray[np.float64]:
        """See `HasMastery.mastery`: the probability of a right answer to an unseen item of the skill."""
        return np.asarray(expit(known(self.network, log, self.names)))

    def save(self, folder: Path) -> None:
        """See `KnowledgeTracer.save`."""
        write_json(self, {"skills": self.names.skills, "items": self.names.items}, folder)
        save_model(self.network, str(folder / WEIGHTS_FILE))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `KnowledgeTracer.load`."""
        model, names = read_json(cls, folder)
        model.names = Vocabulary(names["skills"], names["items"])
        model.network = model.build(len(model.names.skills), len(model.names.items)).eval()
        load_model(model.network, str(folder / WEIGHTS_FILE))
        model.network.to(_device(model.params.device))
        return model

    def _checkpoint(self, log: Interactions, context: FitContext) -> Checkpoint | None:
        if context.checkpoint is None:
            return None
        answers = [len(log), int(log.correct.sum()), *map(str, self.names.items[:100])]
        key = fingerprint.of_json({"model": self.name, "params": self.params.model_dump(), "answers": answers})
        return Checkpoint(context.checkpoint, key)


def _device(wanted: str) -> str:
    """The device to compute on.

    Raises:
        UserError: a GPU is asked for, and there is none.
    """
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise UserError("A GPU is asked for by 'cuda', and torch finds none here. Use 'auto' or 'cpu'.")
    return "cuda" if there and wanted != "cpu" else "cpu"
