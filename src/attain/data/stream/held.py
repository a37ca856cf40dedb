"""The columns of a block while it is read: as codes, numbers, or texts."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from attain.data.formats.columns import Column, coded
from attain.data.source import Source
from attain.data.stream import plain
from attain.data.stream.vocabulary import Vocabulary

_EXACT = 10**15
"""Whole numbers below are the same as floats, and read from text."""
Kind = Literal["name", "text", "number", "moment"]
"""What a column holds: names that are kept, texts that are forgotten with their block, numbers, or dates."""


def kinds_of(source: Source) -> dict[str, Kind]:
    """The columns that are read, and as what: numbers and times are no texts where nothing else needs them as such."""
    columns = source.columns
    time: Kind = "moment" if source.time_unit == "iso" else "number"
    roles: dict[str, set[Kind]] = {}
    for name, kind in ((columns.time, time), (columns.duration, "number"), (columns.order, "number")):
        if name is not None:
            roles.setdefault(name, set()).add(kind)
    forgotten = dict.fromkeys(("time", "duration", "order", "answer_id"))
    names = {*columns.model_copy(update=forgotten).named(), *source.traits()}
    found: dict[str, Kind] = dict.fromkeys(source.wanted(), "text")
    found |= {name: kinds.pop() for name, kinds in roles.items() if len(kinds) == 1 and name != columns.answer_id}
    return found | dict.fromkeys(names, "name")


@dataclass
class Held:
    """One column of the block that is being read, part by part.

    Attributes:
        kind: what it holds.
        vocabulary: of its names, where it holds such.
    """

    kind: Kind
    vocabulary: Vocabulary | None
    _codes: list[NDArray[np.int32]] = field(default_factory=list)
    _trimmed: int = 0
    _cells: list[pa.Array] = field(default_factory=list)
    """The cells of what may be needed as texts, for a later one may be no plain number."""
    _numbers: list[NDArray[np.float64] | None] = field(default_factory=list)

    def add(self, cells: pa.Array) -> None:
        """More rows."""
        if self.vocabulary is not None:
            code, trimmed = self.vocabulary.meant(self.vocabulary.codes(cells))
            self._codes.append(code)
            self._trimmed += trimmed
            return
        self._cells.append(cells)
        if self.kind != "text":
            self._numbers.append(_numbers(cells, self.kind))

    def numbers(self) -> NDArray[np.float64] | None:
        """The column as numbers; None where it is to be read as texts."""
        known = [values for values in self._numbers if values is not None]
        return np.concatenate(known) if known and len(known) == len(self._cells) else None

    def texts(self) -> Column:
        """The column as codes into texts."""
        if self.vocabulary is not None:
            return Column(np.concatenate(self._codes), self.vocabulary.texts, self._trimmed)
        alike = len({part.type for part in self._cells}) == 1
        cells = pa.chunked_array(self._cells if alike else [part.cast(pa.string()) for part in self._cells])
        found = cells.combine_chunks().dictionary_encode()
        texts = pa.DictionaryArray.from_arrays(found.indices, found.dictionary.cast(pa.string()))
        return coded(pa.chunked_array([texts]))


def _numbers(cells: pa.Array, kind: Kind) -> NDArray[np.float64] | None:
    """The cells as numbers; None where they are to be read as texts."""
    if not pa.types.is_integer(cells.type):
        return (plain.moments if kind == "moment" else plain.whole_numbers)(cells)
    ends = pa.compute.min_max(cells).as_py()
    exact = all(end is None or abs(end) < _EXACT for end in ends.values())
    return np.asarray(cells.cast(pa.float64()), dtype=np.float64) if exact and kind == "number" else None
