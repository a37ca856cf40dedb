"""The skill that is least known, as OATutor chooses."""

import numpy as np
from numpy.typing import NDArray

from attain.data.simulate.curriculum import Curriculum
from attain.models.tutoring._tutor import Tutor, TutorParams, TutorPolicy, best, ready


class LowestMasteryParams(TutorParams):
    """Parameters of `lowest_mastery`."""

    prerequisites: bool = False
    """Whether only skills are chosen whose direct prerequisites are held to be mastered."""


class LowestMastery(TutorPolicy):
    """The least known of the skills that are not held to be mastered.

    With one learning rate for all skills this is also the skill of the greatest expected gain; see `mastery_gain`.
    """

    name = "lowest_mastery"
    params: LowestMasteryParams

    def begin(self, curriculum: Curriculum, n: int, generator: np.random.Generator) -> Tutor:
        """See `TutoringPolicy.begin`."""
        return Least(self.params, curriculum, n)


class Least(Tutor):
    """See `LowestMastery`."""

    params: LowestMasteryParams

    def next_skill(self, step: int) -> NDArray[np.int32]:
        """See `Tutor.next_skill`."""
        c = self.curriculum
        open_ = ready(self.declared, c.next_start, c.next, c.needs) if self.params.prerequisites else ~self.declared
        skill: NDArray[np.int32] = best(-self.known, open_)
        return skill
