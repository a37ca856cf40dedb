"""A survival model: how likely is it that a learner leaves in each week after the cut-off?"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from attain.data.enrolments import Enrolments, Fact
from attain.models.dropout_prediction._hazard_fit import Hazard, Watched, fit_hazard
from attain.models.dropout_prediction._imbalance import balanced
from attain.models.dropout_prediction._tabular import Part, TabularParams, TabularPredictor
from attain.tasks.context import FitContext

Floats = NDArray[np.float64]

FILE = "hazard.npz"
_FOREVER = 1e6
"""Periods that are left where the length of an offering is not known."""


class HazardParams(TabularParams):
    """Parameters of `hazard`."""

    period: float = Field(default=7, gt=0)
    """Length of a period, in the unit of the cut-off: days, where that is a day."""
    strength: float = Field(default=1, gt=0)
    """How little the weights are held to 0: the inverse of the L2 penalty, on scaled columns."""

    @field_validator("imbalance")
    @classmethod
    def _nobody_made_up(cls, value: str) -> str:
        if value == "smote":
            raise ValueError("a learner whom 'smote' makes up has no week of leaving; use another")
        return value


@dataclass(frozen=True, eq=False)
class Ways:
    """The two ways in which an outcome comes true: on a day, and at the end. None where no training row went so."""

    on_a_day: Hazard | None
    at_the_end: Hazard | None


class HazardModel(TabularPredictor):
    """Logistic hazards over periods after the cut-off (Singer & Willett 1993), which add up to the outcome.

    An outcome with a day comes true in that day's period. One without (a fail, or a day that is not recorded) comes
    true at the end, to those who are still there, and has weights of its own. Someone to whom it did not happen was
    watched up to the end of the offering, or up to the last period in which it happened to anyone in the training part,
    which for an outcome with a horizon is that horizon: nothing is learned, or said, of what comes later. As training
    outcomes are all known, nobody is lost from sight before.
    """

    name = "hazard"
    params: HazardParams
    fitted: Ways

    def matrix(self, enrolments: Enrolments, features: Mapping[str, Fact]) -> Floats:
        """See `TabularPredictor.matrix`; the last column is the number of periods that are left."""
        left = np.ceil((enrolments.length - enrolments.as_of) / self.params.period)
        periods = np.maximum(np.where(np.isnan(left), _FOREVER, left), 1)[enrolments.offering]
        return np.hstack([super().matrix(enrolments, features), periods[:, None]])

    def sources(self) -> list[str]:
        """See `TabularPredictor.sources`."""
        return [*super().sources(), "time left"]

    def train(self, part: Part, seed: int, context: FitContext) -> Ways:
        """See `TabularPredictor.train`."""
        since = (part.enrolments.event_day - part.enrolments.as_of) / self.params.period
        when = np.where(part.y == 1, np.maximum(np.ceil(since), 1), np.nan)  # the period; NaN for the end, or never
        rows = balanced(np.column_stack([part.x, when]), part.y, self.params.imbalance, seed)
        x, left, when = rows.x[:, :-2], rows.x[:, -2], rows.x[:, -1]
        dated, penalty = ~np.isnan(when), 1 / self.params.strength
        count = int(when[dated].max(initial=0))
        leaving = None
        if count:
            periods = np.where(dated, when, np.minimum(left, count)).astype(np.int64)
            leaving = fit_hazard(Watched(x, periods, dated, rows.weight, count), penalty)
        stayed, failed = ~dated, (rows.y == 1) & ~dated
        end = None
        if failed.any():
            one = np.ones(int(stayed.sum()), dtype=np.int64)
            end = fit_hazard(Watched(x[stayed], one, failed[stayed], rows.weight[stayed], 1), penalty)
        return Ways(leaving, end)

    def score(self, fitted: Ways, x: Floats) -> Floats:
        """See `TabularPredictor.score`."""
        spared, columns = np.zeros(len(x)), x[:, :-1]
        if fitted.on_a_day is not None:
            by_period = fitted.on_a_day.log_spared(columns)
            last = np.minimum(x[:, -1], by_period.shape[1]).astype(np.int64) - 1
            spared = spared + by_period[np.arange(len(x)), last]
        if fitted.at_the_end is not None:
            spared = spared + fitted.at_the_end.log_spared(columns)[:, 0]
        return np.asarray(-np.expm1(spared))

    def write_fitted(self, folder: Path) -> None:
        """See `TabularPredictor.write_fitted`."""
        ways = {"day": self.fitted.on_a_day, "end": self.fitted.at_the_end}
        there = {name: hazard for name, hazard in ways.items() if hazard is not None}
        arrays = {f"{name}.{part}": getattr(way, part) for name, way in there.items() for part in ("level", "slope")}
        np.savez(folder / FILE, **arrays)

    def read_fitted(self, folder: Path) -> Ways:
        """See `TabularPredictor.read_fitted`."""
        with np.load(folder / FILE, allow_pickle=False) as stored:
            ways = [
                Hazard(stored[f"{way}.level"], stored[f"{way}.slope"]) if f"{way}.level" in stored else None
                for way in ("day", "end")
            ]
        return Ways(*ways)
