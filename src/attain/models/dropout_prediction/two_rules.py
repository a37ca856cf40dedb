"""Two rules that fit on a card: an assessment was missed, and nothing was done for two weeks."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.enrolments import Enrolments
from attain.models._saved import Learned, Saved
from attain.tasks.context import FitContext
from attain.tasks.dropout_prediction import DropoutPredictor

_ANSWERS = 3
"""No, yes, and not known."""


class TwoRulesParams(Params):
    """Parameters of `two_rules`."""

    missed: int = Field(default=1, ge=1)
    """So many assessments that were due and not handed in break the first rule."""
    quiet: float = Field(default=14, gt=0)
    """So many days up to the cut-off without any activity break the second."""
    smoothing: float = Field(default=20, ge=0)
    """Enrolments at the overall rate that are added to each level of risk."""


class TwoRules(Saved, DropoutPredictor):
    """Everyone who breaks the same rules has the rate that such learners had in the training part.

    An indicator in the manner of Chicago's On-Track (Allensworth & Easton 2005), which a school can keep without a
    computer. A model that does no better than this is not worth its opacity. Where there is nothing to judge a rule by
    (no assessment due yet, no activity recorded), that is a level of its own.
    """

    name = "two_rules"
    params: TwoRulesParams
    learned: Learned
    """Array `rate`, shape (9,), by level."""

    def fit(self, enrolments: Enrolments, context: FitContext) -> None:
        """See `DropoutPredictor.fit`."""
        level, extra = self.level(enrolments), self.params.smoothing
        n = np.bincount(level, minlength=_ANSWERS**2)
        yes = np.bincount(level, enrolments.outcome, _ANSWERS**2)
        overall = float(enrolments.outcome.mean())
        with np.errstate(invalid="ignore"):
            self.learned = Learned({"rate": np.where(n > 0, (yes + extra * overall) / (n + extra), overall)}, {})

    def predict(self, enrolments: Enrolments) -> NDArray[np.float64]:
        """See `DropoutPredictor.predict`."""
        return self.learned.arrays["rate"].astype(np.float64)[self.level(enrolments)]

    def level(self, enrolments: Enrolments) -> NDArray[np.int64]:
        """`3 * missed + quiet` of each enrolment; each 0 for no, 1 for yes, 2 for not known. Shape (n,)."""
        return _ANSWERS * self._missed(enrolments) + self._quiet(enrolments)

    def _missed(self, log: Enrolments) -> NDArray[np.int64]:
        results, schedule = log.results, log.schedule
        if results is None or schedule is None:
            return np.full(len(log), 2)
        due = np.diff(schedule.start)[log.offering]
        in_time = results.where(np.nan_to_num(results.due, nan=np.inf) <= log.as_of)
        missed = due - np.diff(in_time.start)
        return np.where(due == 0, 2, (missed >= self.params.missed).astype(np.int64))

    def _quiet(self, log: Enrolments) -> NDArray[np.int64]:
        if log.activity is None:
            return np.full(len(log), 2)
        late = log.activity.where(log.activity.day > log.as_of - self.params.quiet)
        return np.where(log.recorded, (np.diff(late.start) == 0).astype(np.int64), 2)
