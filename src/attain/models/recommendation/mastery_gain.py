"""Items from which a learner is expected to gain most."""

import numpy as np
from numpy.typing import NDArray

from attain.data.choices import Choices
from attain.data.interactions import Interactions
from attain.models.recommendation._by_tracer import ByTracer, ByTracerParams, supposed


class MasteryGainParams(ByTracerParams):
    """Parameters of `mastery_gain`."""


class MasteryGain(ByTracer):
    """Items by how much more likely a right answer is expected to be after one answer than before it.

    With p the probability of a right answer now, that after one answer is expected to be p times what it is after a
    right one, plus 1 - p times what it is after a wrong one. This is mastery read where every tracer can be asked. For
    `bkt` it is the chance to learn the skill times 1 - guess - slip (Corbett & Anderson 1995), so that where skills are
    alike, the least known come first.
    """

    name = "mastery_gain"
    params: MasteryGainParams

    def worth(
        self,
        log: Interactions,
        begins: NDArray[np.int64],
        ends: NDArray[np.int64],
        history: Choices,
        asked: NDArray[np.int32],
    ) -> NDArray[np.float64]:
        """See `ByTracer.worth`: the expected gain."""
        shown = supposed(log, begins, ends, history, asked, correct=1)
        last = shown.learner_start[1:] - 1
        after_right = np.asarray(self._tracer.predict(shown), dtype=float)
        turned = shown.correct.copy()
        turned[last - 1] = 0
        after_wrong = np.asarray(self._tracer.predict(shown.with_correct(turned)), dtype=float)[last]
        now = after_right[last - 1]
        gain = now * after_right[last] + (1 - now) * after_wrong - now
        return np.asarray(gain.reshape(len(begins), len(asked)))
