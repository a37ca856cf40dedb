"""Any skill, drawn."""

import numpy as np
from numpy.typing import NDArray

from attain.data.simulate.curriculum import Curriculum
from attain.models.tutoring._tutor import Tutor, TutorParams, TutorPolicy


class RandomParams(TutorParams):
    """Parameters of `random`; the tutor's rates matter only for what it declares."""


class RandomSkill(TutorPolicy):
    """A skill drawn at every step, all alike: what a policy reaches that knows nothing."""

    name = "random"
    params: RandomParams

    def begin(self, curriculum: Curriculum, n: int, generator: np.random.Generator) -> Tutor:
        """See `TutoringPolicy.begin`."""
        return Drawn(self.params, curriculum, n, generator)


class Drawn(Tutor):
    """See `RandomSkill`."""

    def __init__(self, params: TutorParams, curriculum: Curriculum, n: int, generator: np.random.Generator) -> None:
        super().__init__(params, curriculum, n)
        self._generator = generator

    def next_skill(self, step: int) -> NDArray[np.int32]:
        """See `Tutor.next_skill`."""
        return self._generator.integers(len(self.curriculum.skills), size=len(self.known), dtype=np.int32)
