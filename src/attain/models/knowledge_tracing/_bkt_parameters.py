"""What a Bayesian tracer learned: parameters of skills, and of classes within them, found by names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.data.interactions import Interactions, Names, SkillRows, recode
from attain.models._saved import Learned
from attain.models.knowledge_tracing._bkt_classes import By, keys_of_rows

Floats = NDArray[np.float64]
PLACES = {"learn": [1, 4], "guess": [2, 3]}
"""Places of learn and forget, and of guess and slip, in the order prior, learn, guess, slip, forget."""


@dataclass(frozen=True)
class Of:
    """Parameters of the classes of one kind.

    Attributes:
        by: what a class is.
        key: shape (n,), ascending, as `keys_of_rows` numbers them.
        values: shape (n, 2), learn and forget, or guess and slip.
    """

    by: By
    key: NDArray[np.int64]
    values: Floats


@dataclass(frozen=True)
class RowParameters:
    """The parameters of each of m rows.

    Attributes:
        values: shape (m, 5): prior, learn, guess, slip, forget.
        first: shape (m, 3), for a row that is a learner's first of its skill: the chance of a right answer, and of
            knowing once the answer is seen, where it is wrong, and where it is right. Shape (0, 3) where all of this
            follows from `values`.
    """

    values: Floats
    first: Floats


@dataclass(frozen=True)
class Parameters:
    """All parameters, by name.

    Attributes:
        skills: shape (n_skills,), names.
        items: names; empty where no class is of items.
        values: shape (n_skills + 1, 5): prior, learn, guess, slip, forget; the last row is for every other skill, and
            each row is for what has no class of its own.
        learn: the classes of learn and forget that differ from `values`, or None.
        guess: those of guess and slip, or None.
        first: shape (n_skills + 1, 3), see `RowParameters`; or None.
    """

    skills: Names
    values: Floats
    items: Names
    learn: Of | None = None
    guess: Of | None = None
    first: Floats | None = None

    def of_rows(self, rows: SkillRows, log: Interactions) -> RowParameters:
        """The parameters of each row; an unknown skill has the last row's, an unknown class its skill's."""
        skill = recode(rows.names, self.skills)[rows.skill]  # -1 is the last row
        values = self.values[skill]
        for name, places in PLACES.items():
            if (classes := getattr(self, name)) is None:
                continue
            key = keys_of_rows(classes.by, rows, log, self.skills, self.items)
            at = np.searchsorted(classes.key, key).clip(max=len(classes.key) - 1)
            found = np.flatnonzero(classes.key[at] == key)
            values[found[:, None], places] = classes.values[at[found]]
        return RowParameters(values, np.empty((0, 3)) if self.first is None else self.first[skill])

    @property
    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What is saved beside the names."""
        arrays: dict[str, NDArray[np.generic]] = {"parameters": self.values}
        for name in PLACES:
            if (classes := getattr(self, name)) is not None:
                arrays |= {name: classes.values, f"{name}_key": classes.key}
        if self.first is not None:
            arrays["first"] = self.first
        return arrays

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]], skills: Names, items: Names, by: Mapping[str, By]) -> Self:
        """What gave these `arrays`; `by` says what the classes of `learn` and of `guess` are."""
        classes = {
            name: Of(by[name], arrays[f"{name}_key"].astype(np.int64), arrays[name].astype(np.float64))
            for name in PLACES
            if name in arrays
        }
        first = arrays["first"].astype(np.float64) if "first" in arrays else None
        values = arrays["parameters"].astype(np.float64)
        return cls(skills, values, items, classes.get("learn"), classes.get("guess"), first)


@dataclass(frozen=True)
class Learners:
    """The parameters of each group of learners.

    Attributes:
        groups: at least one; the names are the same in all.
        share: shape (n_groups,), how likely a learner of whom nothing is known is of each.
    """

    groups: tuple[Parameters, ...]
    share: Floats

    @classmethod
    def all_alike(cls, parameters: Parameters) -> Self:
        """One group."""
        return cls((parameters,), np.ones(1))

    @property
    def values(self) -> Floats:
        """`Parameters.values`, the mean over learners."""
        values = np.stack([group.values for group in self.groups])
        return np.asarray(np.tensordot(self.share, values, axes=1), dtype=np.float64)

    def learned(self) -> Learned:
        """As arrays and names, to be saved."""
        numbered = ((number, group.arrays) for number, group in enumerate(self.groups))
        arrays = {f"group_{number}_{name}": array for number, own in numbered for name, array in own.items()}
        names = {"skills": self.groups[0].skills, "items": self.groups[0].items}
        return Learned({**arrays, "share": self.share}, names)

    @classmethod
    def of_learned(cls, saved: Learned, by: Mapping[str, By]) -> Self:
        """What `learned` gave; see `Parameters.of`."""
        share, groups = saved.arrays["share"].astype(np.float64), []
        for number in range(len(share)):
            start = f"group_{number}_"
            own = {name.removeprefix(start): array for name, array in saved.arrays.items() if name.startswith(start)}
            groups.append(Parameters.of(own, saved.names["skills"], saved.names["items"], by))
        return cls(tuple(groups), share)


def first_answers(rows: SkillRows, log: Interactions) -> Floats:
    """The share of right answers among the learners' first ones to each skill, shape (n_skills,); rows are of `log`."""
    seen = pd.Series(rows.skill.astype(np.int64) * len(log.learners) + log.learner[rows.answer])
    first = ~seen.duplicated().to_numpy()
    right = np.bincount(rows.skill[first], weights=log.correct[rows.answer][first])
    return np.asarray(right / np.bincount(rows.skill[first]))
