"""A learner whose ability in each skill grows with practice, a little at a time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.compiled import compiled
from attain.data.simulate.student import Learners, Student, StudentParams
from attain.data.simulate.students._luck import ANSWER, luck
from attain.data.simulate.students._parameters import OfSkills, of_skills
from attain.data.simulate.students._steps import goes, turn


class IRTGrowthParams(StudentParams):
    """Parameters of `irt_growth`; a list gives each skill its own value."""

    ability: OfSkills = -1.0
    """Where learners begin in each skill, in logits."""
    gain: OfSkills = 0.15
    """What an answer adds to the ability in its skill, in logits."""
    transfer: float = Field(default=0.0, ge=0, le=1)
    """Share of that which is added in every skill that builds on it too."""
    item_sd: float = Field(default=0.5, ge=0)
    """Standard deviation of the difficulties of items within a skill, in logits."""
    guess: float = Field(default=0.1, ge=0, lt=1)
    """Probability of a right answer by luck alone (3PL)."""
    mastery: float = Field(default=0.8, gt=0, lt=1)
    """A skill is mastered from this probability of a right answer to an item of difficulty 0 on."""


class IRTGrowthStudent(Student):
    """A three-parameter logistic item response (Birnbaum 1968) on an ability that each answer raises."""

    name = "irt_growth"
    params: IRTGrowthParams

    def prepare(self, learners: Learners, generator: np.random.Generator) -> None:
        """See `Student.prepare`."""
        curriculum, p = learners.curriculum, self.params
        ability = of_skills(p.ability, curriculum, "ability") + learners.start[:, None]
        gain = of_skills(p.gain, curriculum, "gain") * np.exp(learners.pace)[:, None]
        difficulty = generator.normal(0, p.item_sd, len(curriculum.item_skill))
        learners.state = {"ability": ability, "gain": gain, "difficulty": difficulty}
        learners.mastered[:] = ability >= self._from

    @property
    def _from(self) -> float:
        """The ability from which a skill is mastered."""
        share = max((self.params.mastery - self.params.guess) / (1 - self.params.guess), 1e-9)
        return float(np.log(share / (1 - share)))

    def answer(self, learners: Learners, item: NDArray[np.int32], step: int) -> NDArray[np.int8]:
        """See `Student.answer`."""
        state, curriculum, p = learners.state, learners.curriculum, self.params
        correct = np.full(len(learners), -1, dtype=np.int8)
        _answer(
            item,
            curriculum.item_skill,
            step,
            learners.seed,
            (state["ability"], state["gain"], state["difficulty"]),
            (p.guess, p.unready, p.transfer, self._from),
            (learners.mastered, learners.lacking, learners.count, curriculum.next_start, curriculum.next),
            (learners.wrong, learners.left, np.array([p.leave, p.fatigue, p.frustration])),
            correct,
        )
        return correct

    def chance(self, learners: Learners, item: NDArray[np.int32]) -> NDArray[np.float64]:
        """See `Student.chance`."""
        skill, state, guess = learners.curriculum.item_skill[item], learners.state, self.params.guess
        logit = state["ability"][np.arange(len(learners)), skill] - state["difficulty"][item]
        return np.where(item >= 0, guess + (1 - guess) / (1 + np.exp(-logit)), np.nan)


@compiled
def _answer(
    item: Any, item_skill: Any, step: Any, seed: Any, knows: Any, how: Any, truth: Any, leaving: Any, correct: Any
) -> None:  # numba types them
    ability, gain, difficulty = knows
    guess, unready, transfer, enough = how
    mastered, lacking, count, next_start, following = truth
    wrong, left, hazards = leaving
    for i in range(len(item)):
        if item[i] < 0 or left[i]:
            continue
        s = item_skill[item[i]]
        chance = guess + (1 - guess) / (1 + np.exp(difficulty[item[i]] - ability[i, s]))
        right = luck(seed, i, step, ANSWER) < chance
        correct[i] = right
        ability[i, s] += gain[i, s] if lacking[i, s] == 0 else gain[i, s] * unready
        if ability[i, s] >= enough:
            turn(i, s, True, mastered, lacking, count, next_start, following)
        if transfer > 0:
            for at in range(next_start[s], next_start[s + 1]):
                other = following[at]
                ability[i, other] += transfer * gain[i, other]
                if ability[i, other] >= enough:
                    turn(i, other, True, mastered, lacking, count, next_start, following)
        left[i] = goes(seed, i, step, right, wrong, hazards)
