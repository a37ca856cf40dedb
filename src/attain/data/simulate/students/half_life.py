"""A learner who forgets: what was practised fades by half in a time that practice makes longer."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.compiled import compiled
from attain.data.simulate.student import Learners, Student, StudentParams
from attain.data.simulate.students._luck import ANSWER, luck
from attain.data.simulate.students._parameters import OfSkills, of_skills
from attain.data.simulate.students._steps import goes, turn


class HalfLifeParams(StudentParams):
    """Parameters of `half_life`; a list gives each skill its own value."""

    first: OfSkills = 20.0
    """Half-life after the first answer to a skill, in steps."""
    growth: OfSkills = 1.6
    """What the half-life is multiplied with at each later answer, if it is right."""
    after_wrong: float = Field(default=1.1, gt=0)
    """The same for a wrong answer."""
    guess: float = Field(default=0.2, ge=0, lt=1)
    """Probability of a right answer to what is forgotten."""
    slip: float = Field(default=0.05, ge=0, lt=1)
    """Probability of a wrong answer to what is fresh."""
    mastery: float = Field(default=0.7, gt=0, lt=1)
    """A skill is mastered while it would be recalled with this probability."""


class HalfLifeStudent(Student):
    """Recall falls as 2 to the power of minus the time over the half-life (Settles & Meeder 2016, eq. 1).

    Steps are time. The step at which a skill falls below mastery is worked out when it is practised, and kept.
    """

    name = "half_life"
    params: HalfLifeParams

    def prepare(self, learners: Learners, generator: np.random.Generator) -> None:
        """See `Student.prepare`: nothing is known at the start."""
        curriculum, p = learners.curriculum, self.params
        n, k = learners.mastered.shape
        first = of_skills(p.first, curriculum, "first") * np.exp(learners.start)[:, None]
        growth = 1 + (of_skills(p.growth, curriculum, "growth") - 1) * np.exp(learners.pace)[:, None]
        learners.state = {
            "first": first,
            "growth": growth,
            "half_life": np.zeros((n, k)),
            "practised": np.full((n, k), -1, dtype=np.int32),
            "expires": np.full((n, k), -1, dtype=np.int32),
            "now": np.zeros(1, dtype=np.int64),
        }

    def answer(self, learners: Learners, item: NDArray[np.int32], step: int) -> NDArray[np.int8]:
        """See `Student.answer`."""
        state, curriculum, p = learners.state, learners.curriculum, self.params
        correct = np.full(len(learners), -1, dtype=np.int8)
        _answer(
            item,
            curriculum.item_skill,
            step,
            learners.seed,
            (state["half_life"], state["practised"], state["expires"], state["first"], state["growth"]),
            (p.after_wrong, p.guess, p.slip, p.unready, -np.log2(p.mastery)),
            (learners.mastered, learners.lacking, learners.count, curriculum.next_start, curriculum.next),
            (learners.wrong, learners.left, np.array([p.leave, p.fatigue, p.frustration])),
            correct,
        )
        state["now"][0] = step + 1
        return correct

    def chance(self, learners: Learners, item: NDArray[np.int32]) -> NDArray[np.float64]:
        """See `Student.chance`."""
        state, p = learners.state, self.params
        who, skill = np.arange(len(learners)), learners.curriculum.item_skill[item]
        half, last = state["half_life"][who, skill], state["practised"][who, skill]
        with np.errstate(divide="ignore", invalid="ignore"):
            recall = np.where(half > 0, 2.0 ** (-(state["now"][0] - last) / half), 0.0)
        return np.where(item >= 0, p.guess + (1 - p.guess - p.slip) * recall, np.nan)


@compiled
def _answer(
    item: Any, item_skill: Any, step: Any, seed: Any, memory: Any, how: Any, truth: Any, leaving: Any, correct: Any
) -> None:  # numba types them
    half_life, practised, expires, first, growth = memory
    after_wrong, guess, slip, unready, fades = how
    mastered, lacking, count, next_start, following = truth
    wrong, left, hazards = leaving
    n, k = mastered.shape
    for i in range(n):
        for s in range(k):
            if expires[i, s] == step:
                turn(i, s, False, mastered, lacking, count, next_start, following)
                expires[i, s] = -1
        if item[i] < 0 or left[i]:
            continue
        s = item_skill[item[i]]
        recall = 0.0
        if practised[i, s] >= 0:
            recall = 2.0 ** (-(step - practised[i, s]) / half_life[i, s])
        right = luck(seed, i, step, ANSWER) < guess + (1 - guess - slip) * recall
        correct[i] = right
        if practised[i, s] < 0:
            half_life[i, s] = first[i, s] if lacking[i, s] == 0 else first[i, s] * unready
        else:
            factor = growth[i, s] if right else after_wrong
            half_life[i, s] *= factor if lacking[i, s] == 0 else 1 + (factor - 1) * unready
        practised[i, s] = step
        lasts = int(np.floor(half_life[i, s] * fades))
        turn(i, s, lasts >= 1, mastered, lacking, count, next_start, following)
        expires[i, s] = step + 1 + lasts if lasts >= 1 else -1
        left[i] = goes(seed, i, step, right, wrong, hazards)
