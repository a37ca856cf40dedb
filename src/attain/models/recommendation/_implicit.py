"""How data reach the library `implicit`."""

from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from attain.data.choices import Choices
from attain.models.recommendation._taken import taken


def matrix(log: Choices) -> Any:  # scipy is not typed
    """Who took what as a sparse table of ones, shape (n_learners, n_items)."""
    from scipy.sparse import csr_matrix

    own = taken(log)
    ones = np.ones(len(own.item), dtype=np.float32)
    return csr_matrix((ones, own.item, own.start), shape=(len(own.start) - 1, own.n_items))


def one_thread() -> AbstractContextManager[object]:
    """One thread for linear algebra, as `implicit` asks for: its own loops are the parallel ones."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(1, "blas")
    return limits
