"""What can be chosen about simulated learners."""

from typing import Literal

from pydantic import Field

from attain.core.strict import Strict


class SimulateOptions(Strict):
    """Options of the data set `simulated`."""

    learners: int = Field(default=500, ge=1)
    """How many learners."""
    skills: int = Field(default=12, ge=1)
    """How many skills; each but the first may need earlier ones."""
    items: int = Field(default=180, ge=1)
    """How many items; at least one a skill."""
    answers: float = Field(default=80, ge=1)
    """Answers that a learner gives on average if nobody drops out."""
    truth: Literal["bkt", "irt"] = "bkt"
    """How knowledge works: known or not (Bayesian knowledge tracing), or an ability that grows."""
    multi_skill: float = Field(default=0.1, ge=0, le=1)
    """Share of items that practise a second skill."""
    item_spread: float = Field(default=0.4, ge=0)
    """Standard deviation of the items' difficulty, in logits; 0 makes all items of a skill alike."""
    prerequisite_effect: float = Field(default=0.3, gt=0, le=1)
    """What the chance to learn is multiplied with while a prerequisite is not known; 1 for no effect."""
    gap: float = Field(default=0.35, ge=0, lt=1)
    """By what share learners of the school `Hillside` learn more slowly per opportunity."""
    dropout: float = Field(default=0.004, ge=0, lt=1)
    """Chance to leave for good after an answer; twice that after a wrong one."""
    seed: int = 0
    """The same seed gives the same data on every machine."""
