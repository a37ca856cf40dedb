"""A learner by performance factors: right and wrong answers to a skill each change the next."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.compiled import compiled
from attain.data.simulate.student import Learners, Student, StudentParams
from attain.data.simulate.students._luck import ANSWER, luck
from attain.data.simulate.students._parameters import OfSkills, of_skills
from attain.data.simulate.students._steps import goes, turn


class PFAParams(StudentParams):
    """Parameters of `pfa`; a list gives each skill its own value."""

    ease: OfSkills = -0.8
    """Logit of a right answer before any practice."""
    success: OfSkills = 0.25
    """What an earlier right answer to the skill adds."""
    failure: OfSkills = 0.08
    """What an earlier wrong answer adds."""
    mastery: float = Field(default=0.85, gt=0, lt=1)
    """A skill is mastered from this probability of a right answer on."""


class PFAStudent(Student):
    """Answers as performance factors analysis predicts (Pavlik, Cen & Koedinger 2009, eq. 3)."""

    name = "pfa"
    params: PFAParams

    def prepare(self, learners: Learners, generator: np.random.Generator) -> None:
        """See `Student.prepare`."""
        curriculum, p = learners.curriculum, self.params
        logit = of_skills(p.ease, curriculum, "ease") + learners.start[:, None]
        pace = np.exp(learners.pace)[:, None]
        learners.state = {
            "logit": logit,
            "success": of_skills(p.success, curriculum, "success") * pace,
            "failure": of_skills(p.failure, curriculum, "failure") * pace,
        }
        learners.mastered[:] = logit >= self._from

    @property
    def _from(self) -> float:
        return float(np.log(self.params.mastery / (1 - self.params.mastery)))

    def answer(self, learners: Learners, item: NDArray[np.int32], step: int) -> NDArray[np.int8]:
        """See `Student.answer`."""
        state, curriculum, p = learners.state, learners.curriculum, self.params
        correct = np.full(len(learners), -1, dtype=np.int8)
        _answer(
            item,
            curriculum.item_skill,
            step,
            learners.seed,
            (state["logit"], state["success"], state["failure"]),
            (p.unready, self._from),
            (learners.mastered, learners.lacking, learners.count, curriculum.next_start, curriculum.next),
            (learners.wrong, learners.left, np.array([p.leave, p.fatigue, p.frustration])),
            correct,
        )
        return correct

    def chance(self, learners: Learners, item: NDArray[np.int32]) -> NDArray[np.float64]:
        """See `Student.chance`."""
        logit = learners.state["logit"][np.arange(len(learners)), learners.curriculum.item_skill[item]]
        return np.where(item >= 0, 1 / (1 + np.exp(-logit)), np.nan)


@compiled
def _answer(
    item: Any, item_skill: Any, step: Any, seed: Any, knows: Any, how: Any, truth: Any, leaving: Any, correct: Any
) -> None:  # numba types them
    logit, success, failure = knows
    unready, enough = how
    mastered, lacking, count, next_start, following = truth
    wrong, left, hazards = leaving
    for i in range(len(item)):
        if item[i] < 0 or left[i]:
            continue
        s = item_skill[item[i]]
        right = luck(seed, i, step, ANSWER) < 1 / (1 + np.exp(-logit[i, s]))
        correct[i] = right
        more = success[i, s] if right else failure[i, s]
        logit[i, s] += more if lacking[i, s] == 0 else more * unready
        turn(i, s, logit[i, s] >= enough, mastered, lacking, count, next_start, following)
        left[i] = goes(seed, i, step, right, wrong, hazards)
