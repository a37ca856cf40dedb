"""Columns that grow on disk, as `numpy.save` would write them whole; and codes that count what occurs in them."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attain.core.fingerprint import bytes_of
from attain.data.ordering import appeared

_BLOCK = 1 << 20
_FEW = 1 << 10


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


class Recoded:
    """New codes that count only what occurs, in the order of first appearance."""

    def __init__(self) -> None:
        """Nothing has occurred."""
        self._new, self._old = np.full(_FEW, -1, dtype=np.int32), np.empty(_FEW, dtype=np.int32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __call__(self, code: NDArray[np.int32], n_codes: int) -> NDArray[np.int32]:
        """The new codes of some rows.

        Args:
            code: of the rows.
            n_codes: all codes so far are below.
        """
        if n_codes > len(self._new):
            more = np.full(2 * n_codes - len(self._new), -1, dtype=np.int32)
            self._new, self._old = np.concatenate([self._new, more]), np.concatenate([self._old, more])
        out, self._count = appeared(code, self._new, self._old, self._count)
        return out

    def names(self, texts: NDArray[np.object_]) -> NDArray[np.object_]:
        """What occurred, by new code."""
        return texts[self._old[: self._count]]
