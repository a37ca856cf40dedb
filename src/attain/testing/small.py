"""Small logs with every oddity that a tracer must live with, made from a seed."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from attain.data.interactions import Interactions


def make_log(
    learner: NDArray[np.integer],
    item: NDArray[np.integer],
    correct: NDArray[np.integer],
    skills_of_item: list[list[int]],
) -> Interactions:
    """A log from codes; learner 3 is called `learner-3`, item 0 `item-0`, skill 7 `skill-7`.

    Args:
        learner: shape (n,), ascending.
        item: shape (n,), below `len(skills_of_item)`.
        correct: shape (n,).
        skills_of_item: for each item the codes of its skills; an item may have none.
    """
    per_row = [skills_of_item[i] for i in item]
    n_skills = 1 + max((s for skills in skills_of_item for s in skills), default=-1)
    return Interactions(
        learner=learner.astype(np.int32),
        item=item.astype(np.int32),
        correct=correct.astype(np.int8),
        skill=np.array([s for skills in per_row for s in skills], dtype=np.int32),
        skill_start=np.concatenate([[0], np.cumsum([len(skills) for skills in per_row])]).astype(np.int64),
        row=np.arange(len(learner), dtype=np.int64),
        learners=_names("learner", int(learner.max(initial=-1)) + 1),
        items=_names("item", len(skills_of_item)),
        skills=_names("skill", n_skills),
    )


def small_log(seed: int = 0, *, learners: int = 30, skills: int = 6, items: int = 24) -> Interactions:
    """Learners who know more the longer they practise, on items of differing difficulty.

    Most items have one skill; every fifth has two; the last has none. Learner 0 answers once. The histories of the
    others are from 2 to 40 answers long. Some pauses last a day or more, and some times and durations are not known.
    """
    rng = np.random.default_rng(seed)
    skills_of_item = [
        [i % skills, (i + 1) % skills] if i % 5 == 4 else [i % skills] if i < items - 1 else [] for i in range(items)
    ]
    lengths = rng.integers(2, 41, learners)
    lengths[0] = 1
    learner = np.repeat(np.arange(learners), lengths)
    item = rng.integers(0, items, len(learner))
    step = np.concatenate([np.arange(n) for n in lengths])
    ability, difficulty = rng.normal(size=learners), rng.normal(size=items)
    logit = ability[learner] - difficulty[item] + 0.05 * step
    correct = rng.random(len(learner)) < 1 / (1 + np.exp(-logit))
    log = make_log(learner, item, correct.astype(np.int8), skills_of_item)
    duration = rng.gamma(2, 15, len(log)) + 1
    pause = rng.exponential(20, len(log)) + np.where(rng.random(len(log)) < 0.1, 90_000, 0)
    time = np.cumsum(duration + pause)
    known_time, known_duration = rng.random((2, len(log))) > 0.04
    return replace(
        log,
        time_s=np.where(known_time, time - time[log.learner_start[:-1]][learner], np.nan),
        duration_s=np.where(known_duration, duration, np.nan).astype(np.float32),
    )


def _names(kind: str, count: int) -> NDArray[np.object_]:
    return np.array([f"{kind}-{code}" for code in range(count)], dtype=object)
