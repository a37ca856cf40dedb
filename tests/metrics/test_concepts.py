import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.metrics.discover import find
from attain.metrics.evaluate import evaluate

from .conftest import Pieces, ValueOf

CONCEPTS = ["cell wall", "дробь", "x²"]


def test_coverage_by_hand(pieces: Pieces, value_of: ValueOf) -> None:
    texts = ["What is a Cell-Wall?", "What walls has a cell?", "Что такое ДРОБЬ?", None]
    table = pieces(texts, concept=["cell wall", "cell wall", "cell", "osmosis"])
    assert value_of("concept_coverage@1", table) == pytest.approx(2 / 3)  # cell wall, cell; not osmosis
    assert value_of("concept_coverage@2", table) == pytest.approx(1 / 3)  # cell is in the first and in the second
    assert value_of("off_curriculum_share", table) == pytest.approx(1 / 3)


@given(
    st.lists(st.tuples(st.sampled_from(CONCEPTS), st.lists(st.sampled_from(CONCEPTS), max_size=3)), min_size=1),
    st.integers(1, 3),
)
def test_coverage_is_a_plain_count(
    pieces: Pieces, value_of: ValueOf, many: list[tuple[str, list[str]]], k: int
) -> None:
    table = pieces([" or ".join(named) for _, named in many], concept=[concept for concept, _ in many])
    asked = {concept for concept, _ in many}
    enough = [concept for concept in asked if sum(concept in named for _, named in many) >= k]
    assert value_of(f"concept_coverage@{k}", table) == pytest.approx(len(enough) / len(asked))
    there = [set(named) & asked for _, named in many if named]
    expected = np.mean([not own for own in there]) if there else np.nan
    assert value_of("off_curriculum_share", table) == pytest.approx(expected, nan_ok=True)


def test_a_part_of_the_run_has_the_concepts_of_its_prompts(pieces: Pieces) -> None:
    table = pieces(["a", "b", "x"], concept=["a", "b", "c"])
    found = find("concept_coverage@1").statistic(table).at(np.array([[1.0, 1, 1], [0, 0, 1], [1, 1, 0], [0, 0, 0]]))
    assert found.tolist() == pytest.approx([2 / 3, 0, 1, np.nan], nan_ok=True)


@pytest.mark.parametrize("k", [1, 2])
def test_coverage_has_no_interval_for_a_piece_drawn_twice_is_not_two_pieces(pieces: Pieces, k: int) -> None:
    concepts = [f"c{n}" for n in range(6) for _ in range(2)]
    table = pieces([name if at % 3 else "" for at, name in enumerate(concepts)], concept=concepts)
    (value,) = evaluate(table, [find(f"concept_coverage@{k}")], replicates=100)
    assert value.value is not None
    assert (value.low, value.high) == (None, None)
    assert "no interval" in value.reason


def test_what_was_not_delivered_covers_nothing_and_it_is_said(pieces: Pieces) -> None:
    (value,) = evaluate(pieces([None], concept=["a"]), [find("concept_coverage@1")], replicates=0)
    assert value.value == 0
    assert "not delivered: 1 empty of 1 pieces; they name none" in value.note


@pytest.mark.parametrize("identity", ["concept_coverage@1", "off_curriculum_share"])
def test_without_concepts_there_is_no_value(pieces: Pieces, identity: str) -> None:
    (value,) = evaluate(pieces(["a"], concept=[""]), [find(identity)], replicates=0)
    assert (value.value, value.reason) == (None, "no prompt has a concept")
