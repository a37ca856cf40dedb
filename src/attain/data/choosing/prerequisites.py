"""A graph of prerequisites without cycles."""

from collections.abc import Iterable
from typing import NamedTuple


class Acyclic(NamedTuple):
    """The edges that are kept, and those that would close a cycle."""

    kept: list[tuple[str, str]]
    cut: list[tuple[str, str]]


def acyclic(edges: Iterable[tuple[str, str]]) -> Acyclic:
    """The edges of a graph without those that would close a cycle.

    Edges are taken one by one in the order of their names (the item that comes first, then the other). One whose later
    item already leads back to its earlier one through edges that were taken is cut, and so is one from an item to
    itself. The result does not depend on the order of the file.

    >>> acyclic([("b", "c"), ("a", "b"), ("c", "a"), ("a", "a")]).cut
    [('a', 'a'), ('c', 'a')]
    """
    onward: dict[str, set[str]] = {}
    kept, cut = [], []
    for before, after in sorted(set(edges)):
        if _leads(onward, after, before):
            cut.append((before, after))
        else:
            onward.setdefault(before, set()).add(after)
            kept.append((before, after))
    return Acyclic(kept, cut)


def _leads(onward: dict[str, set[str]], start: str, end: str) -> bool:
    """Whether there is a way from `start` to `end`."""
    waiting, seen = [start], {start}
    while waiting:
        here = waiting.pop()
        if here == end:
            return True
        fresh = onward.get(here, set()) - seen
        seen |= fresh
        waiting += fresh
    return False
