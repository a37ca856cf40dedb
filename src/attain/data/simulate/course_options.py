"""What can be chosen about simulated courses."""

from typing import Literal

from pydantic import Field, model_validator

from attain.core.strict import Strict
from attain.data.courses.source import Mistake


class SimulateCoursesOptions(Strict):
    """Options of the data set `simulated_courses`."""

    courses: int = Field(default=3, ge=1)
    """How many courses; each has its own rate of bad ends."""
    terms: int = Field(default=4, ge=1)
    """How many terms; every course is given in each."""
    learners: int = Field(default=300, ge=2)
    """Enrolments in each offering."""
    length: int = Field(default=140, ge=14)
    """Days from the start to the end of a course."""
    as_of: float = 28
    """The cut-off: predictions are made at the end of this day, and nothing later is known."""
    outcome: Literal["fail_or_withdrawn", "withdrawn_within"] = "fail_or_withdrawn"
    """What is predicted."""
    horizon: float = Field(default=28, gt=0)
    """For `withdrawn_within`: within how many days after the cut-off."""
    drift: float = Field(default=0.2, ge=0)
    """Standard deviation, in logits, of the steps by which each course's rate of bad ends moves from term to term."""
    gap: float = 0
    """By how many logits learners of the background `B` really are at more risk; 0 for no true difference."""
    bias: Literal["none", "label", "activity"] = "none"
    """What is wrong in the record of learners of the background `B`: nothing; good ends recorded as bad; activity that
    was not recorded. How it really was is kept beside it."""
    bias_size: float = Field(default=0.3, ge=0, le=1)
    """The share of their good ends, or of their clicks, that is recorded wrongly."""
    share: float = Field(default=0.3, gt=0, lt=1)
    """The share of learners with the background `B`."""
    mistakes: tuple[Mistake, ...] = ()
    """Known mistakes to make on purpose, to see what each does to the figures: `left_already` keeps learners who had
    left by the cut-off, `later_events` keeps what happened after it, `end_day` makes the day of leaving a feature."""
    seed: int = 0
    """The same seed gives the same data on every machine."""

    @model_validator(mode="after")
    def _labels_can_be_wrong(self) -> "SimulateCoursesOptions":
        if self.bias == "label" and self.outcome != "fail_or_withdrawn":
            raise ValueError("`bias: label` is about good ends recorded as bad; it needs `outcome: fail_or_withdrawn`")
        return self
