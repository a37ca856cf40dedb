"""Has a gap between cohorts grown from the champion to the challenger? By the institution's audit policy."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from attain.audit.evidence import NEEDED, at_cut_off, judged_rows, stratum_of, usual_attributes
from attain.audit.growth import Growth, Measure, attribute_cohorts, growths, rate_measures
from attain.audit.policy import PolicyFile
from attain.audit.rows import audit_rows
from attain.core.errors import UserError
from attain.core.metric import Metric
from attain.core.table import Predictions
from attain.metrics.compare import on_common_examples
from attain.suite.audit_cohorts import cohorts_for
from attain.suite.gates.check import Check
from attain.suite.gates.contender import Contender
from attain.suite.results import predictions_of
from attain.tracking.sql.store import Store as Database

OF_METRIC = 0.02
"""Where models flag nobody, a gap in the deciding metric up to this size need not be seen."""


def fair(
    store: Database,
    champion: Contender,
    challenger: Contender,
    metric: Metric,
    policy: PolicyFile,
    cohorts: Path | None,
) -> Check:
    """Whether any gap grew: failed where one did, unknown where of one nobody can tell.

    Of predictions of enrolments the policy's rates are asked, as its capacity flags; of others the deciding metric.

    Args:
        store: where the runs are.
        champion: who is in use, as it answered the challenger's learners.
        challenger: who might be.
        metric: that decides.
        policy: the institution's; its `by`, or all attributes that are known.
        cohorts: a file of cohorts; None for those of the data set.
    """
    before, after = (predictions_of(store, one.run.run_id) for one in (champion, challenger))
    of_flags = all(set(NEEDED) <= set(table.frame.columns) for table in (before, after))
    names = pd.Index(after.frame["unit"].astype(object).unique())
    known = cohorts_for(challenger.run, cohorts, names)
    by = tuple(policy.policy.by) or usual_attributes(known.frame)
    if known.frame is None or not by:
        return Check(
            "fairness",
            "unknown",
            f"No cohort of the learners is known ({known.source}), so nobody can tell whether the challenger is fair; "
            "give them by --cohorts FILE.",
        )
    policy.check_attributes(by, list(map(str, known.frame.columns)))
    measures, units = _of_flags(before, after, policy) if of_flags else _of_metric(before, after, metric)
    found = growths(measures, attribute_cohorts(known.frame, units, by), len(units), policy.policy)
    return _check(found, known.source, policy.name)


def _of_flags(before: Predictions, after: Predictions, policy: PolicyFile) -> tuple[list[Measure], list[object]]:
    """The policy's rates on the enrolments that both were asked, and the names of the units."""
    frames = [judged_rows(table.frame) for table in (before, after)]
    if any(frame["as_of"].nunique() > 1 for frame in frames):
        raise UserError("The predictions are of several cut-off days, of which flags cannot be compared at once.")
    shared = set(frames[0]["example"]) & set(frames[1]["example"])
    cut = [at_cut_off(frame[frame["example"].isin(shared)].reset_index(drop=True), None)[0] for frame in frames]
    stratum = stratum_of(cut[0], per_course=policy.policy.capacity.per_course)
    champion, challenger = (audit_rows(frame, stratum=stratum) for frame in cut)
    return rate_measures(champion, challenger, policy.policy), champion.units.tolist()


def _of_metric(before: Predictions, after: Predictions, metric: Metric) -> tuple[list[Measure], list[object]]:
    if not metric.by_cohort:
        raise UserError(f"{metric.id} has no value by cohort, so nobody can see by it who is served worse.")
    tables = {"champion": before, "challenger": after}
    common, _ = on_common_examples(tables, [("champion", "challenger")])
    champion, challenger = (metric.statistic(common[name]) for name in tables)
    return [Measure(metric.id, champion, challenger, OF_METRIC, points=False)], list(common["champion"].units)


def _check(found: Sequence[Growth], source: str, policy: str) -> Check:
    grown = [one for one in found if one.verdict == "grew"]
    unknown = [one for one in found if one.verdict == "cannot tell"]
    asked = f"{len(found)} gap{'s' * (len(found) != 1)} between cohorts (of {source}, by {policy})"
    figures = {"gaps": [asdict(one) for one in found], "policy": policy}
    within = [one for one in found if one.verdict == "did not grow" and one.clear]
    others = len(found) - len(grown) - len(unknown) - len(within)
    told = [one.sentence for one in (*grown, *unknown, *within)]
    told += [f"Of the other {others}, none grew."] if others else []
    if grown:
        said = f"The challenger is unfair: of {asked}, {len(grown)} grew. {grown[0].sentence}"
        return Check("fairness", "failed", said, tuple(told), figures)
    if unknown or not found:
        said = f"Of {asked}, nobody can tell of {len(unknown)} whether they grew. {told[0] if told else ''}"
        return Check("fairness", "unknown", said.rstrip(), tuple(told), figures)
    past = " past what the policy tolerates" if within else ""
    return Check("fairness", "passed", f"Of {asked}, none grew{past}.", tuple(told if within else ()), figures)
