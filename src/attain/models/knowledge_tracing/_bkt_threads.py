"""Work on skills in as many threads as the process may use."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
from numpy.typing import NDArray

PARTS_A_THREAD = 8
"""Skills differ in size; with some more parts than threads, none waits long for the last."""


def over_skills(start: NDArray[np.int64], work: Callable[[int, int], None]) -> None:
    """Call `work(low, high)` on ranges of skills that together are all.

    The number of threads is numba's own setting, `NUMBA_NUM_THREADS`, which a suite sets for its workers
    (`attain run --threads`). `work` runs beside itself and must not touch what belongs to other skills; what it
    computes for a skill then never depends on the number of threads.

    Args:
        start: shape (n_skills + 1,), where each skill's answers begin: ranges are made about as long.
        work: lets other threads run, as `compiled` functions do.
    """
    threads = int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]  # numba fills it when it is imported
    n_skills = len(start) - 1
    if threads == 1 or n_skills < 2:
        work(0, n_skills)
        return
    even = np.linspace(0, start[-1], threads * PARTS_A_THREAD + 1)
    bounds = np.unique(np.append(np.searchsorted(start, even[:-1]).clip(max=n_skills), n_skills))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, bounds[:-1].tolist(), bounds[1:].tolist()))
