import numpy as np
import pytest
from scipy.sparse import csr_array

from attain.models._curvature import Curvature, split


def example(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Five columns that exclude each other (a few rows have none), three dense, four loose; weights; penalties."""
    rng = np.random.default_rng(seed)
    single = np.eye(6)[rng.integers(0, 6, 50)][:, :5] * rng.normal(size=(50, 1))
    dense = rng.normal(size=(50, 3)) * (rng.random((50, 3)) < 0.5)
    loose = np.eye(4)[rng.integers(0, 4, 50)]
    return np.column_stack([single, dense, loose]), rng.random(50), rng.random(12) + 0.1


@pytest.mark.parametrize(("single", "loose"), [(0, 0), (5, 0), (5, 4), (0, 12), (5, 7), (0, 4)])
def test_a_solution_solves_the_equations_written_out(single: int, loose: int) -> None:
    columns, weight, penalty = example(0)
    slope = np.random.default_rng(1).normal(size=12)
    step = Curvature(split(csr_array(columns), single, loose), weight, penalty).solve(slope, 1e-12)
    whole = columns.T @ np.diag(weight) @ columns + np.diag(penalty)
    np.testing.assert_allclose(step, np.linalg.solve(whole, slope), rtol=1e-8)


def test_a_column_twice_in_a_row_counts_as_the_sum() -> None:
    columns, weight, penalty = example(2)
    whole = csr_array(columns)
    double = csr_array((np.repeat(whole.data / 2, 2), np.repeat(whole.indices, 2), 2 * whole.indptr), whole.shape)
    once, twice = (Curvature(split(c, 0, 4), weight, penalty).solve(np.ones(12), 1e-12) for c in (whole, double))
    np.testing.assert_allclose(twice, once)


def test_a_row_with_two_columns_that_exclude_each_other_is_refused() -> None:
    with pytest.raises(ValueError, match="a row has two of the 2 columns"):
        split(csr_array(np.ones((3, 2))), 2, 0)
