"""Lists of items read from the rows of a table of recommendation, up to a depth."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from attain.core.metric import Note, Statistic, Sums
from attain.core.table import Rows
from attain.metrics._answers import counted_note, ratio


@dataclass(frozen=True, eq=False)
class Lists:
    """The first k places of each learner's list.

    Attributes:
        rows: the table.
        k: how deep.
        listed: shape (n_listed,), the rows that are among the first k.
        relevant: shape (n_units,), how many relevant items each learner has, listed or not.
        short: why there are no first k: "" where there are.
    """

    rows: Rows
    k: int
    listed: NDArray[np.int64]
    relevant: NDArray[np.int64]
    short: str

    @classmethod
    def of(cls, rows: Rows, k: int) -> "Lists":
        """The first k places; none where lists were made less deep than that although there were more items."""
        depth = int(rows.numbers("depth").min()) if len(rows) else k
        enough = depth >= k or depth >= int(rows.numbers("n_items").max())
        short = "" if enough else f"lists are {depth} deep, and this looks at {k}: set `depth` in `split` of the suite"
        rank = rows["rank"].astype(np.float32, copy=False)
        listed = np.flatnonzero(rank <= k)  # NaN, not listed, is not
        relevant = np.bincount(rows.unit[rows["target"] == 1], minlength=rows.n_units)
        return cls(rows, k, listed, relevant, short)

    @cached_property
    def _hit(self) -> NDArray[np.int64]:
        hit: NDArray[np.bool_] = self.rows["target"][self.listed] == 1
        return self.listed[hit]

    @cached_property
    def hit_unit(self) -> NDArray[np.int32]:
        """The learner of each relevant item among the first k."""
        return self.rows.unit[self._hit]

    @cached_property
    def hit_rank(self) -> NDArray[np.int64]:
        """Its rank."""
        return self.rows["rank"][self._hit].astype(np.int64)

    @cached_property
    def hits(self) -> NDArray[np.int64]:
        """How many relevant items are among each learner's first k; shape (n_units,)."""
        return np.bincount(self.hit_unit, minlength=self.rows.n_units)

    def mean(
        self, values: NDArray[np.float64], *, among: NDArray[np.bool_] | None = None, left_out: str = ""
    ) -> Statistic:
        """The mean of a value of each learner.

        Args:
            values: shape (n_units,).
            among: shape (n_units,), the learners that have one; those with a relevant item where not given.
            left_out: what is said of the others, `learners left out: because`.
        """
        everyone = self.relevant > 0
        here = everyone if among is None else among & everyone
        by_unit = np.column_stack([np.where(here, values, 0), here]) * (not self.short)
        said = _note(everyone & ~here, everyone, left_out)
        return Sums(by_unit.astype(float), ratio, self.short or "no learner has a list", said, here.astype(np.int64))

    def mean_of_listed(self, values: NDArray[np.float64], *, left_out: str = "") -> Statistic:
        """The mean over learners of the mean over their first k items.

        Args:
            values: shape (n_rows,), of each row; NaN for an item that has none.
            left_out: what is said of those, `listed items left out: because`.
        """
        own, unit = values[self.listed], self.rows.unit[self.listed]
        known = ~np.isnan(own)
        count = np.bincount(unit[known], minlength=self.rows.n_units)
        total = np.bincount(unit[known], own[known], self.rows.n_units)
        here = count > 0
        by_unit = np.column_stack([total / np.maximum(count, 1), here]) * (not self.short)
        said = _note(np.bincount(unit[~known], minlength=len(here)), np.bincount(unit, minlength=len(here)), left_out)
        return Sums(by_unit, ratio, self.short or "no listed item has a value", said, count)


def _note(part: NDArray[np.generic], whole: NDArray[np.generic], words: str) -> Note:
    what, _, because = words.partition(": ")
    return counted_note(part.astype(float), whole.astype(float), what, because)
