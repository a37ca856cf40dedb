"""Simulated learners, all stepped together: what each kind has in common."""

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Component, Params
from attain.core.registry import Registry
from attain.core.rng import seed_of
from attain.core.strict import Strict
from attain.data.simulate.curriculum import Curriculum


class Cohort(Strict):
    """Learners who differ from the rest."""

    name: str
    share: float = Field(gt=0, le=1)
    """The share of all learners."""
    head_start: float = 0
    """Added to what they know at the start, in logits."""
    pace: float = Field(default=0, ge=-5, le=5)
    """Added to how readily they learn, in logits."""


class StudentParams(Params):
    """Parameters that all kinds have."""

    spread: float = Field(default=0.5, ge=0)
    """Standard deviation between learners, in logits, of what they know at the start and of how readily they learn."""
    leave: float = Field(default=0, ge=0, lt=1)
    """Probability of leaving for good after any answer."""
    fatigue: float = Field(default=0, ge=0)
    """Added to that probability for every hundred answers given."""
    frustration: float = Field(default=0, ge=0)
    """Added to that probability for every wrong answer in a row beyond two."""
    unready: float = Field(default=0.3, ge=0, le=1)
    """What learning is multiplied with while a direct prerequisite is not mastered."""
    cohorts: tuple[Cohort, ...] = ()
    """Learners who differ; the rest of all learners are as the params say."""


@dataclass
class Learners:
    """n learners at work; arrays are changed in place.

    Attributes:
        curriculum: what they are taught.
        seed: of their luck.
        start: shape (n,), shift in logits of what each knew at the start.
        pace: shape (n,), shift in logits of how readily each learns.
        cohort: shape (n,), the number of each learner's cohort, -1 for none.
        mastered: shape (n, n_skills), which skills each has truly mastered now.
        lacking: shape (n, n_skills), how many direct prerequisites of each skill are not mastered now.
        count: shape (n,), how many skills each has mastered now.
        wrong: shape (n,), wrong answers in a row.
        left: shape (n,), whether each has left.
        state: what the kind keeps, by name.
    """

    curriculum: Curriculum
    seed: np.uint64
    start: NDArray[np.float64]
    pace: NDArray[np.float64]
    cohort: NDArray[np.int32]
    mastered: NDArray[np.bool_]
    lacking: NDArray[np.int32]
    count: NDArray[np.int32]
    wrong: NDArray[np.int32]
    left: NDArray[np.bool_]
    state: dict[str, NDArray[np.generic]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.left)


class Student(Component):
    """A kind of simulated learner: what an answer depends on, and how practice changes it."""

    params: StudentParams
    name: ClassVar[str]

    def begin(self, curriculum: Curriculum, n: int, seed: int) -> Learners:
        """n new learners; the same seed gives the same ones, and the same luck at every step."""
        generator = np.random.default_rng(seed_of(seed, "learners", n))
        cohort = self._cohorts(generator, n)
        shift = generator.normal(0, self.params.spread, (2, n))
        for number, part in enumerate(self.params.cohorts):
            shift[0, cohort == number] += part.head_start
            shift[1, cohort == number] += part.pace
        size = (n, len(curriculum.skills))
        learners = Learners(
            curriculum=curriculum,
            seed=np.uint64(seed_of(seed, "luck")),
            start=shift[0],
            pace=shift[1],
            cohort=cohort,
            mastered=np.zeros(size, dtype=bool),
            lacking=np.tile(curriculum.needs, (n, 1)),
            count=np.zeros(n, dtype=np.int32),
            wrong=np.zeros(n, dtype=np.int32),
            left=np.zeros(n, dtype=bool),
        )
        self.prepare(learners, generator)
        _recount(learners)
        return learners

    @abstractmethod
    def prepare(self, learners: Learners, generator: np.random.Generator) -> None:
        """Fill in what the kind keeps (`state`), and which skills are mastered at the start (`mastered`)."""

    @abstractmethod
    def answer(self, learners: Learners, item: NDArray[np.int32], step: int) -> NDArray[np.int8]:
        """Each learner answers its item, then learns from it, and may leave.

        Args:
            learners: changed in place.
            item: shape (n,), -1 for learners who answer nothing at this step; nor do those who have left.
            step: the number of the step, from 0.

        Returns:
            shape (n,), 1 right, 0 wrong, -1 no answer.
        """

    @abstractmethod
    def chance(self, learners: Learners, item: NDArray[np.int32]) -> NDArray[np.float64]:
        """The true probability that each learner would answer its item rightly now; shape (n,), NaN for item -1."""

    def _cohorts(self, generator: np.random.Generator, n: int) -> NDArray[np.int32]:
        ends = np.cumsum([part.share for part in self.params.cohorts])
        drawn = np.searchsorted(ends, generator.random(n), side="right").astype(np.int32)
        return np.where(drawn < len(ends), drawn, -1).astype(np.int32)


STUDENTS: Registry[Student] = Registry(
    "simulated learner",
    Student,  # type: ignore[type-abstract]  # the registry only compares with it
    "attain.data.simulate.students",
)


def _recount(learners: Learners) -> None:
    """What follows from `mastered`, from nothing; later it is kept up as skills change."""
    curriculum = learners.curriculum
    before = np.repeat(np.arange(len(curriculum.skills)), np.diff(curriculum.next_start))
    learners.lacking[:] = curriculum.needs
    for first, then in zip(before, curriculum.next, strict=True):
        learners.lacking[:, then] -= learners.mastered[:, first]
    learners.count[:] = learners.mastered.sum(axis=1)
