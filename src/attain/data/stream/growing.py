"""Columns that grow on disk, as `numpy.save` would write them whole; and names that get their codes as they appear."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attain.core.fingerprint import bytes_of
from attain.data.formats.columns import Column
from attain.data.ordering import by_appearance

_BLOCK = 1 << 20


class GrowingColumn:
    """One column in a `.npy` file, which is open only while it is written to."""

    def __init__(self, path: Path, kind: np.dtype[Any]) -> None:
        """Begin an empty column."""
        self.path, self.kind, self.rows = path, kind, 0
        path.write_bytes(self._head())

    def add(self, values: NDArray[Any]) -> None:
        """More rows."""
        with self.path.open("ab") as file:
            file.write(bytes_of(values.astype(self.kind, copy=False)))
        self.rows += len(values)

    def close(self) -> None:
        """Write how many rows there are; NumPy leaves room for any number."""
        head = self._head()
        assert len(head) + self.rows * self.kind.itemsize == self.path.stat().st_size
        with self.path.open("r+b") as file:
            file.write(head)

    def blocks(self) -> Iterator[bytes]:
        """The bytes of the values, after it is closed."""
        with self.path.open("rb") as file:
            file.seek(self.path.stat().st_size - self.rows * self.kind.itemsize)
            while block := file.read(_BLOCK):
                yield block

    def _head(self) -> bytes:
        out = io.BytesIO()
        head = {"descr": self.kind.str, "fortran_order": False, "shape": (self.rows,)}
        np.lib.format.write_array_header_1_0(out, head)  # type: ignore[no-untyped-call]  # it has no types
        return out.getvalue()


class Vocabulary:
    """Distinct texts, each with a code from 0 in the order in which they came."""

    def __init__(self) -> None:
        """Without any text."""
        self._code: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._code)

    def recode(self, column: Column) -> NDArray[np.int32]:
        """The codes of a column's cells, its texts among all that came so far."""
        known = list(map(self._code.get, column.texts))
        for place in [place for place, code in enumerate(known) if code is None]:
            known[place] = self._code.setdefault(column.texts[place], len(self._code))
        own = np.array(known, dtype=np.int32)
        return own[column.code]

    @property
    def texts(self) -> NDArray[np.object_]:
        """All of them, by code."""
        return np.array(list(self._code), dtype=object)


class Recoded:
    """New codes that count only what occurs, in the order of first appearance."""

    def __init__(self, n_codes: int) -> None:
        """Nothing has occurred of so many codes."""
        self._new = np.full(n_codes, -1, dtype=np.int32)
        self.present: list[NDArray[np.integer]] = []
        """The codes that occurred, in that order, in parts."""
        self._count = 0

    def __call__(self, code: NDArray[np.int32]) -> NDArray[np.int32]:
        """The new codes of some rows."""
        place, found = by_appearance(code, len(self._new))
        fresh = found[self._new[found] < 0]
        self._new[fresh] = np.arange(self._count, self._count + len(fresh), dtype=np.int32)
        self._count += len(fresh)
        self.present.append(fresh)
        return np.asarray(self._new[found][place])

    def names(self, texts: NDArray[np.object_]) -> NDArray[np.object_]:
        """What occurred, by new code."""
        return texts[np.concatenate(self.present)] if self.present else texts[:0]
