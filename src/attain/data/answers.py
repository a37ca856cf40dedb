"""An interaction log of answers that come by name, one by one, as a model in use meets them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.data.interactions import Interactions


def log_of(
    learner: NDArray[np.integer],
    item: Sequence[str],
    skills: Sequence[Sequence[str]],
    correct: Sequence[int] | NDArray[np.integer],
    time_s: Sequence[float | None] | None = None,
) -> Interactions:
    """A log.

    Args:
        learner: shape (n,), numbers from 0, ascending.
        item: n names.
        skills: the names of each answer's skills.
        correct: n times 0 or 1.
        time_s: n times, None where one is not known; leave it out where none is.
    """
    items, known = pd.factorize(np.array(item, dtype=object))
    flat = np.array([name for names in skills for name in names], dtype=object)
    codes, names = pd.factorize(flat)
    return Interactions(
        learner=np.asarray(learner, dtype=np.int32),
        item=items.astype(np.int32),
        correct=np.asarray(correct, dtype=np.int8),
        skill=codes.astype(np.int32),
        skill_start=np.cumsum([0, *map(len, skills)]).astype(np.int64),
        row=np.arange(len(item), dtype=np.int64),
        learners=np.arange(int(np.max(learner, initial=-1)) + 1).astype(str).astype(object),
        items=np.asarray(known, dtype=object),
        skills=np.asarray(names, dtype=object),
        time_s=None if time_s is None else np.array([np.nan if one is None else one for one in time_s], dtype=float),
    )
