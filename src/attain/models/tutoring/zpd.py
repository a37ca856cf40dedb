"""The skill whose next answer is neither too easy nor too hard."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.data.simulate.curriculum import Curriculum
from attain.models.tutoring._tutor import Tutor, TutorParams, TutorPolicy, best, ready


class ZPDParams(TutorParams):
    """Parameters of `zpd`."""

    target: float = Field(default=0.7, gt=0, lt=1)
    """The probability of a right answer that is aimed at."""
    prerequisites: bool = True
    """Whether only skills are chosen whose direct prerequisites are held to be mastered."""


class ZPD(TutorPolicy):
    """The skill, not held to be mastered, whose probability of a right answer is nearest to the target.

    With a target above what is known of skills at the start, this is nearly the best known skill that is not mastered.
    """

    name = "zpd"
    params: ZPDParams

    def begin(self, curriculum: Curriculum, n: int, generator: np.random.Generator) -> Tutor:
        """See `TutoringPolicy.begin`."""
        return Nearest(self.params, curriculum, n)


class Nearest(Tutor):
    """See `ZPD`."""

    params: ZPDParams

    def next_skill(self, step: int) -> NDArray[np.int32]:
        """See `Tutor.next_skill`."""
        c, (_, _, guess, slip) = self.curriculum, self.rates
        open_ = ready(self.declared, c.next_start, c.next, c.needs) if self.params.prerequisites else ~self.declared
        chance = self.known * (1 - slip) + (1 - self.known) * guess
        skill: NDArray[np.int32] = best(-np.abs(chance - self.params.target), open_)
        return skill
