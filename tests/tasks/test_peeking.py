import numpy as np
import pytest
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data.interactions import Interactions
from attain.models.knowledge_tracing.prior_rate import PriorRate
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import MODELS
from attain.tasks.peeking import refuse_peeking
from attain.testing.small import small_log


class Planted(PriorRate):
    """Says the answer itself, or the one `shift` rows on."""

    shift = 0

    def predict(self, log: Interactions) -> NDArray[np.float64]:
        return np.roll(log.correct, -self.shift) * 0.5 + 0.2


@pytest.mark.parametrize("shift", [0, 1, 3])
def test_a_model_that_reads_this_or_a_later_answer_is_refused(shift: int) -> None:
    model = Planted()
    model.shift = shift
    with pytest.raises(UserError, match=r"looks ahead: after answers were turned, .* predictions moved"):
        refuse_peeking(model, small_log(1))


@pytest.mark.parametrize("name", MODELS.names())
def test_no_model_of_ours_is(name: str) -> None:
    model = MODELS.get(name).create(**{"dkt": {"epochs": 1}}.get(name, {}))
    model.fit(small_log(0), FitContext())
    refuse_peeking(model, small_log(1))


def test_earlier_answers_may_be_used() -> None:
    class Last(Planted):
        def predict(self, log: Interactions) -> NDArray[np.float64]:
            return np.where(log.step > 0, np.roll(log.correct, 1), 0.5)

    refuse_peeking(Last(), small_log(1))
