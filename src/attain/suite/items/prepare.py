"""First answers to items, as arrays: what all statistics of items are computed from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data.items import Item
from attain.data.responses import Responses

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Asked:
    """First answers of learners to items, learner by learner in order; n rows.

    Attributes:
        responses: the answers that these were taken from, and all others.
        row: shape (n,), rows of `responses`.
        learner: shape (n,), codes into `responses.log.learners`.
        item: shape (n,), codes into `names`.
        correct: shape (n,).
        names: shape (n_items,): the items that were answered, then those that were not.
        items: as many: what is known of them.
        listed: shape (n_items,), whether the table of items has them.
    """

    responses: Responses
    row: NDArray[np.int64]
    learner: NDArray[np.int64]
    item: NDArray[np.int64]
    correct: NDArray[np.int64]
    names: NDArray[np.object_]
    items: tuple[Item, ...]
    listed: NDArray[np.bool_]

    @property
    def generated(self) -> NDArray[np.bool_]:
        """Which items a generator made; shape (n_items,)."""
        return np.array([item.kind == "generated" for item in self.items], dtype=bool)

    def column(self, values: "NDArray[np.object_] | Floats | None") -> "NDArray[np.generic] | None":
        """A column of the responses for these answers."""
        return None if values is None else values[self.row]

    def cohort(self, attribute: str) -> NDArray[np.object_]:
        """The value of a cohort attribute for each answer; shape (n,)."""
        cohorts = self.responses.cohorts
        assert cohorts is not None
        return cohorts[attribute].to_numpy(dtype=object)[self.learner]


def asked(responses: Responses, items: Mapping[str, Item] | None) -> tuple[Asked, list[str]]:
    """The first answers, and sentences on what was left out or is not known.

    Args:
        responses: all answers.
        items: what is known of items; None where nothing is, and then all answered items are judged alike.

    Raises:
        UserError: none of the items is answered.
    """
    log = responses.log
    pairs = log.learner.astype(np.int64) * len(log.items) + log.item
    row = np.flatnonzero(~pd.Series(pairs).duplicated().to_numpy())
    remarks = []
    if again := len(log) - len(row):
        remarks.append(f"answers to an item that the learner had answered before do not count ({again:,})")
    names = [str(name) for name in log.items]
    known = items or {}
    if items is not None:
        found = sum(name in known for name in names)
        if not found:
            raise UserError(
                f"None of the {len(known):,} items is answered: their ids are like {next(iter(known))!r}, those of the "
                f"answers like {names[0]!r}."
            )
        if others := len(names) - found:
            first = next(name for name in names if name not in known)
            remarks.append(
                f"answered items that are not in the table of items count as written by people ({others:,}, such as "
                f"{first!r})"
            )
    answered = set(names)
    silent = [name for name in known if name not in answered]
    if silent:
        remarks.append(f"items of the table without an answer: {len(silent):,} (such as {silent[0]!r})")
    everything = [*names, *silent]
    listed = np.array([items is None or name in known for name in everything], dtype=bool)
    made = Asked(
        responses,
        row,
        log.learner[row].astype(np.int64),
        log.item[row].astype(np.int64),
        log.correct[row].astype(np.int64),
        np.array(everything, dtype=object),
        tuple(known.get(name, Item(name)) for name in everything),
        listed,
    )
    return made, remarks
