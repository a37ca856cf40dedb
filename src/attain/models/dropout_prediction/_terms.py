"""A sum of terms, each a table over one column or two: what an explainable boosting machine is once it is fitted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Term:
    """One table of log-odds.

    Attributes:
        columns: the one or two columns that it reads.
        cuts: for each of them ascending bounds; a value falls in the bin after the last bound that it reaches.
        odds: shape (bins,) or (bins, bins), of 1 + len(cuts) + 1 bins each; the first is for an unknown value.
    """

    columns: tuple[int, ...]
    cuts: tuple[Floats, ...]
    odds: Floats

    def __call__(self, x: Floats) -> Floats:
        """The log-odds that it adds to each row; shape (n,)."""
        bins = [
            np.where(np.isnan(x[:, column]), 0, 1 + np.searchsorted(cuts, x[:, column], side="right"))
            for column, cuts in zip(self.columns, self.cuts, strict=True)
        ]
        return np.asarray(self.odds[tuple(bins)])


@dataclass(frozen=True, eq=False)
class Terms:
    """Terms that add up, with `intercept`, to log-odds."""

    intercept: float
    terms: tuple[Term, ...]

    def __call__(self, x: Floats) -> Floats:
        """Probabilities, shape (n,)."""
        return np.asarray(expit(self.intercept + sum((term(x) for term in self.terms), np.zeros(len(x)))))

    def by_group(self, x: Floats, group: NDArray[np.int64]) -> Floats:
        """What each group of columns adds, shape (n, n_groups); a term of two columns is halved between them."""
        out = np.zeros((len(x), int(group.max(initial=-1)) + 1))
        for term in self.terms:
            for column in term.columns:
                out[:, group[column]] += term(x) / len(term.columns)
        return out

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """As it is saved."""
        out: dict[str, NDArray[np.generic]] = {"intercept": np.array(self.intercept)}
        for number, term in enumerate(self.terms):
            out |= {f"{number}.columns": np.array(term.columns), f"{number}.odds": term.odds}
            out |= {f"{number}.cuts.{axis}": cuts for axis, cuts in enumerate(term.cuts)}
        return out

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Self:
        """From what `arrays` gave."""
        terms = []
        for number in range(sum(name.endswith(".columns") for name in arrays)):
            columns = tuple(map(int, arrays[f"{number}.columns"]))
            cuts = tuple(arrays[f"{number}.cuts.{axis}"].astype(np.float64) for axis in range(len(columns)))
            terms.append(Term(columns, cuts, arrays[f"{number}.odds"].astype(np.float64)))
        return cls(float(arrays["intercept"]), tuple(terms))
