"""What an item is worth, from answers of learners whose ability is known: difficulty, and discrimination from enough.

Ability is not estimated here but taken as given, such as the logit of P(right) that a knowledge tracer expected of the
learner just before. So new items can be measured one by one, whoever was asked them, on a scale that stands.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]

PRIOR_SD = 2.0
"""Standard deviation of the normal prior of difficulties, in logits: weak, but an item all got right stays finite."""
SLOPE_SD = 0.5
"""Of the normal prior of discriminations around 1."""
FEWEST = 30
"""Items with fewer answers are not ranked."""
FEWEST_FOR_SLOPE = 200
"""Items with fewer answers have no discrimination."""
Z = 1.959963984540054
"""Half the width of a 95 % interval, in standard errors."""


@dataclass(frozen=True, eq=False)
class Difficulty:
    """One value an item; each array has shape (n_items,).

    Attributes:
        n: answers that were used: those with a known ability.
        b: difficulty in logits: a learner of ability b is right half of the time; NaN without answers.
        se: its standard error, of a posterior that is taken as normal.
    """

    n: NDArray[np.int64]
    b: Floats
    se: Floats

    @property
    def low(self) -> Floats:
        """Lower ends of the 95 % intervals."""
        return self.b - Z * self.se

    @property
    def high(self) -> Floats:
        """Upper ends."""
        return self.b + Z * self.se


def anchored(
    item: Ints, correct: Ints, ability: Floats, n_items: int, *, prior_sd: float = PRIOR_SD, prior_mean: float = 0.0
) -> Difficulty:
    """Difficulties where P(right) = expit(ability - b): one parameter an item, with a normal prior.

    Args:
        item: shape (n,), codes from 0.
        correct: shape (n,), 0 or 1.
        ability: shape (n,), in logits, of the learner just before the answer; NaN where it is not known.
        n_items: how many items there are.
        prior_sd: of difficulties.
        prior_mean: of difficulties.

    >>> found = anchored(np.zeros(100, int), np.arange(100) % 4 == 0, np.zeros(100), 1)
    >>> round(float(found.b[0]), 2), round(float(found.se[0]), 2)
    (1.08, 0.23)
    """
    start, y, theta = by_item(item, correct, ability, n_items)
    b, se = _newton(start, y, theta, float(prior_mean), float(prior_sd))
    return Difficulty(np.diff(start), b, se)


def by_item(item: Ints, correct: Ints, ability: Floats, n_items: int) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Where the answers of each item begin, and the end; whether they are right, and their abilities, item by item.

    Arguments as `anchored`; answers without a known ability are left out.
    """
    known = np.isfinite(ability)
    order = np.argsort(item[known], kind="stable")
    start = np.searchsorted(item[known][order], np.arange(n_items + 1)).astype(np.int64)
    return start, correct[known][order].astype(np.float64), ability[known][order].astype(np.float64)


@compiled
def _newton(
    start: NDArray[np.int64], y: Floats, theta: Floats, prior_mean: float, prior_sd: float
) -> tuple[Floats, Floats]:
    n_items, weight = len(start) - 1, 1 / prior_sd**2
    b, se = np.full(n_items, np.nan), np.full(n_items, np.nan)
    for i in range(n_items):
        if start[i] == start[i + 1]:
            continue
        at, information = prior_mean, weight
        for _ in range(100):
            score, information = -(at - prior_mean) * weight, weight
            for row in range(start[i], start[i + 1]):
                p = 1 / (1 + np.exp(at - theta[row]))
                score += p - y[row]
                information += p * (1 - p)
            step = min(max(score / information, -1.0), 1.0)
            at += step
            if abs(step) < 1e-10:
                break
        b[i], se[i] = at, 1 / np.sqrt(information)
    return b, se


@dataclass(frozen=True, eq=False)
class Discrimination:
    """How steeply P(right) rises with ability, 1 where as for an item of the Rasch model; arrays of shape (n_items,).

    Attributes:
        a: NaN where there are fewer than `FEWEST_FOR_SLOPE` answers.
        se: its standard error.
    """

    a: Floats
    se: Floats


def discrimination(
    item: Ints, correct: Ints, ability: Floats, n_items: int, *, fewest: int = FEWEST_FOR_SLOPE
) -> Discrimination:
    """Slopes where P(right) = expit(a * ability + c), with normal priors: a around 1, c around 0.

    An ability that is measured with error, as a tracer's is, makes all slopes flatter than they are; compare items
    with each other.
    """
    start, y, theta = by_item(item, correct, ability, n_items)
    a, se = _slopes(start, y, theta, fewest, SLOPE_SD, PRIOR_SD)
    return Discrimination(a, se)


@compiled
def _slopes(
    start: NDArray[np.int64], y: Floats, theta: Floats, fewest: int, slope_sd: float, ease_sd: float
) -> tuple[Floats, Floats]:
    n_items = len(start) - 1
    slopes, errors = np.full(n_items, np.nan), np.full(n_items, np.nan)
    for i in range(n_items):
        if start[i + 1] - start[i] < fewest:
            continue
        a, c = 1.0, 0.0
        for _ in range(100):
            by_a, by_c = -(a - 1) / slope_sd**2, -c / ease_sd**2
            aa, cc, ac = 1 / slope_sd**2, 1 / ease_sd**2, 0.0
            for row in range(start[i], start[i + 1]):
                p = 1 / (1 + np.exp(-a * theta[row] - c))
                w = p * (1 - p)
                by_a += (y[row] - p) * theta[row]
                by_c += y[row] - p
                aa += w * theta[row] ** 2
                cc += w
                ac += w * theta[row]
            determinant = aa * cc - ac * ac
            step_a = (cc * by_a - ac * by_c) / determinant
            step_c = (aa * by_c - ac * by_a) / determinant
            largest = max(abs(step_a), abs(step_c), 1.0)
            a += step_a / largest
            c += step_c / largest
            if max(abs(step_a), abs(step_c)) < 1e-9:
                break
        slopes[i], errors[i] = a, np.sqrt(cc / determinant)
    return slopes, errors
