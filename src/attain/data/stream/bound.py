"""How much memory preparing may take, and what follows: whether files are streamed, and how much is read at once."""

import math
import os
from dataclasses import dataclass

from attain.core.errors import UserError
from attain.data.stream.files import Files

VARIABLE = "ATTAIN_MEMORY_GB"
USUAL_GB = 2.0
LEAST_GB = 0.6

_FIXED = 440_000_000
"""Bytes that Python, the libraries, and what they keep for later take, however little is read at once."""
_PER_ROW = 500
"""Bytes that a row takes while its block or its learner's chunk is worked on, at most."""
_MOST_ROWS = 500_000
"""More rows at once are slower: their columns are in no cache, and the memory of each is got anew and cleared."""
_IN_MEMORY = 11
"""Bytes of memory for a byte of text that is read whole, about."""


@dataclass(frozen=True)
class Bound:
    """A bound of memory.

    Attributes:
        memory_gb: so much, for all but the names of learners and items.
        always: stream files that would fit, too.
        at_once: how many rows are worked on at once; as many as there is room for where not given.
    """

    memory_gb: float
    always: bool = False
    at_once: int | None = None

    @property
    def rows(self) -> int:
        """How many rows are worked on at once."""
        if self.at_once is not None:
            return self.at_once
        return max(1000, min(_MOST_ROWS, int((self.memory_gb * 1e9 - _FIXED) / _PER_ROW)))

    @property
    def whole_factor(self) -> int:
        """Bytes of memory for a byte of text that is read whole, about."""
        return _IN_MEMORY

    def bytes_for(self, rows: int) -> int:
        """The memory that streaming so many rows takes at most, but for names."""
        return _FIXED + _PER_ROW * min(rows, self.rows)

    def streams(self, files: Files) -> bool:
        """Whether these files are streamed: asked for, several, or too large to be read whole."""
        return self.always or files.several or files.text_size * _IN_MEMORY > self.memory_gb * 1e9


def bound(memory_gb: float | None = None, *, always: bool = False) -> Bound:
    """The bound that was asked for, else that of `ATTAIN_MEMORY_GB`, else 2 GB.

    Raises:
        UserError: it is no number, or too small to work in.
    """
    where, given = ("memory_gb", str(memory_gb)) if memory_gb is not None else (VARIABLE, os.environ.get(VARIABLE, ""))
    try:
        value = float(given) if given else USUAL_GB
    except ValueError:
        raise UserError(f"{where} is {given!r}; expected a number of gigabytes, such as 2.") from None
    if not LEAST_GB <= value < math.inf:
        raise UserError(f"{where} is {given}; preparing needs at least {LEAST_GB} GB.")
    return Bound(value, always)
