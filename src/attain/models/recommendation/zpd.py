"""Items that a learner will probably, but not surely, answer rightly: neither too hard nor too easy."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.data.choices import Choices
from attain.data.interactions import Interactions
from attain.models.recommendation._by_tracer import ByTracer, ByTracerParams, supposed


class ZPDParams(ByTracerParams):
    """Parameters of `zpd`."""

    target: float = Field(default=0.7, gt=0, lt=1)
    """The probability of a right answer that is aimed at."""


class ZPD(ByTracer):
    """Items by how near the tracer's probability of a right answer is to a target, in Vygotsky's zone of proximal
    development as tutoring systems read it.

    Targets in the literature lie between .5 (most informative) and .85 (Wilson et al. 2019, for learners like a
    gradient); .7 is the middle of the band [.6, .8]. Read it together with the tracer's calibration: an overconfident
    one aims elsewhere.
    """

    name = "zpd"
    params: ZPDParams

    def worth(
        self,
        log: Interactions,
        begins: NDArray[np.int64],
        ends: NDArray[np.int64],
        history: Choices,
        asked: NDArray[np.int32],
    ) -> NDArray[np.float64]:
        """See `ByTracer.worth`: minus the distance to the target."""
        shown = supposed(log, begins, ends, history, asked, correct=1)
        asked_first = shown.learner_start[1:] - 2
        probability = np.asarray(self._tracer.predict(shown), dtype=float)[asked_first].reshape(len(begins), len(asked))
        return -np.abs(probability - self.params.target)
