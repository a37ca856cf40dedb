"""Mean ratings against a plain loop, and how often their intervals hold the truth."""

import numpy as np
import pytest
from numpy.typing import NDArray

from attain.metrics.rater_means import few_raters, rater_means, severities

NONE = np.nan
RATINGS = np.array([[[3, 2], [1, NONE], [NONE, NONE]], [[2, 2], [1, 1], [3, 1]]], dtype=float)
"""Two systems, three prompts, two raters."""


def judged(
    generator: np.random.Generator, raters: int, items: int = 50
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ratings of two systems, 0.5 apart, by raters of their own severity (sd 0.4)."""
    quality = generator.normal(3, 0.7, items) + np.array([[0.0], [0.5]])
    rated = quality[:, :, None] + generator.normal(0, 0.4, raters) + generator.normal(0, 0.5, (2, items, raters))
    return rated, quality


def test_a_mean_counts_every_rating_once_and_says_what_it_rests_on() -> None:
    first, second = rater_means(RATINGS, ["a", "b"], "clarity", replicates=200).means
    assert (first.value, first.n_ratings, first.n_items, first.n_raters) == (2.0, 3, 2, 2)
    assert second.value == pytest.approx(10 / 6)
    assert second.low is not None
    assert second.high is not None
    assert second.low < 10 / 6 < second.high


def test_a_difference_is_of_the_same_raters_on_the_same_prompts() -> None:
    (found,) = rater_means(RATINGS, ["a", "b"], "clarity", replicates=200).differences
    assert [found.a, found.b] == pytest.approx([2.0, 5 / 3])
    assert (found.n_units, found.dropped) == (2, 3)
    assert found.difference == pytest.approx(1 / 3)
    assert not found.clear


def test_the_replicates_are_those_of_a_plain_double_loop() -> None:
    generator = np.random.default_rng(3)
    rated = generator.normal(3, 1, (1, 12, 4))
    (found,) = rater_means(rated, ["a"], "d", replicates=4000).means
    plain = []
    for _ in range(4000):
        items, raters = generator.integers(0, 12, 12), generator.integers(0, 4, 4)
        plain.append(rated[0][np.ix_(items, raters)].mean())
    assert [found.low, found.high] == pytest.approx(np.quantile(plain, [0.025, 0.975]), abs=0.04)


def test_intervals_of_items_alone_are_too_narrow_and_three_raters_are_too_few_for_any() -> None:
    generator, truth = np.random.default_rng(0), 3.0
    held = {"naive": 0, "items": 0, "two-way": 0}
    times = 150
    for _ in range(times):
        rated = judged(generator, 3)[0][:1]
        (found,) = rater_means(rated, ["a"], "d", replicates=300).means
        assert found.low is not None
        assert found.high is not None
        held["two-way"] += found.low <= truth <= found.high
        by_item = rated[0].mean(axis=1)
        held["items"] += abs(by_item.mean() - truth) < 1.96 * by_item.std(ddof=1) / np.sqrt(50)
        held["naive"] += abs(rated.mean() - truth) < 1.96 * rated.std(ddof=1) / np.sqrt(150)
    share = {name: count / times for name, count in held.items()}
    assert share["naive"] < share["items"] < share["two-way"] < 0.92
    assert share["items"] < 0.75
    assert share["two-way"] > 0.7


def test_pairing_takes_the_raters_severity_out_of_a_difference() -> None:
    rated, _ = judged(np.random.default_rng(1), 5)
    found = rater_means(rated, ["a", "b"], "d")
    (apart,) = found.differences
    assert apart.clear
    assert apart.better == "b"
    assert apart.low is not None
    assert apart.high is not None
    assert apart.low < -0.5 < apart.high
    mean = found.means[0]
    assert mean.low is not None
    assert mean.high is not None
    assert apart.high - apart.low < mean.high - mean.low


def test_few_raters_are_said_and_one_has_no_interval() -> None:
    assert few_raters(5) == ""
    assert few_raters(3).startswith("3 raters: the true uncertainty is larger than the intervals say")
    assert few_raters(1).startswith("One rater: ")
    found = rater_means(RATINGS[:, :, :1], ["a", "b"], "clarity")
    assert [mean.low for mean in found.means] == [None, None]
    assert found.means[0].reason == "a single rater cannot tell how raters differ"
    assert found.differences[0].p is None


def test_a_system_without_ratings_has_no_mean_and_cannot_be_compared() -> None:
    ratings = RATINGS.copy()
    ratings[0] = NONE
    found = rater_means(ratings, ["a", "b"], "clarity")
    assert (found.means[0].value, found.means[0].reason) == (None, "no rating")
    assert found.differences[0].reason == "no rater rated both on the same prompt"


def test_severity_is_how_far_a_rater_lies_above_the_others_of_the_same_pieces() -> None:
    pieces = np.array([[3, 2, 1], [2, 2, NONE], [NONE, NONE, 3]])
    strict, mild, alone = severities(pieces, ["ann", "bo", "cy"])
    assert strict.value == pytest.approx((1.5 + 0) / 2)
    assert mild.value == pytest.approx(0)
    assert (strict.n_shared, mild.n_shared) == (2, 2)
    assert (alone.value, alone.n_ratings, alone.n_shared) == (-1.5, 2, 1)
    assert severities(pieces[:, :1], ["ann"])[0].value is None
