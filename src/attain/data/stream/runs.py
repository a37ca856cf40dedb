"""Rows sorted by learner on disk: blocks are sorted one by one, and read again some learners at a time."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attain.core.fingerprint import bytes_of
from attain.data.ordering import by_code, is_sorted

LEARNER = "learner"


@dataclass
class Runs:
    """Columns on disk in runs, each of them a block of rows sorted by learner.

    Attributes:
        folder: where they are written; theirs alone.
        kinds: the type of each column.
        rows_of: rows of each learner so far.
    """

    folder: Path
    kinds: dict[str, np.dtype[Any]] = field(default_factory=dict)
    rows_of: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    _starts: list[int] = field(default_factory=lambda: [0])

    def add(self, columns: Mapping[str, NDArray[Any]], n_learners: int) -> None:
        """Write a block.

        Args:
            columns: the same of every block; `learner` has codes.
            n_learners: all codes so far are below.
        """
        learner = columns[LEARNER]
        if not len(learner):
            return
        counts = np.bincount(learner, minlength=n_learners)
        counts[: len(self.rows_of)] += self.rows_of
        self.rows_of = counts
        order = None if is_sorted(learner) else by_code(learner, n_learners)
        for name, column in columns.items():
            self.kinds[name] = column.dtype
            with (self.folder / name).open("ab") as file:
                file.write(bytes_of(column if order is None else column[order]))
        self._starts.append(self._starts[-1] + len(learner))

    def chunks(self, rows: int) -> Iterator[tuple[int, int, dict[str, NDArray[Any]]]]:
        """All rows of some learners at a time, each learner's in the order in which they were added.

        Args:
            rows: at most so many at a time, or one learner's.

        Yields:
            The first code, the code after the last, and the columns.
        """
        edges = _edges(self.rows_of, rows)
        bounds = np.array([self._bounds(run, edges) for run in range(len(self._starts) - 1)])
        with ExitStack() as stack:
            files = {name: stack.enter_context((self.folder / name).open("rb", buffering=0)) for name in self.kinds}
            for number, (first, last) in enumerate(itertools.pairwise(edges.tolist())):
                start, end = bounds[:, number], bounds[:, number + 1]
                out = {name: np.empty(int((end - start).sum()), dtype=kind) for name, kind in self.kinds.items()}
                for name, column in out.items():
                    _fill(column, files[name], start, end)
                yield first, last, out

    def _bounds(self, run: int, edges: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where the learners of each chunk begin in a run."""
        start, end = self._starts[run], self._starts[run + 1]
        kind = self.kinds[LEARNER]
        learner = np.fromfile(self.folder / LEARNER, kind, count=end - start, offset=start * kind.itemsize)
        return start + np.searchsorted(learner, edges)


def _fill(column: NDArray[Any], file: Any, start: NDArray[np.int64], end: NDArray[np.int64]) -> None:  # a raw file
    """Read pieces of a file into a column, one after the other."""
    content, size, at = memoryview(bytes_of(column)), column.dtype.itemsize, 0
    for begin, stop in zip((start * size).tolist(), (end * size).tolist(), strict=True):
        file.seek(begin)
        while begin < stop:
            if not (got := file.readinto(content[at : at + stop - begin])):
                raise OSError(f"{file.name} is shorter than it was written")
            begin, at = begin + got, at + got


def _edges(rows_of: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    """Codes of learners at which chunks begin, and the code after the last."""
    ends = np.cumsum(rows_of)
    edges = [0]
    while edges[-1] < len(ends):
        before = 0 if edges[-1] == 0 else ends[edges[-1] - 1]
        edges.append(max(edges[-1] + 1, int(np.searchsorted(ends, before + rows, side="right"))))
    return np.array(edges, dtype=np.int64)
