"""Where each learner stands among those who are in the same offering on the day of the cut-off.

It is worked out when the data are loaded, over the whole offering, so that it does not change with who is predicted
together: in use, an offering is there as a whole too.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.data.enrolments import Enrolments, Fact
from attain.data.features._active_days import ActiveDays, total

GROUP = "peers"


def peers(log: Enrolments, there: NDArray[np.bool_]) -> dict[str, Fact]:
    """Each enrolment's place among its peers, as the share of them that it is above; ties count half.

    Args:
        log: all enrolments.
        there: shape (len(log),), who is in the course on the day of the cut-off, whatever became of them later.

    Returns:
        Facts in [0, 1], NaN where there is nothing to compare: activity that is not recorded, nothing scored.
    """
    n, out = len(log), {}
    if log.activity is not None:
        for name, values in (("clicks", total(log.activity)), ("active_days", ActiveDays.of(log.activity).count)):
            out[f"peers_{name}"] = np.where(log.recorded, values, np.nan)
    if log.results is not None:
        owner, scored = log.results.owner, ~np.isnan(log.results.amount)
        out["peers_handed_in"] = np.bincount(owner, minlength=n).astype(float)
        points = np.bincount(owner[scored], log.results.amount[scored].astype(float), n)
        with np.errstate(invalid="ignore"):
            out["peers_score"] = points / np.bincount(owner[scored], minlength=n)
    return {name: Fact(GROUP, _place(values, log.offering, there)) for name, values in out.items()}


def _place(values: NDArray[np.float64], offering: NDArray[np.int32], there: NDArray[np.bool_]) -> NDArray[np.float64]:
    among = pd.Series(np.where(there, values, np.nan)).groupby(offering)
    return ((among.rank(method="average") - 0.5) / among.transform("count")).to_numpy(dtype=float)
