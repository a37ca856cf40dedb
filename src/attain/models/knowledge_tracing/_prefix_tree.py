"""All learners' histories of right and wrong in a skill, as one tree of prefixes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class PrefixTree:
    """The histories of all skills; nodes sorted by skill, then by depth, so a parent precedes its children.

    Attributes:
        start: shape (n_skills + 1,), where each skill's nodes begin.
        parent: shape (n_nodes,), number of the history without its last answer, -1 for a first answer.
        right: shape (n_nodes,), the last answer, 0 or 1.
        count: shape (n_nodes,), how many sequences begin with this history.
        ends: shape (n_nodes,), how many are exactly this history.
    """

    start: NDArray[np.int64]
    parent: Ints
    right: NDArray[np.int8]
    count: Floats
    ends: Floats

    @property
    def columns(self) -> tuple[Ints, NDArray[np.int8], Floats]:
        """`parent`, `right` and `ends`."""
        return self.parent, self.right, self.ends

    @classmethod
    def grow(
        cls, skill: Ints, learner: Ints, correct: NDArray[np.int8], n_skills: int, *, together: bool = False
    ) -> "PrefixTree":
        """The tree of rows sorted by learner, then by time.

        Args:
            skill: shape (n_rows,), codes below `n_skills`.
            learner: shape (n_rows,).
            correct: shape (n_rows,), 0 or 1.
            n_skills: how many skills there are.
            together: read the histories of all skills as if they were of one and the same skill.
        """
        owner_of = np.zeros(n_skills, dtype=np.int32) if together else np.arange(n_skills, dtype=np.int32)
        parent, right, count, depth, owner = _insert(skill, learner, correct, owner_of)
        order = np.lexsort((depth, owner))
        place = np.empty(len(order) + 1, dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        place[-1] = -1
        moved, n = place[parent[order]], count[order].astype(float)
        ends = n - np.bincount(moved[moved >= 0], weights=n[moved >= 0], minlength=len(n))
        start = np.searchsorted(owner[order], np.arange((1 if together else n_skills) + 1)).astype(np.int64)
        return cls(start, moved, right[order], n, ends)


@compiled
def _insert(
    skill: Ints, learner: Ints, correct: NDArray[np.int8], owner_of: Ints
) -> tuple[Ints, NDArray[np.int8], Ints, Ints, Ints]:
    """Parent, answer, count, depth and owner of each node, in the order of first appearance."""
    n, n_skills = len(skill), len(owner_of)
    child = np.full((n + n_skills, 2), -1, dtype=np.int32)  # the last n_skills rows are the empty histories
    parent, count = np.empty(n, dtype=np.int32), np.zeros(n, dtype=np.int32)
    depth, owner = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    right = np.empty(n, dtype=np.int8)
    at = np.empty(n_skills, dtype=np.int32)
    seen_by = np.full(n_skills, -1, dtype=np.int64)
    size = 0
    for row in range(n):
        s = skill[row]
        if seen_by[s] != learner[row]:
            seen_by[s], at[s] = learner[row], n + owner_of[s]
        before = at[s]
        node = child[before, correct[row]]
        if node < 0:
            node = size
            size += 1
            child[before, correct[row]] = node
            root = before >= n
            parent[node] = -1 if root else before
            depth[node] = 0 if root else depth[before] + 1
            right[node], owner[node] = correct[row], owner_of[s]
        count[node] += 1
        at[s] = node
    return parent[:size], right[:size], count[:size], depth[:size], owner[:size]
