"""What is given before anybody answers: skills and what they need, items, and who the learners are."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attain.data.simulate.options import SimulateOptions

SLOW_SCHOOL = "Hillside"
SCHOOLS = {"Lakeview": 0.40, "Northgate": 0.25, SLOW_SCHOOL: 0.25, "Oakwood": 0.10}
GENDERS = {"F": 0.48, "M": 0.48, "X": 0.04}


@dataclass(frozen=True, eq=False)
class World:
    """Skills stand in an order in which each needs earlier ones only.

    Attributes:
        needs: shape (n_skills, n_skills), `needs[a, b]`: skill a needs skill b; strictly lower triangular.
        item_skill: shape (n_items, 2), the skills of each item; the second is -1 where there is one skill only.
        difficulty: shape (n_items,), in logits, mean 0.
        speed: shape (n_learners,), what each learner's chance to learn is multiplied with.
        pace: shape (n_learners,), what each learner's response times are multiplied with.
        gender: shape (n_learners,).
        school: shape (n_learners,).
        length: shape (n_learners,), answers that each learner gives if they do not drop out.
    """

    needs: NDArray[np.bool_]
    item_skill: NDArray[np.int64]
    difficulty: NDArray[np.float64]
    speed: NDArray[np.float64]
    pace: NDArray[np.float64]
    gender: NDArray[Any]
    school: NDArray[Any]
    length: NDArray[np.int64]


def draw_world(options: SimulateOptions, rng: np.random.Generator) -> World:
    """A world at random."""
    n, n_skills, n_items = options.learners, options.skills, max(options.items, options.skills)
    school = rng.choice(list(SCHOOLS), size=n, p=list(SCHOOLS.values()))
    spread = 0.6  # of the lengths, in logs; the mean stays what was asked for
    length = rng.lognormal(np.log(options.answers) - spread**2 / 2, spread, size=n)
    return World(
        needs=_prerequisites(n_skills, rng),
        item_skill=_item_skills(n_items, n_skills, options.multi_skill, rng),
        difficulty=options.item_spread * rng.standard_normal(n_items),
        speed=np.where(school == SLOW_SCHOOL, 1 - options.gap, 1.0),
        pace=rng.lognormal(0, 0.3, size=n),
        gender=rng.choice(list(GENDERS), size=n, p=list(GENDERS.values())),
        school=school,
        length=np.maximum(1, np.rint(length)).astype(np.int64),
    )


def _prerequisites(n_skills: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Each skill but the first needs the one before with chance 0.6, and one earlier skill with chance 0.3."""
    needs = np.zeros((n_skills, n_skills), dtype=bool)
    for skill in range(1, n_skills):
        needs[skill, skill - 1] = rng.random() < 0.6
        if rng.random() < 0.3:
            needs[skill, rng.integers(skill)] = True
    return needs


def _item_skills(n_items: int, n_skills: int, share: float, rng: np.random.Generator) -> NDArray[np.int64]:
    first = np.arange(n_items) % n_skills
    second = rng.integers(np.maximum(first, 1))  # an earlier skill
    several = (rng.random(n_items) < share) & (first > 0)
    return np.column_stack([first, np.where(several, second, -1)])
