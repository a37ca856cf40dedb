from graphlib import CycleError, TopologicalSorter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.data.choosing.prerequisites import acyclic

edges = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=20)


def _has_order(graph: list[tuple[str, str]]) -> bool:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for before, after in graph:
        sorter.add(after, before)
    try:
        sorter.prepare()
    except CycleError:
        return False
    return True


@given(edges)
def test_what_is_kept_has_no_cycle_and_each_edge_that_is_cut_would_close_one(graph: list[tuple[str, str]]) -> None:
    kept, cut = acyclic(graph)
    assert set(kept) | set(cut) == set(graph)
    assert _has_order(kept)
    for edge in cut:
        assert not _has_order([*kept, edge])


@given(edges, st.randoms())
def test_the_order_of_the_file_does_not_matter(graph: list[tuple[str, str]], random: object) -> None:
    shuffled = list(graph)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert acyclic(shuffled) == acyclic(graph)


@pytest.mark.parametrize("graph", [[], [("a", "b")], [("a", "b"), ("b", "c"), ("a", "c")]])
def test_a_graph_without_cycles_stays_whole(graph: list[tuple[str, str]]) -> None:
    assert acyclic(graph).cut == []
