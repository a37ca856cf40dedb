"""A tutor's own idea of what each learner knows: Bayesian knowledge tracing, one update an answer."""

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.compiled import compiled
from attain.core.component import Params
from attain.core.errors import UserError
from attain.data.simulate.curriculum import Curriculum
from attain.tasks.tutoring import NEVER, TutoringPolicy

OfSkills = float | tuple[float, ...]


class TutorParams(Params):
    """Parameters of policies that trace knowledge; a list gives each skill its own value."""

    prior: OfSkills = 0.15
    """The tutor's probability that a skill is known at the start."""
    learn: OfSkills = 0.15
    """Its probability to learn a skill at an answer."""
    guess: OfSkills = 0.2
    """Its probability of a right answer without the skill."""
    slip: OfSkills = 0.1
    """Its probability of a wrong answer with it."""
    threshold: float = Field(default=0.95, gt=0, le=1)
    """A skill is held to be mastered from this probability that it is known on."""
    graduate: bool = False
    """Whether a learner is done when all skills are held to be mastered; if not, the least sure ones are reviewed."""


class Tutor:
    """The lesson of a policy that traces knowledge; a policy says how skills are ranked.

    Attributes:
        known: shape (n, n_skills), the probability that each skill is known.
        declared: shape (n, n_skills), whether it has reached the threshold; once declared, a skill stays so.
        expected: shape (n,), the chance of a right answer to the chosen item.
    """

    def __init__(self, params: TutorParams, curriculum: Curriculum, n: int) -> None:
        k = len(curriculum.skills)
        self.params, self.curriculum = params, curriculum
        self.rates = np.array([_each(value, k) for value in (params.prior, params.learn, params.guess, params.slip)])
        self.known = np.tile(self.rates[0], (n, 1))
        self.declared = np.zeros((n, k), dtype=bool)
        self.expected = np.full(n, np.nan)
        self.given = np.zeros((n, k), dtype=np.int32)
        """How many items of each skill each learner was given."""
        self._skill = np.zeros(n, dtype=np.int32)

    def choose(self, step: int) -> NDArray[np.int32]:
        """See `Lesson.choose`."""
        skill = self.next_skill(step)
        self._skill = skill
        item = np.empty(len(skill), dtype=np.int32)
        _items(skill, self.curriculum.first_item, self.given, self.known, self.rates, item, self.expected)
        if self.params.graduate:
            item[self.declared.all(axis=1)] = NEVER
        return item

    def observe(self, item: NDArray[np.int32], correct: NDArray[np.int8]) -> None:
        """See `Lesson.observe`."""
        _learn_from(self._skill, correct, self.known, self.rates, self.params.threshold, self.declared)

    @abstractmethod
    def next_skill(self, step: int) -> NDArray[np.int32]:
        """The skill that each learner works on next; shape (n,)."""


class TutorPolicy(TutoringPolicy):
    """A policy whose lesson is a `Tutor`."""

    params: TutorParams

    @abstractmethod
    def begin(self, curriculum: Curriculum, n: int, generator: np.random.Generator) -> Tutor:
        """See `TutoringPolicy.begin`."""


def _each(value: OfSkills, k: int) -> NDArray[np.float64]:
    values = np.asarray(value, dtype=np.float64)
    if values.ndim and len(values) != k:
        raise UserError(f"The tutor has {len(values)} values of a rate, and there are {k} skills.")
    return np.broadcast_to(values, (k,))


@compiled
def _items(
    skill: Any, first_item: Any, given: Any, known: Any, rates: Any, item: Any, expected: Any
) -> None:  # numba types them
    for i in range(len(skill)):
        s = skill[i]
        item[i] = first_item[s] + given[i, s] % (first_item[s + 1] - first_item[s])
        given[i, s] += 1
        expected[i] = known[i, s] * (1 - rates[3, s]) + (1 - known[i, s]) * rates[2, s]


@compiled
def _learn_from(
    skill: Any, correct: Any, known: Any, rates: Any, threshold: Any, declared: Any
) -> None:  # numba types them
    for i in range(len(skill)):
        if correct[i] < 0:
            continue
        s = skill[i]
        p, learn, guess, slip = known[i, s], rates[1, s], rates[2, s], rates[3, s]
        if correct[i] == 1:
            p = p * (1 - slip) / (p * (1 - slip) + (1 - p) * guess)
        else:
            p = p * slip / (p * slip + (1 - p) * (1 - guess))
        known[i, s] = p + (1 - p) * learn
        if known[i, s] >= threshold:
            declared[i, s] = True


@compiled
def best(worth: Any, allowed: Any) -> Any:  # numba types them
    """The skill of the greatest worth among those allowed, the first of equals; among all where none is allowed."""
    n, k = worth.shape
    out = np.empty(n, dtype=np.int32)
    for i in range(n):
        found, value = -1, -np.inf
        for s in range(k):
            if allowed[i, s] and worth[i, s] > value:
                found, value = s, worth[i, s]
        if found < 0:
            for s in range(k):
                if worth[i, s] > value:
                    found, value = s, worth[i, s]
        out[i] = found
    return out


@compiled
def ready(declared: Any, next_start: Any, following: Any, needs: Any) -> Any:  # numba types them
    """Which skills are not held to be mastered while all their direct prerequisites are; shape (n, n_skills)."""
    n, k = declared.shape
    lacking = np.empty(k, dtype=np.int32)
    out = np.empty((n, k), dtype=np.bool_)
    for i in range(n):
        lacking[:] = needs
        for s in range(k):
            if declared[i, s]:
                for at in range(next_start[s], next_start[s + 1]):
                    lacking[following[at]] -= 1
        for s in range(k):
            out[i, s] = lacking[s] == 0 and not declared[i, s]
    return out
