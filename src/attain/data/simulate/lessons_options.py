"""What can be chosen about made-up lessons."""

from pydantic import Field

from attain.core.strict import Strict


class LessonOptions(Strict):
    """Options of the data set `small_lessons`."""

    prompts: int = Field(default=48, ge=1, le=48)
    """How many prompts."""
    raters: int = Field(default=5, ge=1, le=50)
    """How many people rate each recorded output; some are stricter than others."""
    seed: int = 0
    """The same seed gives the same data on every machine."""
