"""What stands beside an audit's main numbers, of all learners together: other models, weeks and terms."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.audit.capacity import flag_highest
from attain.audit.confusion import cohort_tables
from attain.audit.drift import drift
from attain.audit.equal_capacity import compare_at_capacity
from attain.audit.evidence import Evidence, attributes_in, stratum_of
from attain.audit.policy import Policy
from attain.audit.rates import rates
from attain.audit.rows import AuditRows, audit_rows
from attain.audit.shown import shown_table
from attain.audit.suppression import suppress
from attain.core.errors import UserError
from attain.metrics.intervals import holm

Plain = dict[str, Any]  # JSON
SHOWN = ("precision", "recall", "false_positive_rate")


def _of_all(rows: AuditRows, flag: NDArray[np.bool_], policy: Policy) -> Plain:
    table, wanted = cohort_tables(rows, flag)[0], rates(SHOWN)
    shown = shown_table(table, wanted, suppress([table], wanted, policy.smallest), policy.rule)
    return dict(shown["cohorts"][0]["rates"])


def baseline_of(frame: pd.DataFrame, baseline: tuple[str, pd.DataFrame] | None, policy: Policy) -> Plain | None:
    """Whether a simpler model would serve as well when it flags as many.

    Raises:
        UserError: the two were not asked about the same enrolments.
    """
    if baseline is None:
        return None
    name, other = baseline
    both = frame.merge(other[["example", "target", "score"]], on="example", suffixes=("", "_other"))
    same = (both["target"] == both["target_other"]) | (both["target"].isna() & both["target_other"].isna())
    if len(both) < len(frame) or len(other) != len(frame) or not same.all():
        raise UserError(f"{name} was not judged on the same enrolments; name a run of the same data and split.")
    stratum = stratum_of(frame, per_course=policy.capacity.per_course)
    a = audit_rows(both, stratum=stratum)
    b = audit_rows(both.assign(score=both["score_other"]), stratum=stratum)
    found = compare_at_capacity(a, b, policy.flags, replicates=policy.replicates, seed=policy.seed)
    if min(found.flagged) < policy.smallest:
        return {"name": name, "verdict": "cannot tell: too few are flagged", "precision": None, "recall": None}
    share = policy.rule.share
    pairs = {key: getattr(found, key) for key in ("precision", "recall", "precision_difference", "recall_difference")}
    rounded = {key: None if pair is None else [share(value) for value in pair] for key, pair in pairs.items()}
    for key in ("precision", "recall"):
        two, apart = rounded[key], rounded[f"{key}_difference"]
        if two and apart:  # of what is shown: a reader subtracts
            rounded[f"{key}_difference"] = [share(two[0] - two[1]), *apart[1:]]
    words = found.verdict.replace("a finds", "the audited model finds").replace("b finds", f"{name} finds")
    return {"name": name, "rule": found.rule, "verdict": words, **rounded}


def weeks_of(frames: Sequence[pd.DataFrame], policy: Policy) -> list[Plain]:
    """Each cut-off at the same capacity. A week with nearly the learners of the one before would tell of those few."""
    found: list[Plain] = []
    before: int | None = None
    for frame in sorted(frames, key=lambda one: float(one["as_of"].iloc[0])):
        rows = audit_rows(frame, stratum=stratum_of(frame, per_course=policy.capacity.per_course))
        day, known = float(frame["as_of"].iloc[0]), int(rows.known.sum())
        if before is not None and 0 < abs(known - before) < policy.smallest:
            found.append({"as_of": day, "rates": None})
            continue
        found.append({"as_of": day, "rates": _of_all(rows, flag_highest(rows, policy.flags).flag, policy)})
        before = known
    return found


def drift_of(evidence: Evidence, policy: Policy) -> list[Plain]:
    """Columns that moved since the terms before, the furthest first; cohort attributes are left out."""
    if evidence.before is None:
        return []
    before, now = evidence.before
    columns = [str(name) for name in before.columns if name not in attributes_in(evidence.by)]
    found = [_drift_of(before[name], now[name], policy) for name in columns]
    p = holm(np.array([one.get("p") if one["value"] is not None else np.nan for one in found], dtype=float))
    for one, adjusted in zip(found, p, strict=True):
        one["p_holm"] = None if np.isnan(adjusted) else round(float(adjusted), 4)
    return sorted(found, key=lambda one: (one["value"] is None, -(one["value"] or 0), one["column"]))


def _drift_of(before: "pd.Series[float]", now: "pd.Series[float]", policy: Policy) -> Plain:
    try:
        one = drift(before, now, smallest=policy.smallest, draws=policy.replicates, seed=policy.seed)
    except UserError as problem:
        return {"column": str(now.name), "value": None, "reason": str(problem)}
    counts = {"n_before": policy.rule.count(one.n_before), "n_now": policy.rule.count(one.n_now)}
    return one.to_dict() | counts | {"bins": [] if one.reason else list(one.bins)}
