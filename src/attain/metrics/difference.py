"""How two models differ on one metric, and what may be said of it; light enough for the server's pages."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from attain.core.direction import Direction

ALPHA = 0.05


@dataclass(frozen=True)
class Difference:
    """How two models differ on one metric.

    Attributes:
        metric: the metric's id.
        direction: which way is better.
        names: of the two models, a and b.
        n_units: units that both were judged on.
        dropped: examples of either table that are left out, because another of the tables compared lacks them.
        a: value of the first on the answers that both have; None where undefined.
        b: value of the second.
        difference: a - b.
        low: lower end of the 95 % interval of the difference (bootstrap over units, the same draws for both).
        high: upper end.
        p: two-sided bootstrap p value: twice the smaller share of replicates on one side of 0 (0 on both),
            with one replicate added on each side so that it is never 0. Where no replicate lies on the other side, they
            cannot tell how small it is: then the tail of Student's t, with the replicates' spread. Never below what
            coins would give, two sides of n_units tosses: of five units none can be clear.
        p_holm: p adjusted by Holm for all the pairs compared on this metric, on all data sets of a suite.
        reason: why there is no difference or no interval; "" where both are there.
        spread: standard deviation of the replicates: the standard error of the difference.
    """

    metric: str
    direction: Direction
    names: tuple[str, str]
    n_units: int
    dropped: int
    a: float | None = None
    b: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_holm: float | None = None
    reason: str = ""
    spread: float | None = None

    @property
    def clear(self) -> bool:
        """Whether the models differ, after correction for several comparisons."""
        return self.p_holm is not None and self.p_holm < ALPHA

    @property
    def better(self) -> str | None:
        """The name of the one that is better, or higher where neither side is; None where there is no difference."""
        if not self.difference:
            return None
        return self.names[0] if (self.difference > 0) != (self.direction == "min") else self.names[1]


def verdict(difference: Difference) -> str:
    """The difference in words; "better" only where it is clear, and where the metric has a better side.

    Such as "dkt is better than bkt on auc by 0.030 [0.026, 0.035]".
    """
    d, (a, b) = difference, difference.names
    if d.difference is None:
        return f"{a} and {b} cannot be compared on {d.metric}: {d.reason}"
    if d.low is None or d.high is None:
        return f"{a} minus {b} on {d.metric}: {_written([d.difference], abs(d.difference))[0]}, {d.reason}"
    half = (d.high - d.low) / 2
    ends = (d.difference, d.low, d.high)
    if d.clear and d.difference < 0:
        ends = (-d.difference, -d.high, -d.low)
    size, low, high = _written(ends, half)
    numbers = f"{size} [{low}, {high}]"
    if not d.clear:
        many = ", corrected for several comparisons" if d.low > 0 or d.high < 0 else ""
        return f"no clear difference between {a} and {b} on {d.metric}: {numbers}{many}"
    first, second = (a, b) if d.better == a else (b, a)
    return f"{first} is {'higher' if d.direction == 'none' else 'better'} than {second} on {d.metric} by {numbers}"


def _written(values: Sequence[float], half_width: float) -> list[str]:
    """All with as many decimals as the interval deserves: one digit of its half width; three below 1."""
    least = 3 if max(map(abs, values)) < 1 else 1
    needed = -math.floor(math.log10(half_width)) if half_width > 0 else least
    decimals = min(max(least, needed), 9)
    return [f"{value:.{decimals}f}" for value in values]
