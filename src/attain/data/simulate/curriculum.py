"""What is taught: skills in their order, what each builds on, and the items that practise them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.core.rng import rng


@dataclass(frozen=True, eq=False)
class Curriculum:
    """Skills in the order in which they are taught; a skill builds on some that come before it.

    Attributes:
        skills: names, shape (n_skills,).
        needs: how many direct prerequisites each skill has, shape (n_skills,).
        next_start: shape (n_skills + 1,), offsets into `next`.
        next: the skills that build directly on each.
        item_skill: shape (n_items,), ascending: the one skill that each item practises.
        seconds: shape (n_items,), how long an answer to it takes.
    """

    skills: NDArray[np.object_]
    needs: NDArray[np.int32]
    next_start: NDArray[np.int64]
    next: NDArray[np.int32]
    item_skill: NDArray[np.int32]
    seconds: NDArray[np.float32]

    @property
    def first_item(self) -> NDArray[np.int64]:
        """Where the items of each skill begin; shape (n_skills + 1,)."""
        return np.searchsorted(self.item_skill, np.arange(len(self.skills) + 1)).astype(np.int64)

    @classmethod
    def of(
        cls,
        skills: Sequence[str],
        edges: Sequence[tuple[int, int]] = (),
        *,
        items_per_skill: int = 1,
        seconds: float = 30.0,
    ) -> Self:
        """A curriculum from names and edges (what comes first, what builds on it), both by their place in the order.

        Raises:
            UserError: there is no skill, or an edge names one that is not there or does not go forward in the order.
        """
        n = len(skills)
        if not n:
            raise UserError("A curriculum needs at least one skill.")
        for before, after in edges:
            if not (0 <= before < n and 0 <= after < n):
                raise UserError(f"The prerequisite {before} of {after} names a skill that is not there; there are {n}.")
            if before >= after:
                raise UserError(
                    f"{skills[before]!r} cannot be a prerequisite of {skills[after]!r}, which comes before it: "
                    "put skills in an order in which each comes after what it builds on."
                )
        pairs = np.array(sorted(set(edges)), dtype=np.int64).reshape(-1, 2)
        n_items = n * items_per_skill
        return cls(
            skills=np.array(list(skills), dtype=object),
            needs=np.bincount(pairs[:, 1], minlength=n).astype(np.int32),
            next_start=np.searchsorted(pairs[:, 0], np.arange(n + 1)).astype(np.int64),
            next=pairs[:, 1].astype(np.int32),
            item_skill=np.repeat(np.arange(n, dtype=np.int32), items_per_skill),
            seconds=np.full(n_items, seconds, dtype=np.float32),
        )

    @classmethod
    def random(cls, skills: int, *, density: float = 0.15, items_per_skill: int = 1, seed: int = 0) -> Self:
        """Skills of which each builds on every earlier one within reach with a probability; at most three of them."""
        generator = rng(seed, "curriculum")
        edges = []
        for after in range(1, skills):
            earlier = np.arange(max(0, after - 8), after)
            chosen = earlier[generator.random(len(earlier)) < density]
            edges += [(int(before), after) for before in chosen[-3:]]
        names = [f"skill {i + 1:02}" for i in range(skills)]
        return cls.of(names, edges, items_per_skill=items_per_skill)
