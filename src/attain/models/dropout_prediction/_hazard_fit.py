"""Logistic hazards in discrete time, fitted without writing out a row for each week of each learner."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]

_STEPS = 100


@dataclass(frozen=True, eq=False)
class Watched:
    """Who is learned from, and for how long.

    Attributes:
        x: shape (n, n_columns).
        periods: shape (n,), how many periods each was watched, from 1 to `count`; the event is in the last, if at all.
        happened: shape (n,), whether it happened then. Where it did not, what came later is not known, or not asked.
        weight: shape (n,).
        count: how many periods there are.
    """

    x: Floats
    periods: NDArray[np.int64]
    happened: NDArray[np.bool_]
    weight: Floats
    count: int


@dataclass(frozen=True, eq=False)
class Hazard:
    """The odds that it happens in a period, to those to whom it has not happened before.

    Attributes:
        level: shape (count,), log-odds in each period where all columns are 0.
        slope: shape (n_columns,), what a column adds to them in every period.
    """

    level: Floats
    slope: Floats

    def log_spared(self, x: Floats) -> Floats:
        """Log of the probability that it has not happened by the end of each period; shape (n, count)."""
        odds = (x @ self.slope)[:, None] + self.level
        return np.asarray(np.cumsum(-np.logaddexp(0, odds), axis=1))


def fit_hazard(watched: Watched, penalty: float, *, spread: float = 1.0) -> Hazard:
    """Levels and slopes of greatest penalised likelihood (Singer & Willett 1993), by Newton's method.

    Args:
        watched: n learners.
        penalty: on half the squares of the slopes.
        spread: on half the squared distances of the levels from their mean, which holds periods without events.

    Raises:
        ArithmeticError: Newton's method does not settle; it always should.
    """
    order = np.argsort(-watched.periods, kind="stable")  # who is at risk in a period are then the first so many
    problem = _Problem(watched, order, penalty, spread)
    theta = problem.start()
    value = problem.loss(theta)
    for _ in range(_STEPS):
        slope, curve = problem.curvature(theta)
        step, share = np.linalg.solve(curve, slope), 1.0
        if (promised := float(slope @ step) / 2) < 1e-9 * max(1.0, value):
            return problem.hazard(theta - step)
        while (tried := problem.loss(theta - share * step)) > value and share > 1e-10:
            share /= 2
        theta, value = theta - share * step, tried
    raise ArithmeticError(f"Newton's method did not settle in {_STEPS} steps; the last still promised {promised:g}.")


class _Problem:
    """The likelihood as a function of the slopes and then the levels, in one vector."""

    def __init__(self, watched: Watched, order: NDArray[np.int64], penalty: float, spread: float) -> None:
        self.x, self.weight = watched.x[order], watched.weight[order]
        self.count, self.k = watched.count, watched.x.shape[1]
        self.at_risk = [int((watched.periods > period).sum()) for period in range(watched.count)]
        periods, happened = watched.periods[order], watched.happened[order]
        gone = self.weight * happened
        self.events_x = self.x.T @ gone
        self.events = np.bincount(periods - 1, gone, self.count)
        drawn = spread * (np.eye(self.count) - 1 / self.count) + 1e-9 * np.eye(self.count)
        self.held = np.zeros((self.k + self.count, self.k + self.count))
        self.held[: self.k, : self.k] = penalty * np.eye(self.k)
        self.held[self.k :, self.k :] = drawn

    def start(self) -> Floats:
        """No slopes, and the same level in all periods."""
        exposed = sum(float(self.weight[:n].sum()) for n in self.at_risk)
        rate = (self.events.sum() + 0.5) / (exposed + 1)
        return np.concatenate([np.zeros(self.k), np.full(self.count, np.log(rate / (1 - rate)))])

    def loss(self, theta: Floats) -> float:
        """What is to be least."""
        odds, level = self.x @ theta[: self.k], theta[self.k :]
        total = sum(
            float(self.weight[:n] @ np.logaddexp(0, odds[:n] + level[period])) for period, n in enumerate(self.at_risk)
        )
        told = float(self.events_x @ theta[: self.k] + self.events @ level)
        return total - told + float(theta @ self.held @ theta) / 2

    def curvature(self, theta: Floats) -> tuple[Floats, Floats]:
        """Its first and second derivatives."""
        odds, level = self.x @ theta[: self.k], theta[self.k :]
        expected, spread = np.zeros(len(odds)), np.zeros(len(odds))
        slope, curve = self.held @ theta, self.held.copy()
        for period, n in enumerate(self.at_risk):
            p = expit(odds[:n] + level[period])
            hits, widths = self.weight[:n] * p, self.weight[:n] * p * (1 - p)
            expected[:n] += hits
            spread[:n] += widths
            at = self.k + period
            slope[at] += hits.sum() - self.events[period]
            curve[at, at] += widths.sum()
            curve[: self.k, at] += self.x[:n].T @ widths
            curve[at, : self.k] = curve[: self.k, at]
        slope[: self.k] += self.x.T @ expected - self.events_x
        curve[: self.k, : self.k] += (self.x * spread[:, None]).T @ self.x
        return slope, curve

    def hazard(self, theta: Floats) -> Hazard:
        """Slopes and levels apart."""
        return Hazard(theta[self.k :], theta[: self.k])
