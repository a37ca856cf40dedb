"""The scale that ratings are on."""

import re
from dataclasses import dataclass
from typing import Literal

from attain.core.errors import UserError

Kind = Literal["person", "model"]


@dataclass(frozen=True)
class Scale:
    """From the lowest to the highest value.

    >>> str(Scale.of("1-5")), Scale.of("0:1").high
    ('1-5', 1.0)
    """

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:g}-{self.high:g}"

    @classmethod
    def of(cls, text: str) -> "Scale":
        """From text such as `1-5`.

        Raises:
            UserError: it is not two numbers, the lower first.
        """
        match = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*[-:]\s*(-?\d+(?:\.\d+)?)\s*", text)
        if match is None or float(match[1]) >= float(match[2]):
            raise UserError(f"The scale {text!r} is not two numbers with the lower one first, such as 1-5.")
        return cls(float(match[1]), float(match[2]))
