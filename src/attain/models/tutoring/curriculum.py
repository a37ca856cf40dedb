"""The order of the curriculum, each skill until it seems mastered: the policy that every other has to beat."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.data.simulate.curriculum import Curriculum
from attain.models.tutoring._tutor import Tutor, TutorParams, TutorPolicy


class CurriculumParams(TutorParams):
    """Parameters of `curriculum`."""


class CurriculumOrder(TutorPolicy):
    """The first skill in the order that is not held to be mastered; when all are, the least sure one.

    A randomised test with 5,700 learners found such a fixed path to lead to more mastery than collaborative filtering.
    """

    name = "curriculum"
    params: CurriculumParams

    def begin(self, curriculum: Curriculum, n: int, generator: np.random.Generator) -> Tutor:
        """See `TutoringPolicy.begin`."""
        return InOrder(self.params, curriculum, n)


class InOrder(Tutor):
    """See `CurriculumOrder`."""

    def next_skill(self, step: int) -> NDArray[np.int32]:
        """See `Tutor.next_skill`."""
        skill: NDArray[np.int32] = _first(self.declared, self.known)
        return skill


@compiled
def _first(declared: Any, known: Any) -> Any:  # numba types them
    n, k = declared.shape
    out = np.empty(n, dtype=np.int32)
    for i in range(n):
        out[i] = -1
        for s in range(k):
            if not declared[i, s]:
                out[i] = s
                break
        if out[i] < 0:
            out[i] = np.argmin(known[i])
    return out
