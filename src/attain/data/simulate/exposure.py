"""Learners answer items that a tutor picked for them by ability, or by lot: a world to try item statistics on."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Exposed:
    """Answers, learner by learner in the order in which they were given, and the truth behind them.

    Attributes:
        learner: shape (n,), codes.
        item: shape (n,), codes.
        correct: shape (n,), 0 or 1.
        option: shape (n,), number of the chosen option; 0 is the right one.
        ability: shape (n_learners,), in logits, standard normal.
        difficulty: shape (n_items,), in logits.
        focal: shape (n_learners,), whether the learner belongs to the second of two cohorts.
    """

    learner: NDArray[np.int64]
    item: NDArray[np.int64]
    correct: NDArray[np.int8]
    option: NDArray[np.int64]
    ability: Floats
    difficulty: Floats
    focal: NDArray[np.bool_]


def exposed(
    rng: np.random.Generator,
    *,
    learners: int = 2000,
    items: int = 200,
    answers: int = 30,
    by: Literal["ability", "lot"] = "ability",
    width: float = 0.5,
    options: int = 4,
    difficulty: Floats | None = None,
    harder_for_focal: Floats | None = None,
) -> Exposed:
    """Draw a world where P(right) = expit(ability - difficulty).

    Args:
        rng: draws it.
        learners: how many.
        items: how many.
        answers: that each learner gives, each to another item.
        by: `ability`: items are drawn with chances that fall off with the distance of their difficulty from the
            learner's ability, as a normal density; `lot`: all alike.
        width: standard deviation of that density, in logits.
        options: of each item; wrong answers choose a distractor, the first twice as often as the second, and so on.
        difficulty: shape (items,); standard normal where not given.
        harder_for_focal: shape (items,), what is added to the difficulty for learners of the focal cohort.

    Raises:
        ValueError: there are fewer items than answers.
    """
    if answers > items:
        raise ValueError(f"A learner cannot answer {answers} of {items} items.")
    ability = rng.standard_normal(learners)
    b = rng.standard_normal(items) if difficulty is None else np.asarray(difficulty, dtype=np.float64)
    focal = rng.random(learners) < 0.5
    wish = rng.gumbel(size=(learners, items))
    if by == "ability":
        wish -= (b - ability[:, None]) ** 2 / (2 * width**2)
    item = np.argsort(-wish, axis=1)[:, :answers]
    item = rng.permuted(item, axis=1).ravel()
    learner = np.repeat(np.arange(learners), answers)
    harder = np.zeros(items) if harder_for_focal is None else harder_for_focal
    logit = ability[learner] - b[item] - np.where(focal[learner], harder[item], 0)
    correct = rng.random(len(logit)) < 1 / (1 + np.exp(-logit))
    falls = 0.5 ** np.arange(1, options)
    wrong = 1 + np.searchsorted(np.cumsum(falls / falls.sum())[:-1], rng.random(len(logit)), side="right")
    return Exposed(
        learner, item, correct.astype(np.int8), np.where(correct, 0, wrong), ability, b, focal
    )  # fmt: skip
