"""Scores turned into probabilities by what a model says of training rows that it was not fitted on."""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from attain.models._saved import Learned

Calibration = Literal["none", "sigmoid", "isotonic"]
_EDGE = 1e-6


@dataclass(frozen=True, eq=False)
class Recalibration:
    """A rising curve through points in log-odds; straight between them, level beyond (isotonic) or a line (sigmoid).

    Attributes:
        x: shape (k,), ascending scores (isotonic), or (slope, intercept) of the log-odds (sigmoid); empty for none.
        y: shape (k,), probabilities at `x`; empty for sigmoid and none.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]

    @classmethod
    def learn(cls, how: Calibration, score: NDArray[np.float64], target: NDArray[np.int64]) -> Self:
        """From scores of rows that the model did not learn from (Platt 1999; Zadrozny & Elkan 2002)."""
        nothing = np.empty(0)
        if how == "none":
            return cls(nothing, nothing)
        if how == "isotonic":
            curve = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(score, target)
            return cls(np.asarray(curve.X_thresholds_, float), np.asarray(curve.y_thresholds_, float))
        line = LogisticRegression(C=np.inf).fit(_odds(score)[:, None], target)
        return cls(np.array([line.coef_[0, 0], line.intercept_[0]]), nothing)

    @property
    def is_line(self) -> bool:
        """Whether it is a line in log-odds, as sigmoid is."""
        return len(self.x) > 0 and not len(self.y)

    def __call__(self, score: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probabilities for some scores."""
        if not len(self.x):
            return score
        if self.is_line:
            return np.asarray(expit(self.x[0] * _odds(score) + self.x[1]))
        return np.asarray(np.interp(score, self.x, self.y))

    def learned(self) -> dict[str, NDArray[np.generic]]:
        """As it is saved."""
        return {"calibration_x": self.x, "calibration_y": self.y}

    @classmethod
    def of(cls, saved: Learned) -> Self:
        """From what `learned` gave."""
        return cls(*(saved.arrays[f"calibration_{axis}"].astype(np.float64) for axis in "xy"))


def _odds(score: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(logit(np.clip(score, _EDGE, 1 - _EDGE)))
