"""A training in a file, so that one that was killed goes on where it stood. Needs torch."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from attain.models.knowledge_tracing._deep_network import Network
from attain.tasks.context import FitContext

FILE = "training.pt"


@dataclass
class Progress:
    """How far a training has come.

    Attributes:
        learners: how many learners a batch has; fewer than asked for where the GPU was too small.
        curves: what was reported, epoch by epoch.
        diverged: whether the loss was no number.
    """

    learners: int
    best_quality: tuple[float, float] = (-1.0, 0.0)
    best_epoch: int = 0
    best_weights: dict[str, Tensor] = field(default_factory=dict)
    curves: list[dict[str, float]] = field(default_factory=list)
    diverged: bool = False

    def ended(self, epochs: int, patience: int) -> bool:
        """Whether nothing is left to do."""
        done = len(self.curves)
        return self.diverged or done >= epochs or (done > 0 and done - 1 - self.best_epoch >= patience)


@dataclass(frozen=True)
class Found:
    """What a checkpoint holds."""

    progress: Progress
    weights: dict[str, Tensor]
    optimizer: dict[str, object]
    torch_random: Tensor
    random: str

    def into(self, network: Network, optimizer: torch.optim.Optimizer, context: FitContext) -> Progress:
        """Put everything where it was, and report again what had been reported."""
        network.load_state_dict(self.weights)
        optimizer.load_state_dict(self.optimizer)
        torch.set_rng_state(self.torch_random)
        context.rng.bit_generator.state = json.loads(self.random)
        for epoch, curves in enumerate(self.progress.curves):
            context.report(epoch, **curves)
        return self.progress


@dataclass(frozen=True)
class Checkpoint:
    """The file of one training.

    Attributes:
        folder: where it lies; made when there is something to keep.
        key: tells one training from another; a file of another key is not gone on with.
    """

    folder: Path
    key: str

    def write(
        self, progress: Progress, network: Network, optimizer: torch.optim.Optimizer, context: FitContext
    ) -> None:
        """Replace the file, at once or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        content = {
            "key": self.key,
            "progress": {name: getattr(progress, name) for name in asdict(Progress(0))},
            "weights": network.state_dict(),
            "optimizer": optimizer.state_dict(),
            "torch_random": torch.get_rng_state(),
            "random": json.dumps(context.rng.bit_generator.state),
        }
        half = self.folder / f"{FILE}.half"
        torch.save(content, half)
        os.replace(half, self.folder / FILE)

    def read(self) -> Found | None:
        """What was written by a training of the same key; None where there is nothing."""
        path = self.folder / FILE
        if not path.is_file():
            return None
        content = torch.load(path, weights_only=True, map_location="cpu")
        if content.pop("key") != self.key:
            return None
        return Found(Progress(**content.pop("progress")), **content)
