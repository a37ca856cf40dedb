"""Histories whose answers have classes, and a table of numbers for each kind of class.

Each answer points, by number, to the class whose guess and slip it has, and to the class whose learn and forget follow
it; each history to the class of its prior. Nothing of the size answers x classes is ever made.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.uint32]
"""Without a sign: compiled code then need not ask whether an index counts from the end."""
Offsets = NDArray[np.int64]
Flat = tuple[Floats, Floats, Floats]
"""`Tables` as compiled code reads them."""


@dataclass(frozen=True)
class Histories:
    """All answers sorted by skill, learner and time.

    Attributes:
        skill_start: shape (n_skills + 1,), where each skill's histories begin.
        start: shape (n_histories + 1,), where each history's answers begin.
        symbol: shape (n,), twice the class of guess and slip, and one more where the answer is right.
        move: shape (n,), the class of learn and forget.
        prior: shape (n_histories,), the class of the prior.
        learner: shape (n_histories,), whose history it is.
    """

    skill_start: Offsets
    start: Offsets
    symbol: Codes
    move: Codes
    prior: Codes
    learner: NDArray[np.int32]

    @property
    def columns(self) -> tuple[Offsets, Codes, Codes, Codes]:
        """`start`, `symbol`, `move` and `prior`."""
        return self.start, self.symbol, self.move, self.prior


@dataclass(frozen=True)
class Tables:
    """Numbers for each class: probabilities, or the expected events that they are fitted to.

    Attributes:
        prior: shape (n_prior, 2), of a state (0 is not known, 1 is known) before the first answer.
        move: shape (n_move, 2, 2), from a state to a state, after an answer.
        answer: shape (n_answer, 2, 2), of an answer (0 is wrong, 1 is right) and a state; given the state, where the
            numbers are probabilities.
    """

    prior: Floats
    move: Floats
    answer: Floats

    @classmethod
    def of(cls, prior: Floats, learn_forget: Floats, guess_slip: Floats) -> Self:
        """Probabilities from the parameters of each class; shapes (n_prior,), (n_move, 2) and (n_answer, 2)."""
        learn, forget = learn_forget.T
        guess, slip = guess_slip.T
        move = np.stack([1 - learn, learn, forget, 1 - forget], axis=-1).reshape(-1, 2, 2)
        answer = np.stack([1 - guess, slip, guess, 1 - slip], axis=-1).reshape(-1, 2, 2)
        return cls(np.stack([1 - prior, prior], axis=-1), move, answer)

    @property
    def parameters(self) -> tuple[Floats, Floats, Floats]:
        """What `of` takes."""
        learn, forget = self.move[:, 0, 1], self.move[:, 1, 0]
        guess, slip = self.answer[:, 1, 0], self.answer[:, 0, 1]
        return self.prior[:, 1], np.stack([learn, forget], axis=1), np.stack([guess, slip], axis=1)

    def copy(self) -> Self:
        """The same numbers in arrays of their own."""
        return type(self)(self.prior.copy(), self.move.copy(), self.answer.copy())


def flat(tables: Tables) -> Flat:
    """The same memory: one row a class of priors and of moves, and one a symbol."""
    return tables.prior, tables.move.reshape(-1, 4), tables.answer.reshape(-1, 2)
