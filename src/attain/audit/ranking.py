"""Does the model rank the learners of one cohort better than those of the others, whatever the threshold?"""

import numpy as np
import pandas as pd

from attain.audit.gaps import Gap
from attain.audit.rows import AuditRows, Cohorts, called
from attain.audit.small_groups import NOT_SHOWN
from attain.audit.suppression import Hidden
from attain.core.table import Predictions
from attain.metrics.abroca import Abroca, abroca


def ranked_apart(rows: AuditRows, hidden: Hidden) -> list[tuple[str, int]]:
    """The comparisons that `ranking_gaps` will make: the attribute and the cohort's number."""
    found = []
    for cohorts in rows.cohorts.values():
        shown = _shown(rows, cohorts, hidden)
        found += [(cohorts.name, level) for level in (shown if len(shown) > 2 else shown[: len(shown) - 1])]
    return found


def ranking_gaps(rows: AuditRows, hidden: Hidden, *, shuffles: int, seed: int = 0) -> list[Gap]:
    """ABROCA of each cohort against all others that are shown, with its randomisation p (see `attain.metrics.abroca`).

    Args:
        rows: outcomes and scores.
        hidden: cohorts whose `prevalence` is hidden are left out, as are cohorts all of whose learners are alike.
        shuffles: how often cohorts are dealt anew.
        seed: of the deals.
    """
    target = np.where(rows.known, rows.target, np.nan)
    units = rows.units.astype(str)
    frame = pd.DataFrame({"fold": 0, "example": np.arange(len(rows)), "unit": units[rows.unit], "target": target})
    table = Predictions(frame.assign(score=rows.score))
    found = []
    for cohorts in rows.cohorts.values():
        shown = _shown(rows, cohorts, hidden)
        names = np.array(
            [
                called(cohorts.attributes, cohorts.levels[level]) if level in shown else None
                for level in range(len(cohorts.levels))
            ]
        )
        of_units = np.full(len(units), None, dtype=object)
        of_units[rows.unit] = names[cohorts.code]
        known = pd.DataFrame({cohorts.name: of_units}, index=units).dropna()
        found += [_gap(cohorts.name, one) for one in abroca(table, known, shuffles=shuffles, seed=seed, smallest=1)]
        found += [
            Gap(
                cohorts.name,
                called(cohorts.attributes, cohorts.levels[level]),
                "abroca",
                "abroca",
                "",
                reason=NOT_SHOWN,
            )
            for level in range(len(cohorts.levels))
            if level not in shown
        ]
    return found


def _shown(rows: AuditRows, cohorts: Cohorts, hidden: Hidden) -> list[int]:
    used = np.unique(cohorts.code[rows.known])
    return [level for level in used.tolist() if (cohorts.name, level, "prevalence") not in hidden]


def _gap(attribute: str, one: Abroca) -> Gap:
    return Gap(
        attribute,
        one.names[0],
        "abroca",
        "abroca",
        "",
        value=one.value,
        here=one.aucs[0],
        rest=one.aucs[1],
        n=one.n_units[0] if one.value is not None else None,
        n_rest=one.n_units[1] if one.value is not None else None,
        p=one.p,
        detectable=one.detectable,
        reason="the outcomes of a cohort are all alike" if one.value is None else "",
    )
