"""Tutoring: which item should each learner do next, so that most is mastered soonest? Judged on simulated learners."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.core.component import Component
from attain.core.registry import Registry
from attain.core.rng import rng
from attain.data.simulate.curriculum import Curriculum
from attain.data.simulate.student import Learners, Student

NAME = "tutoring"
BASELINE = "curriculum"
"""The policy that every other is compared with: the order of the curriculum, each skill until it seems mastered."""
NEVER = -1


class Lesson(Protocol):
    """A policy at work with n learners; keeps what it has seen of each."""

    declared: NDArray[np.bool_]
    """Shape (n, n_skills), which skills it holds to be mastered now; all False for a policy that holds none to be."""
    expected: NDArray[np.floating]
    """Shape (n,), the probability of a right answer that it expects of each learner's chosen item; NaN for none."""

    def choose(self, step: int) -> NDArray[np.int32]:
        """An item for each learner; shape (n,), `NEVER` for one it has done with."""
        ...

    def observe(self, item: NDArray[np.int32], correct: NDArray[np.int8]) -> None:
        """What came of it; `correct` is 1 or 0, and -1 for learners who answered nothing."""
        ...


class TutoringPolicy(Component):
    """Adapter of a tutoring policy. It sees items and answers, never what is true of a learner."""

    @abstractmethod
    def begin(self, curriculum: Curriculum, n: int, generator: np.random.Generator) -> Lesson:
        """Begin with n learners of whom nothing is known."""


POLICIES: Registry[TutoringPolicy] = Registry(
    NAME,
    TutoringPolicy,  # type: ignore[type-abstract]  # the registry only compares with it
    "attain.models.tutoring",
)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of n learners; all arrays of shape (n,).

    Attributes:
        reached: steps until the wanted share of skills was truly mastered for the first time, `NEVER` where it was not.
        steps: answers given.
        seconds: what they took.
        left: whether the learner left before the end.
        over: answers to items of a skill that was truly mastered.
        early: answers to items of a skill with a direct prerequisite that was not mastered.
        in_band: answers whose true chance lay within [0.6, 0.8].
        right: right answers.
        declared: skills that the policy held to be mastered at some step.
        declared_true: of these, skills that truly were when it first did.
        at_end: skills truly mastered at the end.
        expected_error: sum over answers of expected minus right.
        expected_count: answers of which the policy expected something.
    """

    reached: NDArray[np.int32]
    steps: NDArray[np.int32]
    seconds: NDArray[np.float64]
    left: NDArray[np.bool_]
    over: NDArray[np.int32]
    early: NDArray[np.int32]
    in_band: NDArray[np.int32]
    right: NDArray[np.int32]
    declared: NDArray[np.int32]
    declared_true: NDArray[np.int32]
    at_end: NDArray[np.int32]
    expected_error: NDArray[np.float64]
    expected_count: NDArray[np.int32]


def teach(
    policy: TutoringPolicy,
    student: Student,
    curriculum: Curriculum,
    *,
    learners: int,
    steps: int,
    share: float = 0.8,
    seed: int = 0,
) -> Outcome:
    """Teach simulated learners with a policy, and say what became of them.

    The learners and their luck depend on the seed alone: two policies teach the same people, who meet the same luck at
    the same step (common random numbers).

    Args:
        policy: chooses.
        student: the kind of learner.
        curriculum: what is taught.
        learners: how many.
        steps: items that a learner gets, at most.
        share: the share of the skills whose true mastery ends the count of steps.
        seed: of the learners, of their luck, and of what the policy draws.
    """
    people = student.begin(curriculum, learners, seed)
    lesson = policy.begin(curriculum, learners, rng(seed, "policy"))
    wanted = int(np.ceil(share * len(curriculum.skills) - 1e-9))
    kept = _Kept(people, wanted)
    for step in range(steps):
        item = lesson.choose(step)
        chance = student.chance(people, item)
        kept.before(item, chance)
        correct = student.answer(people, item, step)
        kept.after(item, correct, step, lesson.expected)
        lesson.observe(item, correct)
        kept.declared_at(lesson.declared)
        if (item < 0).all() or people.left.all():
            break
    return kept.outcome()


class _Kept:
    """The account of a lesson, kept up step by step."""

    def __init__(self, people: Learners, wanted: int) -> None:
        n = len(people)
        self.people, self.wanted = people, wanted
        self.counts = np.zeros((n, 9), dtype=np.int32)  # the columns are those of `outcome`
        self.sums = np.zeros((n, 2))
        self.reached = np.where(people.count >= wanted, 0, NEVER).astype(np.int32)
        self.once = np.zeros_like(people.mastered)

    def before(self, item: NDArray[np.int32], chance: NDArray[np.float64]) -> None:
        """What is true just before the answers."""
        people = self.people
        skill = people.curriculum.item_skill
        _note_before(item, skill, chance, people.left, people.mastered, people.lacking, self.counts)

    def after(
        self, item: NDArray[np.int32], correct: NDArray[np.int8], step: int, expected: NDArray[np.floating]
    ) -> None:
        """What came of them."""
        people = self.people
        seconds, counts = people.curriculum.seconds, people.count
        _note_after(item, correct, step, expected, seconds, counts, self.wanted, self.reached, self.counts, self.sums)

    def declared_at(self, declared: NDArray[np.bool_]) -> None:
        """What the policy holds to be mastered now."""
        _note_declared(declared, self.people.mastered, self.once, self.counts)

    def outcome(self) -> Outcome:
        """The account as it stands."""
        steps, over, early, band, right, said, true, told, _ = self.counts.T
        people = self.people
        return Outcome(
            reached=self.reached,
            steps=steps,
            seconds=self.sums[:, 0],
            left=people.left,
            over=over,
            early=early,
            in_band=band,
            right=right,
            declared=said,
            declared_true=true,
            at_end=people.count,
            expected_error=self.sums[:, 1],
            expected_count=told,
        )


@compiled
def _note_before(
    item: Any, item_skill: Any, chance: Any, left: Any, mastered: Any, lacking: Any, counts: Any
) -> None:  # numba types them
    for i in range(len(item)):
        if item[i] < 0 or left[i]:
            continue
        s = item_skill[item[i]]
        counts[i, 1] += mastered[i, s]
        counts[i, 2] += lacking[i, s] > 0
        counts[i, 3] += 0.6 <= chance[i] <= 0.8


@compiled
def _note_after(
    item: Any,
    correct: Any,
    step: Any,
    expected: Any,
    seconds: Any,
    count: Any,
    wanted: Any,
    reached: Any,
    counts: Any,
    sums: Any,
) -> None:  # numba types them
    for i in range(len(item)):
        if correct[i] >= 0:
            counts[i, 0] += 1
            counts[i, 4] += correct[i]
            sums[i, 0] += seconds[item[i]]
            if not np.isnan(expected[i]):
                sums[i, 1] += expected[i] - correct[i]
                counts[i, 7] += 1
        if reached[i] < 0 and count[i] >= wanted:
            reached[i] = step + 1


@compiled
def _note_declared(declared: Any, mastered: Any, once: Any, counts: Any) -> None:  # numba types them
    n, k = declared.shape
    for i in range(n):
        for s in range(k):
            if declared[i, s] and not once[i, s]:
                once[i, s] = True
                counts[i, 5] += 1
                counts[i, 6] += mastered[i, s]
