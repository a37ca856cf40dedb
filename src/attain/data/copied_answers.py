"""Which judged answers stand in the training part too: word for word, or nearly."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.words import words
from attain.data.scored_answers import ScoredAnswers

NEARLY = 0.8
"""The share of three-word runs (of those that either answer has) from which two answers are nearly the same."""
_RUN = 3


@dataclass(frozen=True, eq=False)
class Copied:
    """What of some judged answers stands in the training part, as an answer to the same question.

    Attributes:
        verbatim: shape (n,), the same words in the same order (case, punctuation and blanks do not count).
        nearly: shape (n,), most of the same words, and not verbatim.
    """

    verbatim: NDArray[np.bool_]
    nearly: NDArray[np.bool_]

    @property
    def rows(self) -> NDArray[np.bool_]:
        """Either."""
        return self.verbatim | self.nearly

    def of(self, rows: NDArray[np.bool_]) -> "Copied":
        """Of some of them."""
        return Copied(self.verbatim[rows], self.nearly[rows])


def copied(train: ScoredAnswers, test: ScoredAnswers) -> Copied:
    """What of `test` is in `train`. Answers without a word are nobody's copy."""
    known: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    for question, text in zip(train.question.tolist(), train.response, strict=True):
        known[question].append(tuple(words(text)))
    runs = {question: [_runs(one) for one in texts] for question, texts in known.items()}
    verbatim, nearly = np.zeros(len(test), dtype=bool), np.zeros(len(test), dtype=bool)
    for row, (question, text) in enumerate(zip(test.question.tolist(), test.response, strict=True)):
        own = tuple(words(text))
        if own:
            verbatim[row], own_runs = own in known[question], _runs(own)
            nearly[row] = not verbatim[row] and any(_alike(own_runs, other) for other in runs.get(question, ()))
    return Copied(verbatim, nearly)


def _runs(text: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """All runs of three words; of a shorter text, itself."""
    return frozenset(text[i : i + _RUN] for i in range(max(1, len(text) - _RUN + 1)))


def _alike(a: frozenset[tuple[str, ...]], b: frozenset[tuple[str, ...]]) -> bool:
    return len(a & b) >= NEARLY * len(a | b)
