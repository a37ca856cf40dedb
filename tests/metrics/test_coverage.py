import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attain.testing.small_lists import CATALOGUE, lists, value

SKILLS = {"a": "k", "b": "k~~l", "c": "m", "d": "", "x": "k"}


def test_coverage_is_the_share_of_the_catalogue_that_anyone_is_shown() -> None:
    table = lists({"ann": "abc", "bob": "bcd"}, {"ann": "x", "bob": "x"})
    assert value(table, "coverage@3").value == pytest.approx(4 / CATALOGUE)
    assert value(table, "coverage@1").value == pytest.approx(2 / CATALOGUE)


def test_coverage_has_no_interval_for_a_bootstrap_would_lie_below_it() -> None:
    table = lists({str(i): "abc" for i in range(30)}, {str(i): "x" for i in range(30)})
    found = value(table, "coverage@3", replicates=200)
    assert found.value == pytest.approx(3 / CATALOGUE)
    assert found.low is None
    assert "no interval" in found.reason


def test_gini_is_0_where_all_items_are_shown_alike_and_near_1_where_all_see_one() -> None:
    letters = "abcdefghijkl"
    even = lists({str(i): letters[i] for i in range(12)}, {str(i): "x" for i in range(12)})
    assert value(even, "gini@1").value == pytest.approx(0)
    one = lists({str(i): "a" for i in range(12)}, {str(i): "x" for i in range(12)})
    assert value(one, "gini@1").value == pytest.approx(1 - 1 / CATALOGUE)


def test_gini_is_the_mean_difference_between_items_over_twice_their_mean() -> None:
    table = lists({"ann": "abc", "bob": "abd", "eve": "a"}, {"ann": "x", "bob": "x", "eve": "x"})
    shown = [3, 2, 1, 1] + [0] * (CATALOGUE - 4)
    pairs = sum(abs(a - b) for a, b in itertools.product(shown, shown))
    assert value(table, "gini@3").value == pytest.approx(pairs / (2 * CATALOGUE * sum(shown)))


def test_skill_coverage_counts_each_skill_of_a_list_once() -> None:
    table = lists({"ann": "abd", "bob": "c"}, {"ann": "x", "bob": "x"}, skill=SKILLS, n_skills=5)
    assert value(table, "skill_coverage@3").value == pytest.approx((2 / 5 + 1 / 5) / 2)


def test_diversity_is_the_mean_jaccard_distance_of_the_skills() -> None:
    table = lists({"ann": "abc"}, {"ann": "x"}, skill=SKILLS, n_skills=5)
    assert value(table, "diversity_by_skill@3").value == pytest.approx((1 / 2 + 1 + 1) / 3)


def test_items_without_skills_and_lists_of_one_item_have_no_diversity() -> None:
    table = lists({"ann": "ad", "bob": "ac"}, {"ann": "x", "bob": "x"}, skill=SKILLS, n_skills=5)
    found = value(table, "diversity_by_skill@2")
    assert found.value == 1
    assert found.note == "only 1 learner; 1 of 2 learners left out: fewer than two listed items with skills"
    alone = value(lists({"ann": "a"}, {"ann": "x"}, skill=SKILLS, n_skills=5), "diversity_by_skill@2")
    assert alone.value is None


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1).map(np.random.default_rng))
def test_set_values_are_those_of_python_s_sets(generator: np.random.Generator) -> None:
    letters = list("abcdefghijkl")
    names = list("klmnop")
    sets = {item: {name for name in names if generator.random() < 0.4} for item in [*letters, "x"]}
    joined = {item: "~~".join(sorted(own)) for item, own in sets.items()}
    listed = {str(i): "".join(generator.permutation(letters)[:6]) for i in range(5)}
    table = lists(listed, dict.fromkeys(listed, "x"), skill=joined, n_skills=len(names))
    distances, covered = [], []
    for items in listed.values():
        own = [sets[item] for item in items if sets[item]]
        pairs = [1 - len(a & b) / len(a | b) for a, b in itertools.combinations(own, 2)]
        covered.append(len(set().union(*own)) / len(names))
        if pairs:
            distances.append(np.mean(pairs))
    assert value(table, "skill_coverage@6").value == pytest.approx(np.mean(covered))
    if distances:
        assert value(table, "diversity_by_skill@6").value == pytest.approx(np.mean(distances))
