"""What is given in simulated courses before anybody writes it down: who learners are, what they do, how it ends."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.data.simulate.course_options import SimulateCoursesOptions
from attain.data.simulate.knowledge import expit

GENDERS = ("F", "M")
BACKGROUNDS = ("A", "B")
AGAIN = 0.25
"""Of the enrolments of a term, the share taken by learners of earlier terms."""
STAYS = 0.45
"""Of those who end badly, the share that stays to the end and fails."""


@dataclass(frozen=True, eq=False)
class CourseWorld:
    """n enrolments of learners in offerings, each offering a course in a term.

    Attributes:
        learner: shape (n,), numbers of learners.
        offering: shape (n,), numbers of offerings.
        course: shape (n_offerings,).
        term: shape (n_offerings,).
        level: shape (n_offerings,), log odds of a bad end for a learner of mean effort.
        ability: shape (n_learners,), standard normal, the same for all cohorts.
        gender: shape (n_learners,), codes into `GENDERS`.
        background: shape (n_learners,), codes into `BACKGROUNDS`.
        attempts: shape (n,), enrolments of the learner in earlier terms.
        registered: shape (n,), the day of registration, before the start.
        effort: shape (n,), about standard normal.
        risk: shape (n,), true probability of a bad end.
        ends_badly: shape (n,).
        left_day: shape (n,), the day on which those left who did not stay to the end; NaN for the others.
    """

    learner: NDArray[np.int64]
    offering: NDArray[np.int64]
    course: NDArray[np.int64]
    term: NDArray[np.int64]
    level: NDArray[np.float64]
    ability: NDArray[np.float64]
    gender: NDArray[np.int64]
    background: NDArray[np.int64]
    attempts: NDArray[np.int64]
    registered: NDArray[np.float64]
    effort: NDArray[np.float64]
    risk: NDArray[np.float64]
    ends_badly: NDArray[np.bool_]
    left_day: NDArray[np.float64]


def draw_courses(options: SimulateCoursesOptions, rng: np.random.Generator) -> CourseWorld:
    """A world at random. Gender and background change nothing in it, but for `gap`."""
    n_offerings = options.courses * options.terms
    term, course = np.divmod(np.arange(n_offerings), options.courses)
    base = rng.normal(-0.4, 0.4, options.courses)
    steps = options.drift * rng.standard_normal((options.terms, options.courses))
    level = (base + np.cumsum(steps, axis=0)).ravel()
    offering = np.repeat(np.arange(n_offerings), options.learners)
    learner, attempts = _enrolled(options, rng)
    n, n_learners = len(learner), int(learner.max()) + 1
    ability = rng.standard_normal(n_learners)
    background = (rng.random(n_learners) < options.share).astype(np.int64)
    effort = 0.7 * ability[learner] + np.sqrt(1 - 0.7**2) * rng.standard_normal(n)
    risk = expit(level[offering] - 1.3 * effort + options.gap * background[learner])
    ends_badly = rng.random(n) < risk
    leaves = ends_badly & (rng.random(n) >= STAYS)
    day = np.ceil(options.length * rng.beta(1.2, 1.5, n))
    return CourseWorld(
        learner=learner,
        offering=offering,
        course=course,
        term=term,
        level=level,
        ability=ability,
        gender=rng.integers(0, len(GENDERS), n_learners),
        background=background,
        attempts=attempts,
        registered=-np.round(rng.gamma(2, 20, n)),
        effort=effort,
        risk=risk,
        ends_badly=ends_badly,
        left_day=np.where(leaves, day, np.nan),
    )


def _enrolled(options: SimulateCoursesOptions, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The learner of each enrolment, and in how many earlier terms they were; nobody is in an offering twice."""
    per_term, new = options.courses * options.learners, 0
    learner, attempts, before = [], [], np.zeros(0, dtype=np.int64)
    for _ in range(options.terms):
        again = rng.permutation(len(before))[: min(int(AGAIN * per_term), len(before))]
        who = np.concatenate([again, np.arange(new, new + per_term - len(again))])
        new += per_term - len(again)
        before = np.concatenate([before, np.zeros(new - len(before), dtype=np.int64)])
        who = rng.permutation(who)
        learner.append(who)
        attempts.append(before[who])
        before[who] += 1
    return np.concatenate(learner), np.concatenate(attempts)
