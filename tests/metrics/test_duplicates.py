from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attain.metrics.discover import find
from attain.metrics.duplicates import GRAM, near_others
from attain.metrics.evaluate import evaluate

from .conftest import Pieces, ValueOf

TEXTS = st.lists(st.text(alphabet="ab ", max_size=30), unique=True, max_size=14)


def grams(text: str) -> set[str]:
    return {text[k : k + GRAM] for k in range(max(len(text) - GRAM + 1, 1))} if text else set()


def alike(a: str, b: str, above: float) -> bool:
    both, either = grams(a) & grams(b), grams(a) | grams(b)
    return bool(either) and len(both) / len(either) > above


@settings(deadline=None)
@given(TEXTS, st.sampled_from([0.1, 0.5, 2 / 3, 0.8, 0.95]))
def test_near_texts_are_those_of_every_pair(texts: list[str], above: float) -> None:
    expected = np.zeros(len(texts), dtype=bool)
    for i, j in combinations(range(len(texts)), 2):
        if alike(texts[i], texts[j], above):
            expected[[i, j]] = True
    assert near_others(texts, above).tolist() == expected.tolist()


@settings(deadline=None)
@given(TEXTS, TEXTS, st.sampled_from([0.3, 0.8]))
def test_across_two_sets_only_pairs_of_one_of_each_count(first: list[str], second: list[str], above: float) -> None:
    expected = [any(alike(a, b, above) for b in second) for a in first]
    expected += [any(alike(a, b, above) for a in first) for b in second]
    assert near_others([*first, *second], above, across=len(first)).tolist() == expected


def test_copies_are_told_whatever_the_case_and_the_signs_but_not_by_another_operator(
    pieces: Pieces, value_of: ValueOf
) -> None:
    table = pieces(["What is 3 + 4?", "what is 3+4", "What is 3 - 4?", "?!", "?!", None])
    assert value_of("exact_duplicate_share", table) == pytest.approx(4 / 5)


def test_a_piece_with_one_word_changed_is_nearly_another(pieces: Pieces, value_of: ValueOf) -> None:
    long = "Which process do green plants use to turn the light of the sun into the energy that they live on?"
    table = pieces([long, long.replace("green", "some"), "What is a fraction?", None])
    assert value_of("exact_duplicate_share", table) == 0
    assert value_of("near_duplicate_share", table) == pytest.approx(2 / 3)
    assert value_of("near_duplicate_share[0.95]", table) == 0


@given(st.lists(st.text(alphabet="ab c?", max_size=12), min_size=1, max_size=8))
def test_every_exact_copy_is_a_near_one(pieces: Pieces, value_of: ValueOf, texts: list[str]) -> None:
    table = pieces(texts)
    exact, near = value_of("exact_duplicate_share", table), value_of("near_duplicate_share", table)
    assert np.isnan(exact) == np.isnan(near)
    assert not exact > near


def test_a_piece_that_is_the_reference_of_another_prompt_was_copied_too(pieces: Pieces, value_of: ValueOf) -> None:
    table = pieces(["What is a cell?", "Who lives here?"], references=[["Name a plant."], ["What is a cell"]])
    assert value_of("reference_copy_share", table) == pytest.approx(1 / 2)


def test_the_longest_copied_span_by_hand(pieces: Pieces, value_of: ValueOf) -> None:
    passage = "Plants turn light into energy. Light is what plants need."
    table = pieces(["What turns light into energy?", "Why?", None], passage=[passage, passage, passage])
    assert value_of("longest_copied_span", table) == pytest.approx((3 + 0) / 2)  # light into energy


@given(st.lists(st.sampled_from("abc"), max_size=10), st.lists(st.sampled_from("abc"), min_size=1, max_size=12))
def test_the_longest_copied_span_is_that_of_every_pair_of_places(
    pieces: Pieces, value_of: ValueOf, own: list[str], source: list[str]
) -> None:
    table = pieces(["x", " ".join([*own, "x"])], references=[[], [" ".join(source)]])
    spans = [
        length
        for i in range(len(own))
        for j in range(len(source))
        for length in range(1, len(own) - i + 1)
        if own[i : i + length] == source[j : j + length]
    ]
    assert value_of("longest_copied_span[references]", table) == max(spans, default=0)


@pytest.mark.parametrize("identity", ["exact_duplicate_share", "near_duplicate_share"])
def test_one_piece_is_no_copy_and_none_at_all_have_no_share(pieces: Pieces, identity: str) -> None:
    assert evaluate(pieces(["а б в"]), [find(identity)], replicates=0)[0].value == 0
    (value,) = evaluate(pieces([None, None]), [find(identity)], replicates=0)
    assert (value.value, value.reason) == (None, "no piece was delivered")


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        ("reference_copy_share", "no prompt has a reference"),
        ("longest_copied_span[references]", "their prompts have no references"),
    ],
)
def test_without_a_source_nothing_is_copied_from_it(pieces: Pieces, identity: str, reason: str) -> None:
    (value,) = evaluate(pieces(["a b"], references=[[]]), [find(identity)], replicates=0)
    assert (value.value, value.reason) == (None, reason)
