"""The skill of which an answer is expected to teach most."""

import numpy as np
from numpy.typing import NDArray

from attain.data.simulate.curriculum import Curriculum
from attain.models.tutoring._tutor import Tutor, TutorParams, TutorPolicy, best, ready


class MasteryGainParams(TutorParams):
    """Parameters of `mastery_gain`."""

    prerequisites: bool = True
    """Whether only skills are chosen whose direct prerequisites are held to be mastered."""


class MasteryGain(TutorPolicy):
    """The greatest expected gain in the probability that a skill is known: (1 - known) * learn.

    Where all skills are learned alike this is `lowest_mastery` with prerequisites.
    """

    name = "mastery_gain"
    params: MasteryGainParams

    def begin(self, curriculum: Curriculum, n: int, generator: np.random.Generator) -> Tutor:
        """See `TutoringPolicy.begin`."""
        return Most(self.params, curriculum, n)


class Most(Tutor):
    """See `MasteryGain`."""

    params: MasteryGainParams

    def next_skill(self, step: int) -> NDArray[np.int32]:
        """See `Tutor.next_skill`."""
        c = self.curriculum
        open_ = ready(self.declared, c.next_start, c.next, c.needs) if self.params.prerequisites else ~self.declared
        skill: NDArray[np.int32] = best((1 - self.known) * self.rates[1], open_)
        return skill
