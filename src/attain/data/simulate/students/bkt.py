"""A learner by Bayesian knowledge tracing: each skill is known or not."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.compiled import compiled
from attain.data.simulate.student import Learners, Student, StudentParams
from attain.data.simulate.students._luck import ANSWER, FORGET, LEARN, luck
from attain.data.simulate.students._parameters import OfSkills, of_skills, shifted
from attain.data.simulate.students._steps import goes, turn


class BKTParams(StudentParams):
    """Parameters of `bkt`; a list gives each skill its own value."""

    prior: OfSkills = 0.15
    """Probability that a skill is known at the start."""
    learn: OfSkills = 0.15
    """Probability to learn a skill at an answer that practises it."""
    guess: OfSkills = 0.2
    """Probability of a right answer without the skill."""
    slip: OfSkills = 0.1
    """Probability of a wrong answer with it."""
    forget: float = Field(default=0, ge=0, lt=1)
    """Probability to lose a known skill at each step at which it is not practised."""


class BKTStudent(Student):
    """Knows each skill or not, and learns it at once (Corbett & Anderson 1995); with `forget`, may lose it again.

    A skill is mastered while it is known. When it is practised, the step at which it will be lost is drawn, and kept.
    """

    name = "bkt"
    params: BKTParams

    def prepare(self, learners: Learners, generator: np.random.Generator) -> None:
        """See `Student.prepare`."""
        curriculum, p = learners.curriculum, self.params
        n, k = learners.mastered.shape
        prior = shifted(of_skills(p.prior, curriculum, "prior"), learners.start)
        learners.mastered[:] = generator.random((n, k)) < prior
        expires = np.full((n, k), -1, dtype=np.int32)
        if p.forget:
            lives = generator.geometric(p.forget, (n, k))
            expires[learners.mastered] = lives[learners.mastered]
        learners.state = {
            "learn": shifted(of_skills(p.learn, curriculum, "learn"), learners.pace),
            "guess": of_skills(p.guess, curriculum, "guess"),
            "slip": of_skills(p.slip, curriculum, "slip"),
            "expires": expires,
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
            (state["learn"], state["guess"], state["slip"]),
            (p.forget, p.unready),
            state["expires"],
            (learners.mastered, learners.lacking, learners.count, curriculum.next_start, curriculum.next),
            (learners.wrong, learners.left, np.array([p.leave, p.fatigue, p.frustration])),
            correct,
        )
        return correct

    def chance(self, learners: Learners, item: NDArray[np.int32]) -> NDArray[np.float64]:
        """See `Student.chance`."""
        skill = learners.curriculum.item_skill[item]
        known = learners.mastered[np.arange(len(learners)), skill]
        value = np.where(known, 1 - learners.state["slip"][skill], learners.state["guess"][skill])
        return np.where(item >= 0, value, np.nan)


@compiled
def _answer(
    item: Any,
    item_skill: Any,
    step: Any,
    seed: Any,
    rates: Any,
    how: Any,
    expires: Any,
    truth: Any,
    leaving: Any,
    correct: Any,
) -> None:  # numba types them
    learn, guess, slip = rates
    forget, unready = how
    mastered, lacking, count, next_start, following = truth
    wrong, left, hazards = leaving
    n, k = mastered.shape
    for i in range(n):
        if forget > 0:
            for s in range(k):
                if expires[i, s] == step:
                    turn(i, s, False, mastered, lacking, count, next_start, following)
                    expires[i, s] = -1
        if item[i] < 0 or left[i]:
            continue
        s = item_skill[item[i]]
        known = mastered[i, s]
        right = luck(seed, i, step, ANSWER) < (1 - slip[s] if known else guess[s])
        correct[i] = right
        if not known:
            rate = learn[i, s] if lacking[i, s] == 0 else learn[i, s] * unready
            if luck(seed, i, step, LEARN) < rate:
                turn(i, s, True, mastered, lacking, count, next_start, following)
        if forget > 0 and mastered[i, s]:
            expires[i, s] = step + 1 + int(np.log(1 - luck(seed, i, step, FORGET)) / np.log(1 - forget))
        left[i] = goes(seed, i, step, right, wrong, hazards)
