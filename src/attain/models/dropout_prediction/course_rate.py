"""The rate of each course so far: what can be said without looking at any individual."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.enrolments import Enrolments
from attain.models._saved import Learned, Saved
from attain.tasks.context import FitContext
from attain.tasks.dropout_prediction import DropoutPredictor


class CourseRateParams(Params):
    """Parameters of `course_rate`."""

    smoothing: float = Field(default=20, ge=0)
    """Enrolments at the overall rate that are added to each course."""


class CourseRate(Saved, DropoutPredictor):
    """Everyone in a course has the course's rate. A model that does no better than this needs no personal data.

    Targeting by environment alone did as well as individual predictions in Wisconsin (Perdomo et al. 2023).
    """

    name = "course_rate"
    params: CourseRateParams
    learned: Learned
    """Array `rate`, shape (n_courses + 1,); the last is of a course that was not seen."""

    def fit(self, enrolments: Enrolments, context: FitContext) -> None:
        """See `DropoutPredictor.fit`."""
        course = enrolments.course[enrolments.offering]
        n = np.bincount(course, minlength=len(enrolments.courses))
        yes = np.bincount(course, enrolments.outcome, len(enrolments.courses))
        overall, extra = float(enrolments.outcome.mean()), self.params.smoothing
        with np.errstate(invalid="ignore"):
            rate = np.where(n > 0, (yes + extra * overall) / (n + extra), overall)
        self.learned = Learned({"rate": np.append(rate, overall)}, {"courses": enrolments.courses})

    def predict(self, enrolments: Enrolments) -> NDArray[np.float64]:
        """See `DropoutPredictor.predict`."""
        known = {str(name): code for code, name in enumerate(self.learned.names["courses"])}
        at = np.array([known.get(str(name), -1) for name in enrolments.courses], dtype=np.int64)
        rate = self.learned.arrays["rate"].astype(np.float64)
        return np.asarray(rate[at[enrolments.course[enrolments.offering]]])
