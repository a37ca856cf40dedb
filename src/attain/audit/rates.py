"""The rates that an audit speaks of, each with its denominator and the sentence that keeps it from being misread."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import unknown

CELLS = ("true_positive", "false_positive", "false_negative", "true_negative")
"""The four counts of a cohort, in the order of all arrays here; *positive* is who was flagged."""


@dataclass(frozen=True)
class Rate:
    """A share of some people: those in `numerator` among those in `denominator`.

    Attributes:
        name: as in METRICS: `false_positive_rate`.
        numerator: the places in `CELLS` that are counted.
        denominator: the places among which they are counted.
        among: who they are counted among: "who did not have the outcome".
        counted: what is counted of them: "were flagged".
        undefined: why there is no rate where nobody is in the denominator.
        n_cells: how many counts a cohort has; more than `CELLS` where capacities stand side by side.
    """

    name: str
    numerator: tuple[int, ...]
    denominator: tuple[int, ...]
    among: str
    counted: str
    undefined: str
    n_cells: int = len(CELLS)

    @property
    def top(self) -> NDArray[np.float64]:
        """1 where a cell is in the numerator; shape (n_cells,)."""
        return np.isin(np.arange(self.n_cells), self.numerator).astype(np.float64)

    @property
    def bottom(self) -> NDArray[np.float64]:
        """1 where a cell is in the denominator; shape (n_cells,)."""
        return np.isin(np.arange(self.n_cells), self.denominator).astype(np.float64)


_FLAGGED = ((0, 1), "who were flagged", "nobody was flagged")
_UNFLAGGED = ((2, 3), "who were not flagged", "everybody was flagged")
_WITH = ((0, 2), "who had the outcome", "nobody had the outcome")
_WITHOUT = ((1, 3), "who did not have the outcome", "everybody had the outcome")
_ALL = ((0, 1, 2, 3), "of all", "there is nobody")


def _rate(name: str, numerator: tuple[int, ...], of: tuple[tuple[int, ...], str, str], counted: str) -> Rate:
    return Rate(name, numerator, of[0], of[1], counted, of[2])


RATES = {
    rate.name: rate
    for rate in (
        _rate("precision", (0,), _FLAGGED, "had the outcome"),
        _rate("recall", (0,), _WITH, "were flagged"),
        _rate("false_positive_rate", (1,), _WITHOUT, "were flagged"),
        _rate("false_negative_rate", (2,), _WITH, "were not flagged"),
        _rate("false_discovery_rate", (1,), _FLAGGED, "did not have the outcome"),
        _rate("false_omission_rate", (2,), _UNFLAGGED, "had the outcome"),
        _rate("selection_rate", (0, 1), _ALL, "were flagged"),
        _rate("prevalence", (0, 2), _ALL, "had the outcome"),
    )
}
"""By name. Precision and false-discovery rate, and recall and false-negative rate, make up 1 where they exist."""


def rates(names: Iterable[str]) -> tuple[Rate, ...]:
    """The rates of these names, in their order.

    Raises:
        UserError: a name is not that of a rate.
    """
    chosen = tuple(names)
    for name in chosen:
        if name not in RATES:
            raise unknown("rate", name, RATES)
    return tuple(RATES[name] for name in chosen)
