"""A simulated learner as an environment of Gymnasium, for policies of your own. Needs gymnasium."""

from typing import Any, Literal

import gymnasium
import numpy as np
from numpy.typing import NDArray

from attain.data.simulate.curriculum import Curriculum
from attain.data.simulate.student import Learners, Student

Observation = NDArray[np.float32]
Reward = Literal["mastered", "correct"]


class TutoringEnv(gymnasium.Env[Observation, np.int64]):
    """One learner; an action is an item, a step an answer.

    What is seen is what a tutor sees: how often each skill was answered rightly and wrongly, as shares of the horizon,
    first all skills right, then all wrong. The reward is the change in the share of skills that are truly mastered
    (`mastered`), or 1 for a right answer (`correct`); the first is what teaching is for, and only a simulation has it.

    >>> from attain.data.simulate.student import STUDENTS
    >>> env = TutoringEnv(STUDENTS.get("bkt").create(), Curriculum.of(["a", "b"]), steps=10)
    >>> env.reset(seed=0)[0].shape
    (4,)

    Args:
        student: the kind of learner.
        curriculum: what is taught.
        steps: answers until the learner has no more time.
        reward: what a step is worth.
    """

    def __init__(
        self, student: Student, curriculum: Curriculum, *, steps: int = 200, reward: Reward = "mastered"
    ) -> None:
        self._student, self._curriculum, self._steps, self._reward = student, curriculum, steps, reward
        k = len(curriculum.skills)
        self.observation_space = gymnasium.spaces.Box(0, 1, (2 * k,), np.float32)
        self.action_space = gymnasium.spaces.Discrete(len(curriculum.item_skill))
        self._learners: Learners | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """A new learner; with the same seed, the same one and the same luck."""
        super().reset(seed=seed)
        self._learners = self._student.begin(self._curriculum, 1, int(self.np_random.integers(2**31)))
        self._counts = np.zeros(self.observation_space.shape or (0,), dtype=np.float32)
        self._step = 0
        return self._counts.copy(), {}

    def step(self, action: np.int64) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """The learner answers the item."""
        assert self._learners is not None
        before = int(self._learners.count[0])
        item = np.array([action], dtype=np.int32)
        right = int(self._student.answer(self._learners, item, self._step)[0])
        skill = int(self._curriculum.item_skill[action])
        self._counts[skill if right else len(self._curriculum.skills) + skill] += 1 / self._steps
        self._step += 1
        gained = (int(self._learners.count[0]) - before) / len(self._curriculum.skills)
        reward = float(right) if self._reward == "correct" else gained
        ended = bool(self._learners.left[0]) or bool(self._learners.mastered.all())
        info = {"right": bool(right), "mastered": int(self._learners.count[0]), "left": bool(self._learners.left[0])}
        return self._counts.copy(), reward, ended, self._step >= self._steps, info
