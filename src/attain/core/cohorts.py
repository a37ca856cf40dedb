"""What may be shown of cohorts: groups of learners so small that a number says something of one person are hidden."""

from collections.abc import Mapping
from typing import TypeVar

UNKNOWN = "(unknown)"
"""The cohort of learners of whom an attribute is not known."""

SMALLEST = 10
"""Counts of fewer learners, and values on them, are not shown."""

K = TypeVar("K")


def hidden(counts: Mapping[K, int], smallest: int = SMALLEST) -> tuple[set[K], set[K]]:
    """Which of the counts that make up a known total are too small to be shown, and which must be hidden with them.

    The total and the counts that are shown give away the sum of the hidden ones. Where that is under `smallest`
    itself, or the most that they can be together, the least of the others (if there is one) is hidden too; and where
    that one is known to take all of the sum but one learner each, the next.

    >>> hidden({"F": 40, "M": 52, "X": 3})
    ({'X'}, {'F'})
    """
    small = {name for name, count in counts.items() if count < smallest}
    large = sorted((name for name in counts if name not in small), key=counts.__getitem__)
    left = sum(counts[name] for name in small)
    with_them: set[K] = set()
    known = 0 < left < smallest or 0 < left == len(small) * (smallest - 1)
    while large and known:
        left += counts[large[0]] - smallest
        with_them.add(large.pop(0))
        known = left <= len(small)
    return small, with_them
