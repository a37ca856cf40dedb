import numpy as np
import pytest

from attain.metrics import intervals
from attain.metrics.intervals import bootstrap_weights, holm, percentile


def test_each_replicate_draws_as_many_units_as_there_are() -> None:
    weights = np.concatenate(list(bootstrap_weights(37, 500, seed=1)))
    assert weights.shape == (500, 37)
    assert (weights.sum(axis=1) == 37).all()
    assert weights.mean(axis=0) == pytest.approx(np.ones(37), abs=0.25)
    assert weights.var() == pytest.approx(36 / 37, rel=0.1)


def test_weights_do_not_depend_on_how_they_are_cut_into_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(bootstrap_weights(11, 50, seed=3)))
    monkeypatch.setattr(intervals, "BLOCK", 40)
    blocks = list(bootstrap_weights(11, 50, seed=3))
    assert max(len(block) for block in blocks) == 3
    assert (np.concatenate(blocks) == whole).all()


def test_another_seed_gives_other_weights() -> None:
    assert (next(bootstrap_weights(11, 5, seed=0)) != next(bootstrap_weights(11, 5, seed=1))).any()


def test_no_interval_where_a_tenth_of_the_replicates_is_undefined() -> None:
    replicates = np.arange(100.0)
    replicates[:10] = np.nan
    assert percentile(replicates) is not None
    replicates[10] = np.nan
    assert percentile(replicates) is None


def test_holm_corrects_the_published_example() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_an_undefined_p_is_not_counted() -> None:
    adjusted = holm(np.array([0.02, np.nan, 0.03]))
    assert adjusted[[0, 2]].tolist() == [0.04, 0.04]
    assert np.isnan(adjusted[1])


def test_of_each_stratum_as_many_units_are_drawn_as_it_has() -> None:
    strata = np.array([0, 1, 1, 0, 2, 0, 1])
    whole = np.concatenate(list(bootstrap_weights(7, 500, 0, strata)))
    for code in range(3):
        assert (whole[:, strata == code].sum(axis=1) == (strata == code).sum()).all()
    np.testing.assert_allclose(whole.mean(axis=0), 1, atol=0.15)
    assert whole[:, strata == 0].var() > 0.5
