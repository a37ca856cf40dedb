"""Knowledge tracing one answer at a time, as a tutor in use needs it: what is known of a learner is carried along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Asked:
    """An item that a learner is asked, or might be.

    Attributes:
        item: its name.
        skills: names of its skills; there may be none.
        time_s: when, in seconds since some fixed moment; None where that is not known.
    """

    item: str
    skills: tuple[str, ...] = ()
    time_s: float | None = None


@runtime_checkable
class Online(Protocol):
    """A tracer that takes in one more answer in a time that does not grow with the history.

    What it knows of a learner is `bytes`, which only the very same fitted model can read. Step by step it says what
    `predict` and `mastery` say of the whole log; names that `fit` did not see are allowed.
    """

    def start(self) -> bytes:
        """What is known of a learner who has not answered yet."""
        ...

    def update(self, state: bytes, asked: Asked, correct: int) -> bytes:
        """What is known after one more answer."""
        ...

    def expect(self, state: bytes, asked: Sequence[Asked]) -> NDArray[np.float64]:
        """The probability that the next answer is right, for each item that it might be to; shape (len(asked),)."""
        ...

    def masteries(self, state: bytes, of: Asked | None = None) -> Mapping[str, float]:
        """How well each skill is known now: those of training, and those that the learner practised beside them.

        Args:
            state: what is known.
            of: only the skills as which an answer to this is read.
        """
        ...


@runtime_checkable
class ExpectsAsItTakes(Protocol):
    """A tracer with `Online` that says what it expected of an answer while it takes it in, at the cost of one step."""

    def step(self, state: bytes, asked: Asked, correct: int) -> tuple[float, bytes]:
        """What `expect` says of this answer, and what `update` gives."""
        ...


def step(tracer: Online, state: bytes, asked: Asked, correct: int) -> tuple[float, bytes]:
    """What is expected of an answer before it comes, and what is known after it."""
    if isinstance(tracer, ExpectsAsItTakes):
        return tracer.step(state, asked, correct)
    return float(tracer.expect(state, [asked])[0]), tracer.update(state, asked, correct)
