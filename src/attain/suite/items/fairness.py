"""Items by cohort: is one harder for equally able learners of another cohort? Small cohorts are hidden."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from attain.core.cohorts import UNKNOWN, hidden
from attain.metrics.items.dif import mantel_haenszel, strata, tables
from attain.metrics.items.difficulty import FEWEST, Z, anchored
from attain.metrics.items.targets import NOTHING, Interval
from attain.suite.items.facts import DifRow
from attain.suite.items.prepare import Asked

Floats = NDArray[np.float64]


def by_cohort(rows: Asked, theta: Floats, attribute: str) -> Iterator[DifRow]:
    """Each item and cohort against the largest cohort; items of the table with answers only."""
    value = rows.cohort(attribute).astype(str)
    names, code = np.unique(value, return_inverse=True)
    learners = {str(name): len(np.unique(rows.learner[code == at])) for at, name in enumerate(names)}
    candidates = [name for name in learners if name != UNKNOWN]
    if len(candidates) < 2:
        return
    reference = max(candidates, key=lambda name: (learners[name], name))
    order = np.argsort(rows.item, kind="stable")
    start = np.searchsorted(rows.item[order], np.arange(len(rows.names) + 1))
    for at in np.flatnonzero((np.diff(start) > 0) & rows.listed):
        own = order[start[at] : start[at + 1]]
        counts = dict(zip(names.tolist(), np.bincount(code[own], minlength=len(names)).tolist(), strict=True))
        few, with_them = hidden(counts)
        for cohort in candidates:
            if cohort == reference or not counts[cohort]:
                continue
            pair = (str(rows.names[at]), attribute, cohort, reference)
            if {cohort, reference} & (few | with_them):
                yield _hidden(pair)
                continue
            here = own[np.isin(value[own], [cohort, reference]) & np.isfinite(theta[own])]
            yield _row(pair, rows.correct[here], theta[here], value[here] == cohort)


def _hidden(pair: tuple[str, str, str, str]) -> DifRow:
    why = "hidden: fewer than 10 learners, or fewer could be worked out elsewhere"
    return DifRow(*pair, None, None, None, None, None, None, NOTHING, NOTHING, NOTHING, why)


def _row(
    pair: tuple[str, str, str, str], correct: NDArray[np.int64], theta: Floats, focal: NDArray[np.bool_]
) -> DifRow:
    found = mantel_haenszel(tables(correct, focal, strata(theta)))
    n, n_reference = int(focal.sum()), int((~focal).sum())
    enough = min(n, n_reference) >= FEWEST
    apart = anchored(focal.astype(np.int64), correct, theta, 2)
    b = [Interval(*map(float, (apart.b[k], apart.low[k], apart.high[k]))) if apart.n[k] else NOTHING for k in (0, 1)]
    harder = NOTHING
    if apart.n.all():
        difference, half = float(apart.b[1] - apart.b[0]), Z * float(np.hypot(*apart.se))
        harder = Interval(difference, difference - half, difference + half)
    return DifRow(
        *pair,
        n=n,
        n_reference=n_reference,
        delta=found.delta,
        delta_se=found.se,
        p=found.p,
        size=found.size if enough else None,
        b=b[1],
        b_reference=b[0],
        harder_by=harder,
        reason=found.reason or ("" if enough else f"not enough data: fewer than {FEWEST} answers of a cohort"),
    )
