"""Which way a number is better."""

from typing import Literal

Direction = Literal["max", "min", "none"]
