"""Dealing on counts against dealing rows one by one."""

import numpy as np
import pytest

from attain.audit.permute import deal, decks_of_counts, decks_of_rows


def by_rows(
    success: np.ndarray, level: np.ndarray, stratum: np.ndarray, times: int, shape: tuple[int, int]
) -> np.ndarray:
    rng = np.random.default_rng(1)
    out = np.zeros((times, *shape))
    for deal_ in out:
        shuffled = level.copy()
        for one in range(shape[0]):
            inside = stratum == one
            shuffled[inside] = rng.permutation(level[inside])
        np.add.at(deal_, (stratum[success], shuffled[success]), 1)
    return out


@pytest.fixture
def rows() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(0)
    stratum, level = rng.integers(0, 3, 300), rng.choice(3, 300, p=[0.6, 0.3, 0.1])
    return rng.random(300) < 0.2 + 0.2 * stratum, level, stratum


def test_dealing_on_counts_has_the_distribution_of_shuffling_rows(rows: tuple[np.ndarray, ...]) -> None:
    success, level, stratum = rows
    table = np.zeros((3, 3, 2), dtype=np.int64)
    np.add.at(table, (stratum, level, 0), 1)
    np.add.at(table, (stratum[success], level[success], 1), 1)
    dealt = np.concatenate(list(deal(decks_of_counts(table), (3, 3), 4000, np.random.default_rng(0))))
    peer = by_rows(success, level, stratum, 4000, (3, 3))
    assert (dealt.sum(axis=2) == table[:, :, 1].sum(axis=1)).all()
    assert (dealt <= table[:, :, 0]).all()
    assert dealt.mean(0) == pytest.approx(peer.mean(0), abs=0.15)
    assert dealt.std(0) == pytest.approx(peer.std(0), rel=0.08)


def test_learners_with_one_row_each_are_dealt_as_their_counts_are(rows: tuple[np.ndarray, ...]) -> None:
    success, level, stratum = rows
    decks = decks_of_rows(success, level, stratum, np.arange(300))
    dealt = np.concatenate(list(deal(decks, (3, 3), 4000, np.random.default_rng(0))))
    peer = by_rows(success, level, stratum, 4000, (3, 3))
    assert dealt.mean(0) == pytest.approx(peer.mean(0), abs=0.15)
    assert dealt.std(0) == pytest.approx(peer.std(0), rel=0.08)


def test_learners_with_several_rows_are_dealt_whole() -> None:
    """Ten learners, each five times the same: successes of a cohort come in fives."""
    unit = np.repeat(np.arange(10), 5)
    success, level = unit < 4, unit % 2
    decks = decks_of_rows(success, level, np.zeros(50, dtype=int), unit)
    dealt = np.concatenate(list(deal(decks, (1, 2), 500, np.random.default_rng(0))))
    assert (dealt % 5 == 0).all()
    assert (dealt.sum(axis=2) == 20).all()
    assert len(np.unique(dealt[:, 0, 0])) == 5


def test_learners_are_dealt_among_those_in_the_same_strata() -> None:
    unit, stratum = np.array([0, 0, 1, 1, 2, 3]), np.array([0, 1, 0, 1, 0, 0])
    level = np.array([0, 0, 1, 1, 1, 0])
    success = np.array([True, True, False, False, True, False])
    decks = decks_of_rows(success, level, stratum, unit)
    dealt = np.concatenate(list(deal(decks, (2, 2), 400, np.random.default_rng(0))))
    both = dealt[:, 1, 0]  # success in the second stratum: learner 0 or 1 has it, both in both strata
    assert set(both.tolist()) == {0, 1}
    assert {tuple(d.ravel()) for d in dealt} == {(2, 0, 1, 0), (1, 1, 1, 0), (1, 1, 0, 1), (0, 2, 0, 1)}


def test_one_cohort_alone_keeps_what_it_has() -> None:
    table = np.array([[[10, 4], [0, 0]]])
    assert np.concatenate(list(deal(decks_of_counts(table), (1, 2), 3, np.random.default_rng(0)))).tolist() == [
        [[4, 0]],
        [[4, 0]],
        [[4, 0]],
    ]
