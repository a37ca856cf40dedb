"""Skills drawn by how popular they are, as a recommender of popular items would."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.data.simulate.curriculum import Curriculum
from attain.models.tutoring._tutor import Tutor, TutorParams, TutorPolicy


class PopularityParams(TutorParams):
    """Parameters of `popularity`; the tutor's rates matter only for what it declares."""

    steepness: float = Field(default=1.0, ge=0)
    """Popularity falls as the place in the order to minus this power: early skills have been seen by most."""


class Popularity(TutorPolicy):
    """A skill drawn in proportion to its popularity, for everyone alike."""

    name = "popularity"
    params: PopularityParams

    def begin(self, curriculum: Curriculum, n: int, generator: np.random.Generator) -> Tutor:
        """See `TutoringPolicy.begin`."""
        return Liked(self.params, curriculum, n, generator)


class Liked(Tutor):
    """See `Popularity`."""

    def __init__(
        self, params: PopularityParams, curriculum: Curriculum, n: int, generator: np.random.Generator
    ) -> None:
        super().__init__(params, curriculum, n)
        weight = np.arange(1, len(curriculum.skills) + 1, dtype=float) ** -params.steepness
        self._ends, self._generator = np.cumsum(weight) / weight.sum(), generator

    def next_skill(self, step: int) -> NDArray[np.int32]:
        """See `Tutor.next_skill`."""
        drawn = np.searchsorted(self._ends, self._generator.random(len(self.known)), side="right")
        return np.minimum(drawn, len(self._ends) - 1).astype(np.int32)
