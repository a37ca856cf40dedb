"""A bandit over skills that learns, for all learners together, where practice pays."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.data.simulate.curriculum import Curriculum
from attain.models.tutoring._tutor import Tutor, TutorParams, TutorPolicy, best


class ThompsonParams(TutorParams):
    """Parameters of `thompson`."""

    reward: Literal["progress", "correct"] = "progress"
    """What a skill is worth: a right answer where the one before was wrong, or a right answer."""
    prior_strength: float = Field(default=1, gt=0)
    """Successes and failures that each skill is thought to have had before."""


class Thompson(TutorPolicy):
    """Thompson sampling over the skills that are not held to be mastered (Thompson 1933), by default for the progress
    that they bring (Clement et al. 2015)."""

    name = "thompson"
    params: ThompsonParams

    def begin(self, curriculum: Curriculum, n: int, generator: np.random.Generator) -> Tutor:
        """See `TutoringPolicy.begin`."""
        return Sampled(self.params, curriculum, n, generator)


class Sampled(Tutor):
    """See `Thompson`; each learner has arms of its own."""

    params: ThompsonParams

    def __init__(self, params: ThompsonParams, curriculum: Curriculum, n: int, generator: np.random.Generator) -> None:
        super().__init__(params, curriculum, n)
        self._generator = generator
        self._won = np.full(self.known.shape, params.prior_strength)
        self._lost = np.full(self.known.shape, params.prior_strength)
        self._before = np.zeros(self.known.shape, dtype=np.int8)

    def next_skill(self, step: int) -> NDArray[np.int32]:
        """See `Tutor.next_skill`."""
        skill: NDArray[np.int32] = best(self._generator.beta(self._won, self._lost), ~self.declared)
        return skill

    def observe(self, item: NDArray[np.int32], correct: NDArray[np.int8]) -> None:
        """See `Lesson.observe`."""
        super().observe(item, correct)
        who = np.flatnonzero(correct >= 0)
        at = (who, self._skill[who])
        right = correct[who]
        won = right if self.params.reward == "correct" else (right > self._before[at]).astype(np.int8)
        self._won[at] += won
        self._lost[at] += 1 - won
        self._before[at] = right
