"""How an institution protects small groups, and the bounds of the method that pages tell of."""

from dataclasses import dataclass
from typing import Literal

from attain.core.cohorts import SMALLEST

Rounding = Literal["exact", "nearest_5"]
EDGE = 3
"""Fewer people than this on one side of a rate are not told apart."""
FEW_TIMES = 2
"""Among so many times the smallest number of learners that is shown, or more, they are."""
NOT_SHOWN = "not shown: too few people, or too few elsewhere could be worked out from it"


@dataclass(frozen=True)
class SuppressionRule:
    """How an institution protects small groups.

    Attributes:
        smallest: rates on fewer learners are hidden.
        rounding: `exact`, or `nearest_5`: counts to the nearest 5 and shares to whole per cents, as HESA publishes.
    """

    smallest: int = SMALLEST
    rounding: Rounding = "exact"

    def count(self, value: int) -> int:
        """A count as it may be shown.

        >>> SuppressionRule(rounding="nearest_5").count(12), SuppressionRule().count(12)
        (10, 12)
        """
        return value if self.rounding == "exact" else 5 * ((2 * value + 5) // 10)

    def share(self, value: float) -> float:
        """A share as it may be shown: four decimals, or whole per cents."""
        return round(value, 4 if self.rounding == "exact" else 2)
