"""A small set of courses with every oddity that a predictor must live with, made from a seed."""

import numpy as np
from numpy.typing import NDArray

from attain.data.enrolments import Enrolments, Events, Fact

_TERMS = 3


def small_enrolments(seed: int = 0, *, learners: int = 120, courses: int = 2, as_of: float = 28) -> Enrolments:
    """Enrolments of which those who click and hand in less end badly more often.

    Each learner is in one or two offerings of `courses` courses in three terms. Some facts are unknown, one level is
    rare, one learner did nothing at all, and no activity was recorded in the first offering.
    """
    rng = np.random.default_rng(seed)
    learner = np.concatenate([np.arange(learners), rng.choice(learners, learners // 4, replace=False)])
    n, offerings = len(learner), courses * _TERMS
    offering = rng.integers(0, offerings, n)
    effort = rng.normal(size=n) - (offering % courses) * 0.3
    outcome = (rng.random(n) < 1 / (1 + np.exp(0.3 + 1.2 * effort))).astype(float)
    return Enrolments(
        learner=learner.astype(np.int32),
        offering=offering.astype(np.int32),
        outcome=outcome,
        event_day=np.where((outcome == 1) & (rng.random(n) < 0.7), as_of + 1 + rng.integers(0, 60, n), np.nan),
        row=np.arange(n),
        course=np.tile(np.arange(courses), _TERMS).astype(np.int32),
        term=np.repeat(np.arange(_TERMS), courses).astype(np.int32),
        length=np.full(offerings, 120.0),
        learners=_names("learner", learners),
        courses=_names("course", courses),
        terms=_names("term", _TERMS),
        as_of=as_of,
        facts=_facts(rng, n, courses, offering),
        activity=_activity(rng, effort, offering, as_of),
        results=_results(rng, effort, as_of),
        schedule=_schedule(offerings, as_of),
        recorded_until=np.where(np.arange(offerings) == 0, -np.inf, np.inf),
    )


def _names(kind: str, count: int) -> NDArray[np.object_]:
    return np.array([f"{kind}-{i}" for i in range(count)], dtype=object)


def _facts(rng: np.random.Generator, n: int, courses: int, offering: NDArray[np.int64]) -> dict[str, Fact]:
    gender = np.where(rng.random(n) < 0.05, -1, rng.integers(0, 2, n)).astype(np.int32)
    region = np.where(np.arange(n) == 3, 2, rng.integers(0, 2, n)).astype(np.int32)
    credits = np.where(rng.random(n) < 0.1, np.nan, rng.choice([30.0, 60, 120], n))
    return {
        "course": Fact("course", (offering % courses).astype(np.int32), _names("course", courses)),
        "gender": Fact("demographics", gender, np.array(["F", "M"], dtype=object)),
        "region": Fact("demographics", region, np.array(["north", "south", "rare"], dtype=object)),
        "credits": Fact("registration", credits),
        "earlier_attempts": Fact("prior_results", rng.integers(0, 3, n).astype(float)),
    }


def _activity(
    rng: np.random.Generator, effort: NDArray[np.float64], offering: NDArray[np.int64], as_of: float
) -> Events:
    counts = rng.poisson(np.exp(1.5 + 0.5 * effort))
    counts[(offering == 0) | (np.arange(len(effort)) == 5)] = 0
    owner = np.repeat(np.arange(len(effort)), counts)
    day = np.floor(rng.uniform(-5, as_of + 1, len(owner)))
    kinds = np.array(["forum", "page", "quiz"], dtype=object)
    kind, about = rng.integers(0, 3, len(owner)), rng.integers(0, 20, len(owner))
    return Events.of(
        owner, len(effort), kinds, day=day, kind=kind, about=about, amount=rng.integers(1, 9, len(owner)).astype(float)
    )


_KINDS = np.array(["essay", "test"], dtype=object)
_DUE = np.array([10.0, 24.0, 40.0])


def _results(rng: np.random.Generator, effort: NDArray[np.float64], as_of: float) -> Events:
    owner, about = np.meshgrid(np.arange(len(effort)), np.arange(3), indexing="ij")
    owner, about = owner.ravel(), about.ravel()
    day = np.floor(_DUE[about] + rng.normal(-1, 3, len(about)))
    there = (day <= as_of) & (rng.random(len(owner)) < 1 / (1 + np.exp(-1 - effort[owner])))
    score = np.clip(60 + 12 * effort[owner] + rng.normal(0, 10, len(owner)), 0, 100)
    score[rng.random(len(owner)) < 0.05] = np.nan
    own = {"day": day, "kind": about % 2, "about": about, "amount": score, "due": _DUE[about]}
    return Events.of(
        owner[there],
        len(effort),
        _KINDS,
        weight=np.full(int(there.sum()), 30.0),
        **{name: values[there] for name, values in own.items()},
    )


def _schedule(offerings: int, as_of: float) -> Events:
    due = _DUE[as_of >= _DUE]
    owner, at = np.repeat(np.arange(offerings), len(due)), np.tile(np.arange(len(due)), offerings)
    return Events.of(
        owner, offerings, _KINDS, day=due[at], kind=at % 2, about=at, due=due[at], weight=np.full(len(at), 30.0)
    )
