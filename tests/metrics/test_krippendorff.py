"""Alpha against its author's own example, a plain loop over pairs, and the cases in which it does not exist."""

from itertools import product
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from attain.metrics.krippendorff import Level, krippendorff_alpha

NONE = np.nan
AUTHORS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
        [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
    ]
).T
"""Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, example C: 4 observers, 12 units."""


def plain(ratings: NDArray[np.float64], level: Level) -> float:
    """Mean difference within items over mean difference of all, pair by pair."""
    items = [row[~np.isnan(row)] for row in ratings]
    items = [row for row in items if len(row) > 1]
    pooled = np.concatenate(items)

    def apart(a: float, b: float) -> float:
        low, high = min(a, b), max(a, b)
        between = ((pooled >= low) & (pooled <= high)).sum() - ((pooled == low).sum() + (pooled == high).sum()) / 2
        ratio = 0.0 if a == b else ((a - b) / (a + b)) ** 2
        return float({"nominal": a != b, "ordinal": between**2, "interval": (a - b) ** 2, "ratio": ratio}[level])

    n = len(pooled)
    within = sum(sum(apart(a, b) for a, b in product(row, row)) / (len(row) - 1) for row in items) / n
    chance = sum(apart(a, b) for a, b in product(pooled, pooled)) / (n * (n - 1))
    return 1 - within / chance


@pytest.mark.parametrize(
    ("level", "printed"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_the_authors_example_has_the_authors_alpha(level: Level, printed: float) -> None:
    found = krippendorff_alpha(AUTHORS, level)
    assert found.value is not None
    assert round(found.value, 3) == printed
    assert (found.n_items, found.n_alone, found.n_raters, found.n_ratings) == (11, 1, 4, 40)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high <= 1
    assert found.reason == ""


@given(st.integers(0, 10_000), st.sampled_from(get_args(Level)))
def test_it_is_the_plain_loop_over_pairs(seed: int, level: Level) -> None:
    generator = np.random.default_rng(seed)
    ratings = generator.integers(1, 6, (8, 3)).astype(float)
    ratings[generator.random(ratings.shape) < 0.2] = NONE
    ratings[0] = [1, 2, NONE]
    found = krippendorff_alpha(ratings, level, replicates=0)
    assert found.value == pytest.approx(plain(ratings, level), abs=1e-12)


def test_the_names_of_values_do_not_matter_to_nominal_nor_their_sizes_to_ordinal() -> None:
    renamed = np.where(np.isnan(AUTHORS), NONE, np.array([0, 30, 7, 1, 90, 2])[np.nan_to_num(AUTHORS).astype(int)])
    grown = AUTHORS**3
    of = {level: krippendorff_alpha(AUTHORS, level, replicates=0).value for level in ("nominal", "ordinal")}
    assert krippendorff_alpha(renamed, "nominal", replicates=0).value == pytest.approx(of["nominal"])
    assert krippendorff_alpha(grown, "ordinal", replicates=0).value == pytest.approx(of["ordinal"])
    shifted = krippendorff_alpha(AUTHORS * 10 + 1e6, "interval", replicates=0)
    assert shifted.value == pytest.approx(krippendorff_alpha(AUTHORS, "interval", replicates=0).value)


def test_raters_who_answer_at_random_agree_as_chance_does_and_the_interval_says_so() -> None:
    ratings = np.random.default_rng(5).integers(1, 6, (400, 3)).astype(float)
    found = krippendorff_alpha(ratings)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high
    assert found.high - found.low < 0.2


def test_items_that_belong_together_are_drawn_together() -> None:
    few = np.random.default_rng(2).integers(1, 4, (30, 3)).astype(float)
    many = np.repeat(few, 10, axis=0)
    alone, together = (krippendorff_alpha(many, drawn=d) for d in (None, np.repeat(np.arange(30), 10)))
    width = {name: (f.high or 0) - (f.low or 0) for name, f in (("alone", alone), ("together", together))}
    assert alone.value == together.value
    assert width["together"] > 2.5 * width["alone"]


@pytest.mark.parametrize(
    ("ratings", "level", "reason"),
    [
        ([[3, 3], [3, 3]], "ordinal", "all ratings are equal (3), so agreement cannot be told from chance"),
        ([[1, NONE], [2, NONE]], "ordinal", "a single rater cannot agree with anyone"),
        ([[1, NONE], [NONE, 2]], "ordinal", "no item was rated by two raters"),
        ([[NONE, NONE]], "ordinal", "there are no ratings"),
        ([[-1, 2], [1, 2]], "ratio", "a ratio scale has no values below 0, and -1 was given"),
    ],
)
def test_where_it_does_not_exist_the_reason_is_given(ratings: list[list[float]], level: Level, reason: str) -> None:
    found = krippendorff_alpha(np.array(ratings, dtype=float), level)
    assert (found.value, found.low, found.high) == (None, None, None)
    assert found.reason == reason


def test_too_rare_a_difference_has_a_value_and_no_interval() -> None:
    ratings = np.full((30, 2), 3.0)
    ratings[0, 0] = 2
    found = krippendorff_alpha(ratings)
    assert found.value == pytest.approx(plain(ratings, "ordinal"))
    assert found.low is None
    assert found.reason == "in too many draws of the items all ratings are equal"
