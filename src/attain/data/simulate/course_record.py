"""What is written down of simulated courses: clicks, results, and how each enrolment is said to have ended."""

import numpy as np
from numpy.typing import NDArray

from attain.data.enrolments import Events
from attain.data.simulate.course_options import SimulateCoursesOptions
from attain.data.simulate.course_world import CourseWorld

Bools = NDArray[np.bool_]
Names = NDArray[np.object_]
PAGES = 40
"""Pages of each kind."""
FIRST = -7
"""The first day on which there is something to click on."""
_PAGE_KINDS = np.array(["forum", "page", "quiz"], dtype=object)
_ASSESSMENTS = np.array(["essay", "test"], dtype=object)


def recorded_ends(world: CourseWorld, options: SimulateCoursesOptions, rng: np.random.Generator) -> Bools:
    """Who is recorded as having ended badly: with `bias: label`, some of background B who did not, too."""
    wrong = rng.random(len(world.learner)) < options.bias_size
    biased = options.bias == "label" and wrong & (world.background[world.learner] == 1)
    return world.ends_badly | biased


def clicks(world: CourseWorld, options: SimulateCoursesOptions, rng: np.random.Generator) -> Events:
    """Clicks by day and page, more of them with more effort, fewer towards the day of leaving, none after it."""
    n, days = len(world.learner), np.arange(FIRST, options.length + 1)
    active = np.clip(0.28 + 0.13 * world.effort, 0.02, 0.9)
    until = np.where(np.isnan(world.left_day), np.inf, world.left_day)[:, None]
    fading = np.clip((until - days) / 21, 0, 1)
    quiet = np.where(days < 0, 0.3, 1)
    owner, at = np.nonzero(rng.random((n, len(days))) < active[:, None] * fading * quiet)
    pages = 1 + rng.poisson(1.5, len(owner))
    owner, at = np.repeat(owner, pages), np.repeat(at, pages)
    amount = 1 + rng.poisson(np.exp(0.8 + 0.3 * world.effort[owner]))
    if options.bias == "activity":
        hidden = world.background[world.learner[owner]] == 1
        amount = np.where(hidden, rng.binomial(amount, 1 - options.bias_size), amount)
    kind = rng.integers(0, len(_PAGE_KINDS), len(owner))
    page = kind * PAGES + rng.integers(0, PAGES, len(owner))
    seen = amount > 0
    return Events.of(
        owner[seen], n, _PAGE_KINDS, day=days[at][seen], kind=kind[seen], about=page[seen], amount=amount[seen]
    )


def results(world: CourseWorld, options: SimulateCoursesOptions, rng: np.random.Generator) -> tuple[Events, Events]:
    """What was handed in, about every four weeks, and what was due in each offering."""
    due = np.arange(20, options.length, 28).astype(float)
    n, number = len(world.learner), np.arange(len(due))
    owner, at = np.repeat(np.arange(n), len(due)), np.tile(number, n)
    effort = world.effort[owner]
    day = np.minimum(np.round(due[at] - rng.gamma(2, 1.5, len(at)) + 3), options.length)
    still = ~(world.left_day[owner] <= day)
    there = still & (rng.random(len(at)) < 1 / (1 + np.exp(-1.6 - effort)))
    score = np.clip(np.round(62 + 12 * effort + rng.normal(0, 12, len(at))), 0, 100)
    weight = 100 / max(len(due), 1)
    handed_in = Events.of(
        owner[there],
        n,
        _ASSESSMENTS,
        day=day[there],
        kind=at[there] % 2,
        amount=score[there],
        about=at[there],
        due=due[at][there],
        weight=np.full(int(there.sum()), weight),
    )
    offerings = len(world.course)
    each, at = np.repeat(np.arange(offerings), len(due)), np.tile(number, offerings)
    planned = Events.of(
        each, offerings, _ASSESSMENTS, day=due[at], kind=at % 2, about=at, due=due[at], weight=np.full(len(at), weight)
    )
    return handed_in, planned
