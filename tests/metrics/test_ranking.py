import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attain.metrics.compare import compare
from attain.metrics.discover import find
from attain.testing.small_lists import lists, value

ANN_AND_BOB = lists({"ann": "abcd", "bob": "efgh"}, {"ann": "bdx", "bob": "h"})
"""Ann: two of three relevant items, at ranks 2 and 4; Bob: one of one, at rank 4."""


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("list_recall@4", (2 / 3 + 1) / 2),
        ("list_recall@3", (1 / 3 + 0) / 2),
        ("list_precision@4", (2 / 4 + 1 / 4) / 2),
        ("list_precision@10", (2 / 10 + 1 / 10) / 2),
        ("hit_rate@3", 1 / 2),
        ("mrr@4", (1 / 2 + 1 / 4) / 2),
        ("mrr@3", (1 / 2 + 0) / 2),
        ("map@4", ((1 / 2 + 2 / 4) / 3 + (1 / 4) / 1) / 2),
        ("map@2", ((1 / 2) / 2 + 0) / 2),
        (
            "ndcg@4",
            ((1 / math.log2(3) + 1 / math.log2(5)) / (1 + 1 / math.log2(3) + 1 / math.log2(4)) + (1 / math.log2(5)) / 1)
            / 2,
        ),
    ],
)
def test_a_table_worked_by_hand(metric: str, expected: float) -> None:
    assert value(ANN_AND_BOB, metric).value == pytest.approx(expected)


def test_lists_that_are_all_empty_are_worth_nothing_and_not_unknown() -> None:
    nothing = lists({"ann": "", "bob": ""}, {"ann": "lekdj", "bob": "lh"})
    assert {
        value(nothing, f"{m}@1").value for m in ("list_recall", "list_precision", "hit_rate", "mrr", "map", "ndcg")
    } == {0}


worlds = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@settings(deadline=None, max_examples=40)
@given(worlds, st.integers(1, 12))
def test_values_are_those_of_a_loop_over_learners(generator: np.random.Generator, k: int) -> None:
    letters = np.array(list("abcdefghijkl"))
    listed, relevant = {}, {}
    for unit in map(str, range(int(generator.integers(1, 8)))):
        listed[unit] = "".join(generator.permutation(letters)[: generator.integers(0, 13)])
        relevant[unit] = "".join(generator.permutation(letters)[: generator.integers(1, 6)])
    table = lists(listed, relevant, depth=12)
    found = {
        m: value(table, f"{m}@{k}").value for m in ("list_recall", "list_precision", "hit_rate", "mrr", "map", "ndcg")
    }
    sums = dict.fromkeys(found, 0.0)
    for unit, own in relevant.items():
        gains = [float(item in own) for item in listed[unit][:k]]
        hits, best = sum(gains), min(k, len(own))
        sums["list_recall"] += hits / len(own)
        sums["list_precision"] += hits / k
        sums["hit_rate"] += hits > 0
        sums["mrr"] += max((g / (r + 1) for r, g in enumerate(gains)), default=0)
        sums["map"] += sum(g * sum(gains[: r + 1]) / (r + 1) for r, g in enumerate(gains)) / best
        ideal = sum(1 / math.log2(r + 2) for r in range(best))
        sums["ndcg"] += sum(g / math.log2(r + 2) for r, g in enumerate(gains)) / ideal
    for name, total in sums.items():
        assert found[name] == pytest.approx(total / len(relevant)), name


@given(worlds)
def test_the_best_list_has_gain_1_and_the_order_within_relevant_items_does_not_matter(
    generator: np.random.Generator,
) -> None:
    items = "".join(generator.permutation(list("abcde")))
    table = lists({"ann": items + "fgh"}, {"ann": "abcde"})
    assert value(table, "ndcg@5").value == pytest.approx(1)
    assert value(table, "map@5").value == pytest.approx(1)


def test_intervals_come_from_resampled_learners() -> None:
    generator = np.random.default_rng(0)
    listed = {str(i): "abcd" for i in range(200)}
    relevant = {str(i): "a" if generator.random() < 0.3 else "x" for i in range(200)}
    found = value(lists(listed, relevant), "hit_rate@4", replicates=2000)
    share = sum(own == "a" for own in relevant.values()) / 200
    half = 1.96 * math.sqrt(share * (1 - share) / 200)
    assert found.low is not None
    assert found.high is not None
    assert found.low == pytest.approx(share - half, abs=0.01)
    assert found.high == pytest.approx(share + half, abs=0.01)
    assert found.n_units == 200


def test_lists_that_are_less_deep_than_asked_for_give_no_value() -> None:
    found = value(lists({"ann": "abc"}, {"ann": "b"}, depth=3), "ndcg@5")
    assert found.value is None
    assert "lists are 3 deep" in found.reason


def test_a_depth_beyond_the_catalogue_is_as_deep_as_can_be() -> None:
    assert value(lists({"ann": "abcdefghijkl"}, {"ann": "l"}, depth=12), "list_recall@50").value == 1


def test_an_empty_list_counts_as_no_hit() -> None:
    assert value(lists({"ann": "", "bob": "a"}, {"ann": "a", "bob": "a"}), "hit_rate@5").value == 0.5


def test_novelty_is_in_bits_and_leaves_out_what_nobody_took() -> None:
    shares = {"a": 0.5, "b": 0.25, "c": 0.0, "x": 0.1}
    found = value(lists({"ann": "abc"}, {"ann": "x"}, taken_share=shares), "novelty@3")
    assert found.value == pytest.approx((1 + 2) / 2)
    assert found.note == "only 1 learner; 1 of 3 listed items left out: nobody took them in training"


def test_popularity_bias_is_the_divergence_from_the_learner_s_own_habits() -> None:
    groups = {"a": 0, "b": 0, "c": 1, "d": 2, "x": 2}
    habit: dict[str, Any] = {"history_head": 0.5, "history_middle": 0.25, "history_tail": 0.25}
    alike = lists({"ann": "abcd"}, {"ann": "x"}, popularity_group=groups, **habit)
    assert value(alike, "popularity_bias@4").value == pytest.approx(0)
    only_head = value(alike, "popularity_bias@2").value
    p, q, m = (0.5, 0.25, 0.25), (1.0, 0.0, 0.0), (0.75, 0.125, 0.125)
    expected = sum(a * math.log2(a / c) for a, c in zip(p, m, strict=True)) / 2 + math.log2(1 / 0.75) / 2
    assert only_head == pytest.approx(expected)
    assert sum(q) == 1
    apart = lists(
        {"ann": "d"}, {"ann": "x"}, popularity_group=groups, history_head=1.0, history_middle=0.0, history_tail=0.0
    )
    assert value(apart, "popularity_bias@1").value == pytest.approx(1)


def test_a_learner_without_history_has_no_habits() -> None:
    none: dict[str, Any] = {f"history_{name}": np.nan for name in ("head", "middle", "tail")}
    found = value(lists({"ann": "a"}, {"ann": "x"}, popularity_group=0, **none, known=1), "popularity_bias@1")
    assert found.value is None


def test_models_are_compared_on_the_learners_that_both_listed_for() -> None:
    relevant = {str(i): "a" for i in range(40)}
    good = lists({str(i): "abc" for i in range(40)}, relevant)
    bad = lists({str(i): "bca" if i % 2 else "abc" for i in range(40)}, relevant)
    found = compare(good, bad, [find("mrr@3")], names=("good", "bad"))[0]
    assert found.n_units == 40
    assert found.difference == pytest.approx(1 - (1 + 1 / 3) / 2)
    assert found.clear


def test_a_learner_with_other_relevant_items_is_left_out_of_a_comparison() -> None:
    a = lists({"ann": "a", "bob": "a"}, {"ann": "a", "bob": "b"})
    b = lists({"ann": "b", "bob": "b"}, {"ann": "a", "bob": "c"})
    found = compare(a, b, [find("hit_rate@1")])[0]
    assert (found.n_units, found.dropped) == (1, 1)
