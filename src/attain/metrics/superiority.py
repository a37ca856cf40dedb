"""Is a challenger better than the champion, or at least not worse by more than a margin? Learner by learner.

Answers of a learner belong together: a test that takes them one by one calls equal models different far too often. So
learners are drawn, and the difference is held against the spread of its replicates by Student's t. A question that is
asked again and again finds something in the end; so each look at the same data is given a smaller part of the error
that is allowed in all.
"""

from dataclasses import dataclass
from typing import Literal

from scipy.special import stdtr, stdtrit

from attain.core.errors import UserError
from attain.core.metric import Metric
from attain.core.table import Predictions
from attain.metrics.compare import compare
from attain.metrics.difference import ALPHA
from attain.metrics.intervals import LEVEL

FEWEST = 30
"""With fewer learners the spread of the replicates is not to be relied on."""

Standing = Literal["better", "worse", "unclear"]


@dataclass(frozen=True)
class Gain:
    """What a challenger gains over the champion on one metric.

    Attributes:
        metric: the metric's id.
        challenger: its value on the answers that both have.
        champion: the champion's.
        gain: how much better the challenger is: positive where it is better, whichever way the metric goes.
        low: lower end of the 95 % interval of the gain.
        high: upper end.
        margin: how much worse it may be.
        p: one-sided p value of a gain of no more than minus the margin.
        n_units: learners that both were judged on.
        reason: why there is no p value; "" where there is one.
    """

    metric: str
    challenger: float | None
    champion: float | None
    gain: float | None
    low: float | None
    high: float | None
    margin: float
    p: float | None
    n_units: int
    reason: str = ""

    def standing(self, level: float) -> Standing:
        """What can be said of the challenger at a level: better (than minus the margin), worse, or neither."""
        if self.p is None or self.high is None:
            return "unclear"
        if self.p <= level:
            return "better"
        return "worse" if self.high < -self.margin else "unclear"


def gain(
    challenger: Predictions,
    champion: Predictions,
    metric: Metric,
    *,
    margin: float = 0.0,
    replicates: int = 1000,
    seed: int = 0,
) -> Gain:
    """Compare two models on the answers that both were asked.

    Args:
        challenger: its predictions.
        champion: those of the model in use.
        metric: by which they are judged; it must have a better side.
        margin: how much worse the challenger may be, in units of the metric; 0 asks whether it is better.
        replicates: how often learners are drawn anew.
        seed: of the draws.

    Raises:
        UserError: the metric has no better side, or the two were judged on different data.
    """
    if metric.direction == "none":
        raise UserError(f"{metric.id} has no better side, so nobody can win by it; name another metric.")
    (found,) = compare(
        challenger, champion, [metric], names=("challenger", "champion"), replicates=replicates, seed=seed
    )
    sign = -1.0 if metric.direction == "min" else 1.0
    values = (metric.id, found.a, found.b)
    if found.difference is None or found.spread is None:
        return Gain(*values, None, None, None, margin, None, found.n_units, found.reason)
    won, free = sign * found.difference, found.n_units - 1
    half = float(stdtrit(free, (1 + LEVEL) / 2)) * found.spread
    ends = (won, won - half, won + half)
    if found.n_units < FEWEST:
        few = f"{found.n_units} learners are too few to tell; at least {FEWEST} are needed"
        return Gain(*values, *ends, margin, None, found.n_units, few)
    above = won + margin
    p = float(stdtr(free, -above / found.spread)) if found.spread > 0 else float(above <= 0)
    return Gain(*values, *ends, margin, p, found.n_units)


def level_of(look: int, alpha: float = ALPHA) -> float:
    """The one-sided level of a look: `alpha / (look (look + 1))`, which adds up to `alpha` over looks without end.

    Whatever the looks have to do with each other, and whenever one stops, the chance that any of them is wrong is at
    most the sum of their levels (Bonferroni); the series telescopes. It is a spending function in the sense of Lan &
    DeMets (1983) that needs no plan of how many looks there will be.

    >>> [round(level_of(look), 5) for look in (1, 2, 3)]
    [0.025, 0.00833, 0.00417]
    """
    return alpha / (look * (look + 1))
