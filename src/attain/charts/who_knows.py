"""Who knows what: what a model holds to be known after each answer, by learner and skill."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FEWEST = 10
"""A skill practised by fewer learners has no number of its own: it would say nothing, and too much about those few."""
_Z = 1.959963984540054


@dataclass(frozen=True)
class Practice:
    """Answers with what a model held to be known just after them, by learner, skill and order.

    Attributes:
        learner, skill: shape (n,), codes.
        mastery: shape (n,), in [0, 1].
        right: shape (n,), 1 or 0; NaN where not known.
    """

    learner: NDArray[np.int64]
    skill: NDArray[np.int64]
    mastery: NDArray[np.float64]
    right: NDArray[np.float64]

    @cached_property
    def start(self) -> NDArray[np.int64]:
        """Where the answers of each learner on each skill begin; shape (n_pairs,)."""
        change = (np.diff(self.learner) != 0) | (np.diff(self.skill) != 0)
        return np.flatnonzero(np.append(np.ones(min(len(self.learner), 1), dtype=bool), change))

    @cached_property
    def opportunities(self) -> NDArray[np.int64]:
        """How many answers each learner gave on each skill; shape (n_pairs,)."""
        return np.diff(np.append(self.start, len(self.learner)))

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """Where they end; shape (n_pairs,)."""
        return self.start + self.opportunities - 1

    def last(self, n_learners: int, skills: NDArray[np.int64]) -> NDArray[np.float64]:
        """What is held to be known of some skills after the last answer; NaN where there is none.

        Returns:
            shape (n_learners, len(skills)).
        """
        grid = np.full((n_learners, len(skills)), np.nan)
        for column, one in enumerate(skills):
            ends = self.ends[self.skill[self.start] == one]
            grid[self.learner[ends], column] = self.mastery[ends]
        return grid

    def learners_of(self, n_skills: int) -> NDArray[np.int64]:
        """How many learners practised each skill; shape (n_skills,)."""
        return np.bincount(self.skill[self.start], minlength=n_skills)

    def course(self, learner: int) -> list[tuple[int, NDArray[np.float64]]]:
        """Of one learner each skill's code with its mastery by opportunity; the skill with most answers first."""
        own = np.flatnonzero(self.learner[self.start] == learner)
        own = own[np.argsort(-self.opportunities[own], kind="stable")]
        return [(int(self.skill[s]), self.mastery[s : s + self.opportunities[i]]) for i in own for s in [self.start[i]]]


@dataclass(frozen=True)
class Share:
    """A share or time with its 95 % interval; None where it cannot be told."""

    value: float | None
    low: float | None
    high: float | None
    learners: int


def joined(
    example: NDArray[np.float64],
    learner: NDArray[np.int64],
    order: NDArray[np.float64],
    right: NDArray[np.float64],
    of: NDArray[np.float64],
    skill: NDArray[np.int64],
    mastery: NDArray[np.float64],
) -> Practice:
    """The practice in a table of answers and the table of mastery that goes with it.

    Args:
        example, learner, order, right: shape (n_answers,): key, whose it is, place in time, 1 or 0.
        of, skill, mastery: shape (n,): key of the answer, skill, and what is held to be known after it.

    Returns:
        Rows whose answer is known and that say something.
    """
    by_key = np.argsort(example, kind="stable")
    at = np.searchsorted(example[by_key], of)
    good = (at < len(example)) & (skill >= 0) & (mastery >= 0) & (mastery <= 1)
    row, of, skill, mastery = by_key[at[good]], of[good], skill[good], mastery[good]
    sort = np.lexsort((order[row], skill, learner[row]))
    sort = sort[((example[row] == of) & (learner[row] >= 0))[sort]]
    row = row[sort]
    return Practice(learner[row], skill[sort], mastery[sort], right[row])


def share_right(practice: Practice, skill: int) -> Share:
    """The share of right answers on a skill, with an interval over its learners; None for fewer than ten."""
    own = (practice.skill == skill) & ~np.isnan(practice.right)
    _, whose = np.unique(practice.learner[own], return_inverse=True)
    learners = int(whose.max()) + 1 if len(whose) else 0
    if learners < FEWEST:
        return Share(None, None, None, learners)
    right, n = np.bincount(whose, practice.right[own]), np.bincount(whose)
    share = right.sum() / n.sum()
    half = _Z * np.sqrt(((right - share * n) ** 2).sum() * learners / (learners - 1)) / n.sum()
    return Share(float(share), float(max(share - half, 0)), float(min(share + half, 1)), learners)


def median_times(practice: Practice, skills: Sequence[int], level: float) -> list[Share]:
    """Answers on each skill until the model holds half of its learners to know it: mastery of `level` or more.

    The Kaplan-Meier median (Kaplan & Meier 1958) with the interval of Brookmeyer & Crowley (1982) from Greenwood's
    variance; who stops before is censored. None where half never get there, or for fewer than ten learners; an end of
    the interval is None where it is not reached.
    """
    reached = np.flatnonzero(practice.mastery >= level)
    pair = np.searchsorted(practice.start, reached, side="right") - 1
    first = np.full(len(practice.start), np.iinfo(np.int64).max)
    np.minimum.at(first, pair, reached - practice.start[pair] + 1)
    event = first <= practice.opportunities
    time = np.where(event, first, practice.opportunities)
    skill = practice.skill[practice.start]
    return [_median(time[skill == one], event[skill == one]) for one in skills]


def _median(time: NDArray[np.int64], event: NDArray[np.bool_]) -> Share:
    if len(time) < FEWEST:
        return Share(None, None, None, len(time))
    most = int(time.max())
    events = np.bincount(time[event], minlength=most + 1)[1:]
    gone = np.cumsum(np.bincount(time, minlength=most + 1)[1:])
    at_risk = len(time) - np.append(0, gone[:-1])
    left = np.cumprod(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = _Z * left * np.sqrt(np.cumsum(events / (at_risk * (at_risk - events))))
    spread = np.nan_to_num(spread)  # where nobody is left there is nothing to be unsure of
    low, middle, high = (_first(left + step <= 0.5 + 1e-9) for step in (-spread, 0 * spread, spread))
    return Share(middle, low, high, len(time))


def _first(holds: NDArray[np.bool_]) -> float | None:
    return float(np.argmax(holds)) + 1 if holds.any() else None
