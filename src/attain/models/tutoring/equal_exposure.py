"""Every skill equally long, in order, whatever learners answer: a timetable."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.data.simulate.curriculum import Curriculum
from attain.models.tutoring._tutor import Tutor, TutorParams, TutorPolicy


class EqualExposureParams(TutorParams):
    """Parameters of `equal_exposure`; the tutor's rates matter only for what it declares."""

    answers: int = Field(default=20, ge=1)
    """Answers to a skill before the next one comes; after the last skill it begins anew."""


class EqualExposure(TutorPolicy):
    """A timetable: so many answers to the first skill, then to the second. It adapts to nobody, and needs no model."""

    name = "equal_exposure"
    params: EqualExposureParams

    def begin(self, curriculum: Curriculum, n: int, generator: np.random.Generator) -> Tutor:
        """See `TutoringPolicy.begin`."""
        return InTurn(self.params, curriculum, n)


class InTurn(Tutor):
    """See `EqualExposure`."""

    params: EqualExposureParams

    def next_skill(self, step: int) -> NDArray[np.int32]:
        """See `Tutor.next_skill`."""
        turn = (step // self.params.answers) % len(self.curriculum.skills)
        return np.full(len(self.known), turn, dtype=np.int32)
