"""Parameters that all deep tracers share: those of their training."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from attain.core.component import Params


class DeepParams(Params):
    """Parameters of a deep tracer's training."""

    hidden: int = Field(default=64, ge=1)
    """Size of the embeddings and of the state."""
    dropout: float = Field(default=0.2, ge=0, lt=1)
    """Share of the values that are hidden at random in training."""
    item_sd: float = Field(default=1, gt=0)
    """Standard deviation of the normal prior that holds what is told of single items to 0, in logits."""
    learning_rate: float = Field(default=5e-3, gt=0)
    """Largest step size of Adam; it rises to it in the first half epoch, and falls to 0 as a cosine over all epochs."""
    batch: int = Field(default=16, ge=1)
    """How many learners, of like length, are read side by side in training."""
    window: int = Field(default=50, ge=1)
    """Steps between two updates, and how far gradients reach back; what is remembered is carried on over the whole
    history."""
    epochs: int = Field(default=5, ge=1)
    """Passes over the training learners, at most."""
    patience: int = Field(default=3, ge=1)
    """Training stops when the AUC of the held-out learners has not risen for this many epochs."""
    valid_share: float = Field(default=0.1, gt=0, lt=1)
    """The share of the training learners that is held out for early stopping."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Numbers in which the network is trained: `auto` is bfloat16 on a GPU and float32 elsewhere; on a processor
    bfloat16 pays for a large `hidden`."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the network is trained and read: `auto` is the GPU where there is one."""

    def halved(self, device: str) -> bool:
        """Whether a training on `device` computes in 16 bits."""
        return self.precision == "bfloat16" or (self.precision == "auto" and device == "cuda")


class BiasedParams(DeepParams):
    """Parameters of a tracer that may tell the items of a skill apart."""

    item_bias: bool = True
    """Whether each item has an ease of its own beside its skills."""


class HeadedParams(DeepParams):
    """Parameters of a tracer that parts its state among heads."""

    heads: int = Field(default=4, ge=1, validate_default=True)
    """Among how many heads `hidden` is parted; each sees, and forgets, in a way of its own."""

    @field_validator("heads")
    @classmethod
    def _part(cls, heads: int, info: ValidationInfo) -> int:
        hidden = info.data.get("hidden", 0)  # missing where it was not valid itself
        if hidden % heads:
            raise ValueError(f"it does not divide 'hidden', which is {hidden}")
        return heads
