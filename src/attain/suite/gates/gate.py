"""A gate for whoever changes a model: is what a suite gives now better than the champion, or equal, and as fair?"""

from collections.abc import Sequence
from dataclasses import dataclass

from attain.core.errors import UserError, unknown
from attain.metrics.difference import ALPHA
from attain.suite import report
from attain.suite.execute import Execution
from attain.suite.gates.check import Check, Outcome, together
from attain.suite.gates.comparison import compared, look_at, measured, metric_for
from attain.suite.gates.contender import Contender, champion_of, on_same_data, table_sha256
from attain.suite.gates.fairness import fair
from attain.suite.gates.promote import Terms
from attain.suite.plan import Plan
from attain.suite.progress import View
from attain.suite.record import BASELINE, LABEL
from attain.tracking.entities import Run
from attain.tracking.sql.store import Store as Database

LEVEL = ALPHA / 2
"""One-sided level of a gate's own test. A gate moves nothing; what it shows is counted as a look for promotions."""
MARGIN = 0.01
"""So much worse still counts as equal, in units of the metric, where nothing else is said."""


@dataclass(frozen=True)
class Passage:
    """What a gate found.

    Attributes:
        suite: its name.
        champion: who is in use, for people.
        challenger: which model of the suite was compared.
        run_id: its run.
        outcome: what all checks come to.
        sentence: for people.
        checks: what was looked at.
        remarks: what else must be said.
    """

    suite: str
    champion: str
    challenger: str
    run_id: str
    outcome: Outcome
    sentence: str
    checks: tuple[Check, ...]
    remarks: tuple[str, ...] = ()


def baseline_of(text: str, suite: str) -> tuple[str, str]:
    """The registered model and the alias that `--baseline` names; a bare alias is one of the model of the suite's name.

    >>> baseline_of("champion", "at_risk"), baseline_of("dropout@champion", "at_risk")
    (('at_risk', 'champion'), ('dropout', 'champion'))
    """
    name, at, alias = text.rpartition("@")
    if not alias or (at and not name):
        raise UserError(f"--baseline {text!r} names nothing; expected ALIAS, or NAME@ALIAS such as 'dropout@champion'.")
    return name or suite, alias


def ran(plan: Plan, store: Database, uri: str, *, workers: int, threads: int, view: View) -> Run:
    """The finished run of a suite, made now where there is none of the very same content.

    Raises:
        UserError: a model failed, so that there is nothing to compare.
    """
    done = report.last_suite_run(store, plan.source.suite.suite, key=plan.key)
    if done is not None:
        return done
    outcome = Execution(plan, uri, workers=workers, threads=threads, view=view).run()
    if outcome.failed:
        raise UserError(f"The suite did not finish, so nothing was compared. {outcome.failed[0]}")
    return store.get_run(outcome.suite_run)


def gate(
    store: Database, suite_run: Run, baseline: tuple[str, str], model: str | None, terms: Terms, by: str
) -> Passage:
    """Compare one model of a suite's run with the champion, and count that as a look for later promotions.

    Args:
        store: where both are.
        suite_run: of a suite that is done.
        baseline: the registered model and the alias.
        model: which model of the suite, by its label; may be left out where there is just one.
        terms: policy, metric, margin, cohorts.
        by: who asks.

    Raises:
        UserError: there is no champion, no such model, or the two have not answered the same learners.
    """
    name, alias = baseline
    champion = champion_of(store, name, alias)
    run = _chosen(report.model_runs(store, suite_run), model, champion)
    challenger = Contender(f"the suite's {run.tags.get(LABEL, run.name)}", run)
    beside, said = on_same_data(store, champion, challenger)
    metric = metric_for(store, challenger, terms.metric)
    if table_sha256(store, beside.run) == table_sha256(store, run):
        checks = [Check("comparison", "passed", "The challenger's predictions are the champion's, one by one.")]
    else:
        won = measured(store, beside, challenger, metric, margin=terms.margin)
        checks = [compared(won, LEVEL), fair(store, beside, challenger, metric, terms.policy, terms.cohorts)]
        store.registry.look(name, look_at(store, champion, beside, challenger, metric), by)
    outcome = together(checks)
    who = f"{name}@{alias} ({champion.label}, version {champion.version})"
    sentence = _sentence(challenger.label, who, outcome)
    remarks = (said,) if said else ()
    return Passage(suite_run.name, who, challenger.label, run.run_id, outcome, sentence, tuple(checks), remarks)


def _chosen(members: Sequence[Run], model: str | None, champion: Contender) -> Run:
    """The run of the model that is asked about; on the champion's data, where the suite has several sets of data."""
    own = [run for run in members if run.status == "FINISHED" and BASELINE not in run.tags]
    labels = list(dict.fromkeys(run.tags.get(LABEL, run.name) for run in own))
    if model is None and len(labels) != 1:
        raise UserError(f"The suite has several models; say which is to be compared by --model: {', '.join(labels)}.")
    if model is not None and model not in labels:
        raise unknown("model of the suite", model, labels)
    wanted = [run for run in own if run.tags.get(LABEL, run.name) == (model or labels[0])]
    same = [run for run in wanted if Contender("", run).data == champion.data]
    if len(same or wanted) > 1:
        raise UserError(
            f"{model or labels[0]!r} was run on several data sets, none of them the champion's; a gate is about one."
        )
    return (same or wanted)[0]


def _sentence(challenger: str, champion: str, outcome: Outcome) -> str:
    words = {
        "passed": "is better than {} or equal, and no gap between cohorts grew",
        "failed": "is worse than {}, or less fair",
        "unknown": "may be better or worse than {}, or less fair: nobody can tell",
    }
    return f"{challenger} {words[outcome].format(champion)}."
