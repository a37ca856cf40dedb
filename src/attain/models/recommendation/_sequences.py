"""Histories as rows of tokens, for networks that read what a learner took in order. Needs torch."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from attain.data.choices import Choices

NONE = 0
"""The token of no item; item i has token i + 1."""
Tokens = NDArray[np.int64]


def latest(history: Choices, learners: NDArray[np.int32], length: int) -> Tokens:
    """The latest tokens of each learner, at the end of its row; shape (n_learners, length), `NONE` before them."""
    out = np.full((len(learners), length), NONE, dtype=np.int64)
    back = np.repeat(np.diff(history.learner_start), np.diff(history.learner_start)) - history.step
    near = back <= length
    row = np.searchsorted(learners, history.learner[near])
    out[row, length - back[near]] = history.item[near] + 1
    return out


def windows(log: Choices, length: int) -> Tokens:
    """All events in rows of at most `length + 1` tokens that belong to one learner, aligned at the end.

    Each row but a learner's first begins with the last token of the row before it, so that every event but a learner's
    first is the next one of some event.
    """
    counts = np.diff(log.learner_start)
    pieces = np.maximum(1, -(-(counts - 1) // length))
    owner = np.repeat(np.arange(len(counts)), pieces)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    end = counts[owner] - length * (pieces[owner] - 1 - number)  # in events of the learner
    at = end[:, None] - np.arange(length + 1, 0, -1)
    there = at >= 0
    place = (log.learner_start[owner][:, None] + at).clip(min=0)
    return np.where(there, log.item[place] + 1, NONE).astype(np.int64)


def batches(
    rows: Tokens, size: int, generator: np.random.Generator | None, *, ordered: bool = True
) -> Iterator[Tokens]:
    """Rows of like length together, without the empty columns in front; in random order where there is a generator.

    Where the order of events means nothing, each row's tokens are shuffled.
    """
    used = (rows != NONE).sum(axis=1)
    order = np.argsort(used, kind="stable")
    starts = np.arange(0, len(order), size)
    for start in starts if generator is None else generator.permutation(starts):
        batch = rows[order[start : start + size]]
        if not ordered and generator is not None:
            keys = np.where(batch == NONE, -1, generator.random(batch.shape))  # the empty ones stay in front
            batch = np.take_along_axis(batch, np.argsort(keys, axis=1, kind="stable"), axis=1)
        yield batch[:, -max(2, int(used[order[start : start + size]].max())) :]
