"""A small set of choices with two tastes in it, for the tests of recommenders."""

import numpy as np

from attain.data.choices import Choices

ITEMS, SKILLS = 24, 6


def small_choices(seed: int, *, learners: int = 80) -> Choices:
    """Choices of learners of whom every second one mostly takes items with an even number, the others odd ones.

    Every second choice is roughly the next item, the others are any; some are taken twice. Answers are right more often
    as a learner goes on.
    Item i has skill i mod 6, and item i + 12 builds on item i.
    """
    generator = np.random.default_rng(seed)
    length = generator.integers(6, 13, learners)
    learner = np.repeat(np.arange(learners, dtype=np.int32), length)
    step = np.arange(len(learner)) - np.repeat(np.cumsum(length) - length, length)
    own = generator.random(len(learner)) < 0.9
    along = np.minimum(step + generator.integers(0, 3, len(learner)), ITEMS // 2 - 1)
    place = np.where(generator.random(len(learner)) < 0.5, along, generator.integers(0, ITEMS // 2, len(learner)))
    item = 2 * place + np.where(own, learner % 2, 1 - learner % 2)
    n = len(item)
    return Choices(
        learner=learner,
        item=item.astype(np.int32),
        row=np.arange(n, dtype=np.int64),
        skill=(np.arange(ITEMS) % SKILLS).astype(np.int32),
        skill_start=np.arange(ITEMS + 1, dtype=np.int64),
        before=np.arange(ITEMS // 2, dtype=np.int32),
        after=np.arange(ITEMS // 2, ITEMS, dtype=np.int32),
        learners=np.array([f"learner {i}" for i in range(learners)], dtype=object),
        items=np.array([f"item {i:02}" for i in range(ITEMS)], dtype=object),
        skills=np.array([f"skill {i}" for i in range(SKILLS)], dtype=object),
        time_s=1000.0 * np.arange(n) % 86_400 + 86_400.0 * step,
        correct=(generator.random(n) < 0.4 + 0.04 * step).astype(np.int8),
        duration_s=generator.integers(5, 60, n).astype(np.float32),
    )
