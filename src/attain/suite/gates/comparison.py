"""Is the challenger better than the champion? By learner, on the answers that both were asked, at the look's level."""

from dataclasses import asdict

from attain.core.fingerprint import of_json
from attain.core.metric import Metric
from attain.metrics.discover import find
from attain.metrics.superiority import Gain, gain
from attain.suite.gates.check import Check, Outcome
from attain.suite.gates.contender import Contender, table_sha256
from attain.suite.gates.register import task_of
from attain.suite.results import predictions_of
from attain.suite.score import values_of
from attain.tasks.find import task
from attain.tracking.sql.promotions import Look
from attain.tracking.sql.store import Store as Database

USUAL = "auc"


def metric_for(store: Database, challenger: Contender, named: str | None) -> Metric:
    """The metric that decides: the one that is named, else the first of the challenger's suite."""
    if named is not None:
        return find(named)
    scored = [value.metric for value in values_of(store, challenger.run.run_id)]
    if scored:
        return find(scored[0])
    of = task_of(store, challenger.run)
    return find(task(of).METRICS[0] if of else USUAL)


def look_at(store: Database, champion: Contender, beside: Contender, challenger: Contender, asked: Metric) -> Look:
    """What is counted before anybody is told how the two compare.

    Args:
        store: where the runs are.
        champion: the version in use.
        beside: whose answers stand for it: the champion's own, or those of its stand-in.
        challenger: who is compared with it.
        asked: the metric.
    """
    tables = [table_sha256(store, one.run) for one in (champion, beside, challenger)]
    return Look(tables[0], challenger.data or tables[1], of_json([*tables, asked.id]))


def measured(store: Database, champion: Contender, challenger: Contender, metric: Metric, *, margin: float) -> Gain:
    """What the challenger gains, before anybody is told.

    Args:
        store: where the runs are.
        champion: who is in use, as it answered the challenger's learners.
        challenger: who might be.
        metric: by which.
        margin: how much worse the challenger may be; 0 asks whether it is better.
    """
    after, before = (predictions_of(store, one.run.run_id) for one in (challenger, champion))
    return gain(after, before, metric, margin=margin)


def compared(found: Gain, level: float) -> Check:
    """The comparison as a check: passed where the challenger is better at the level, failed where it is worse."""
    standing = found.standing(level)
    outcomes: dict[str, Outcome] = {"better": "passed", "worse": "failed", "unclear": "unknown"}
    figures = asdict(found) | {"level": level, "standing": standing}
    return Check("comparison", outcomes[standing], _sentence(found, standing, level), figures=figures)


def _sentence(found: Gain, standing: str, level: float) -> str:
    aim = f"not worse by more than {found.margin:g}" if found.margin else "better"
    starts = {
        "better": f"The challenger is {aim} on {found.metric}",
        "worse": f"The challenger is worse on {found.metric}",
        "unclear": f"Nobody can tell whether the challenger is {aim} on {found.metric}",
    }
    if found.gain is None or found.low is None or found.high is None:
        return f"{starts[standing]}: {found.reason}."
    digits = _digits(found.high - found.low)
    values = f"{found.challenger:.{digits}f} against {found.champion:.{digits}f}"
    ends = f"a gain of {found.gain:+.{digits}f} [{found.low:+.{digits}f}, {found.high:+.{digits}f}]"
    facts = f"{starts[standing]}: {values}, {ends} over {found.n_units:,} learners"
    if found.p is None:
        return f"{facts}; {found.reason}."
    return f"{facts} (p = {found.p:.2g}, one-sided, asked at {level:.2g})."


def _digits(width: float) -> int:
    """So many decimals that the width of an interval has two digits, from 4 to 6."""
    digits = 4
    while digits < 6 and 0 < width < 10 ** (1 - digits):
        digits += 1
    return digits
