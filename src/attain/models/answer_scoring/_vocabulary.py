"""Texts as rows of weights: runs of words, each weighing more the fewer training texts have it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from attain.core.words import words


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """What the training texts are made of; other words are not seen.

    Attributes:
        terms: shape (n_terms,), runs of words joined by a blank, sorted.
        weight: shape (n_terms,), `1 + log((1 + texts) / (1 + texts with it))` (Spärck Jones 1972, smoothed).
        longest: words of the longest runs.
    """

    terms: NDArray[np.object_]
    weight: NDArray[np.float64]
    longest: int

    @classmethod
    def of(cls, texts: Sequence[str], *, longest: int, least: int) -> Self:
        """The runs of up to `longest` words that at least `least` of the texts have."""
        count = Counter(run for text in texts for run in set(_runs(text, longest)))
        terms = sorted(run for run, n in count.items() if n >= least)
        have = np.array([count[run] for run in terms], dtype=float)
        return cls(np.array(terms, dtype=object), 1 + np.log((1 + len(texts)) / (1 + have)), longest)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {str(term): at for at, term in enumerate(self.terms)}

    def rows(self, texts: Iterable[str]) -> sparse.csr_array:
        """A row of length 1 for each text, all 0 for one without a known word; shape (n_texts, n_terms).

        A run that stands there k times weighs 1 + log k times its weight.
        """
        place, data, column, start = self._place, list[float](), list[int](), [0]
        for text in texts:
            count = Counter(place[run] for run in _runs(text, self.longest) if run in place)
            own = (1 + np.log(np.array(list(count.values()), dtype=float))) * self.weight[list(count)]
            data += (own / np.sqrt((own**2).sum())).tolist()
            column += count
            start.append(len(column))
        shape = (len(start) - 1, len(self.terms))
        return sparse.csr_array((np.array(data), np.array(column, dtype=np.int64), np.array(start)), shape=shape)


def _runs(text: str, longest: int) -> list[str]:
    own = words(text)
    return [" ".join(own[i : i + n]) for n in range(1, longest + 1) for i in range(len(own) - n + 1)]
