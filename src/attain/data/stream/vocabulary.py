"""Names that get their codes as they appear, read from the bytes of texts without an object for each."""

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.data.stream.plain import bytes_of_texts

_FEW = 1 << 10
_LOWER, _UPPER = (1 << 32) - 1, -(1 << 32)
"""The halves of 64 bits."""


class Vocabulary:
    """Distinct texts, each with a code from 0; a text with blanks at its ends means the one without."""

    def __init__(self) -> None:
        """Without any text."""
        self._texts: list[str] = []
        self._meant = np.zeros(0, dtype=np.int32)
        self._blanks = False
        self._last: tuple[pa.Array, NDArray[np.int32]] | None = None
        self._place = np.zeros(_FEW, dtype=np.int64)
        """A hash table of the codes: each entry has the upper half of a text's hash, and its code + 1; 0 is free."""
        self._content, self._start = np.zeros(_FEW, dtype=np.uint8), np.zeros(_FEW, dtype=np.int64)
        """The bytes of all texts, and where each begins."""

    def __len__(self) -> int:
        return len(self._texts)

    def codes(self, cells: pa.Array) -> NDArray[np.int32]:
        """The codes of cells, of which none is null, as they stand: with blanks at their ends they are others.

        Args:
            cells: texts, codes into a dictionary of texts, or whole numbers.
        """
        if pa.types.is_string(cells.type):
            return self._of_texts(cells)
        if not pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_encode()
        if self._last is None or not cells.dictionary.equals(self._last[0]):  # parts of a file have one in common
            self._last = cells.dictionary, self._of_texts(cells.dictionary.cast(pa.string()))
        code: NDArray[np.int32] = self._last[1][cells.indices.to_numpy()]
        return code

    def meant(self, code: NDArray[np.int32]) -> tuple[NDArray[np.int32], int]:
        """The codes of the texts without blanks at their ends, and how many cells had some."""
        if not self._blanks:
            return code, 0
        meant = self._meant[code]
        return meant, int((meant != code).sum())

    @property
    def texts(self) -> NDArray[np.object_]:
        """All of them, by code."""
        return np.array(self._texts, dtype=object)

    def _of_texts(self, texts: pa.StringArray) -> NDArray[np.int32]:
        out = np.empty(len(texts), dtype=np.int32)
        content, start = bytes_of_texts(texts)
        count, row = len(self), 0
        while row < len(out):
            self._make_room(count, int(start[row + 1] - start[row]))
            row, count = _coded(content, start, self._place, self._content, self._start, count, out, row)
        if count > len(self):
            self._learn(count)
        return out

    def _learn(self, count: int) -> None:
        """Make texts of the codes below `count` that are new, and find what those with blanks mean."""
        known = len(self)
        start = self._start[known : count + 1]
        content = self._content[start[0] : start[-1]].tobytes()
        fresh = [content[begin:end].decode() for begin, end in pairwise((start - start[0]).tolist())]
        self._texts += fresh
        self._meant = np.concatenate([self._meant, np.arange(known, count, dtype=np.int32)])
        stripped = list(map(str.strip, fresh))
        if stripped != fresh:
            self._blanks = True
            meant = self._of_texts(pa.array(stripped, pa.string()))
            self._meant[known:count] = meant

    def _make_room(self, count: int, size: int) -> None:
        """Room for one more text of some bytes, and for many if there is none."""
        if 2 * count >= len(self._place):
            self._place = _spread(self._place)
        if count + 1 >= len(self._start):
            self._start = _doubled(self._start, 0)
        if self._start[count] + size > len(self._content):
            self._content = _doubled(self._content, size)


def _doubled(array: NDArray[Any], more: int) -> NDArray[Any]:  # of whatever it holds
    return np.concatenate([array, np.zeros(len(array) + more, dtype=array.dtype)])


@compiled
def _coded(
    content: NDArray[np.uint8],
    start: NDArray[np.int32],
    place: NDArray[np.int64],
    kept: NDArray[np.uint8],
    begins: NDArray[np.int64],
    count: int,
    out: NDArray[np.int32],
    row: int,
) -> tuple[int, int]:
    """Code the rows from `row` on until there is no room: the row that comes next, and how many texts there are."""
    while row < len(out):
        begin, size = start[row], start[row + 1] - start[row]
        mixed = np.int64(-3750763034362895579)
        for at in range(begin, begin + size):  # FNV-1a
            mixed = (mixed ^ np.int64(content[at])) * 1099511628211
        mark = ((mixed ^ (mixed >> 32)) * -7046029254386353131) & _UPPER  # else a last letter moves too few bits
        slot, found = (mark >> 32) & (len(place) - 1), False
        while place[slot] != 0 and not found:
            if place[slot] & _UPPER == mark:
                code = (place[slot] & _LOWER) - 1
                found = begins[code + 1] - begins[code] == size
                for at in range(size):
                    found = found and kept[begins[code] + at] == content[begin + at]
                out[row] = code
            slot = (slot + 1) & (len(place) - 1)
        if not found:
            first = begins[count]
            if 2 * count >= len(place) or count + 1 >= len(begins) or first + size > len(kept):
                return row, count
            kept[first : first + size] = content[begin : begin + size]
            begins[count + 1] = first + size
            out[row] = count
            count += 1
            place[slot] = mark | count
        row += 1
    return row, count


@compiled
def _spread(place: NDArray[np.int64]) -> NDArray[np.int64]:
    """A hash table twice as large with the same entries."""
    out = np.zeros(2 * len(place), dtype=np.int64)
    for entry in place:
        if entry != 0:
            slot = (entry >> 32) & (len(out) - 1)
            while out[slot] != 0:
                slot = (slot + 1) & (len(out) - 1)
            out[slot] = entry
    return out
