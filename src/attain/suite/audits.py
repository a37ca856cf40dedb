"""Audits of runs: gathered from the store, made, kept as artifacts, and written into the ledger."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain import __version__
from attain.audit import record as records
from attain.audit.capacity import Flags, flag_highest
from attain.audit.evidence import Evidence, at_cut_off, judged_rows, stratum_of, usual_attributes
from attain.audit.kept import Made
from attain.audit.ledger import ledger_of, notes, signatures
from attain.audit.ledger import stand as stand_of
from attain.audit.overrides import MADE, overrides
from attain.audit.policy import PolicyFile
from attain.audit.report import render
from attain.audit.results import results
from attain.audit.rows import audit_rows
from attain.core import table_file
from attain.core.fingerprint import of_file, of_json
from attain.data.cache import open_prepared
from attain.suite.audit_beside import baseline_of, weeks_of
from attain.suite.audit_card import card_of
from attain.suite.audit_changes import changes_of
from attain.suite.audit_cohorts import FoundCohorts, cohorts_for, prepared_of
from attain.suite.audit_reasons import reasons_of
from attain.suite.audit_stability import agreement_of
from attain.suite.audit_words import in_words
from attain.suite.record import LABEL
from attain.suite.results import predictions_of
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.liveness import now_ms
from attain.tracking.sql.store import Store as Database

Plain = dict[str, Any]  # JSON


@dataclass(frozen=True)
class Asked:
    """What is to be audited, and by what.

    Attributes:
        run: whose predictions.
        policy: the institution's.
        by: attributes and intersections; those of the policy where none is named here.
        cohorts: a file of cohorts; None for those of the data set.
        as_of: the cut-off day, where the run has several.
        weeks: runs of the same model at other cut-offs.
        baseline: a run of a simpler model.
        look_beside: whether the suite's own baseline and its runs at other cut-offs are taken where none is given.
    """

    run: Run
    policy: PolicyFile
    by: tuple[str, ...] = ()
    cohorts: Path | None = None
    as_of: float | None = None
    weeks: tuple[Run, ...] = ()
    baseline: Run | None = None
    look_beside: bool = True


def make_audit(store: Database, asked: Asked, by: str) -> Made:
    """Audit a run, keep the audit with it, and write into the ledger that it was made.

    Raises:
        UserError: the run, the policy or the cohorts do not allow it.
    """
    asked = _with_what_is_beside(store, asked)
    evidence, cohorts = gather(store, asked)
    run, policy, baseline = asked.run, in_words(asked.run, asked.policy.policy), asked.baseline
    stand = stand_of(store)
    source = asked.policy.source
    inputs = {
        "run_id": run.run_id,
        "run_name": run.name,
        "table_sha256": table_sha256(store, run),
        "as_of": asked.as_of,
        "by": list(evidence.by),
        "weeks": [[one.run_id, table_sha256(store, one)] for one in asked.weeks],
        "baseline": None if baseline is None else [baseline.run_id, table_sha256(store, baseline)],
        "cohorts": {"source": cohorts.source, "mark": cohorts.mark, "remarks": list(cohorts.remarks)},
        "policy_file": asked.policy.name,
        "policy_sha256": None if source is None else records.sha256(source.text.encode()),
        "code": f"attain {__version__}, audit code {code_mark()}",
        "ledger": {"row": stand[0], "hash": stand[1]},
    }
    said = records.make_record(
        made={"by": by, "at": datetime.fromtimestamp(now_ms() / 1000, UTC).isoformat(timespec="seconds")},
        inputs=inputs,
        policy=policy.model_dump(mode="json"),
        results=plain(results(evidence, policy)),
        card=card_of(run),
        overrides=overrides(notes(store, run.experiment_id, up_to=stand[0]), policy.rule),
        signed=signatures(store, run.experiment_id, up_to=stand[0]),
    )
    made = Made(said, records.canonical(said), render(said).encode())
    _keep(store, run, made, by)
    return made


def _with_what_is_beside(store: Database, asked: Asked) -> Asked:
    """The same with the baseline and the weeks of the run's own suite."""
    if not asked.look_beside:
        return asked
    baseline = asked.baseline or baseline_of(store, asked.run)
    return replace(asked, baseline=baseline, weeks=asked.weeks or weeks_of(store, asked.run))


def gather(store: Database, asked: Asked) -> tuple[Evidence, FoundCohorts]:
    """What the audit is computed from, and where the cohorts are from."""
    frame = judged_rows(predictions_of(store, asked.run.run_id).frame)
    frame, weeks = at_cut_off(frame, asked.as_of)
    units = pd.Index(frame["unit"].astype(object).unique())
    cohorts = cohorts_for(asked.run, asked.cohorts, units)
    by = asked.by or tuple(asked.policy.policy.by) or usual_attributes(cohorts.frame)
    known = [] if cohorts.frame is None else list(map(str, cohorts.frame.columns))
    asked.policy.check_attributes(by, known)
    baseline, beside = asked.baseline, None
    if baseline is not None:
        other, _ = at_cut_off(judged_rows(predictions_of(store, baseline.run_id).frame), float(frame["as_of"].iloc[0]))
        beside = (f"the baseline {baseline.tags.get(LABEL, baseline.name)}", other)
    weeks += tuple(at_cut_off(judged_rows(predictions_of(store, one.run_id).frame), None)[0] for one in asked.weeks)
    evidence = Evidence(frame, cohorts.frame, by, weeks, beside, _terms(asked.run, frame))
    return _with_reasons(store, asked, evidence), cohorts


def _with_reasons(store: Database, asked: Asked, evidence: Evidence) -> Evidence:
    """The same with what the scores of some flagged enrolments go by."""
    policy, frame = asked.policy.policy, evidence.frame
    rows = audit_rows(frame, stratum=stratum_of(frame, per_course=policy.capacity.per_course))
    flags = flag_highest(rows, policy.flags)
    found, why = reasons_of(store, asked.run, frame, flags.flag, policy.seed)
    evidence = replace(evidence, reasons=found, no_reasons=why)
    if found is None:
        return evidence
    changes, why = changes_of(store, asked.run, frame, _line(frame, flags), policy.seed)
    evidence = replace(evidence, changes=changes, no_changes=why)
    if not policy.stability:
        return evidence
    agreed, why = agreement_of(store, asked.run, frame, flags.flag, policy.seed)
    return replace(evidence, refits=agreed, no_refits=why)


def _line(frame: pd.DataFrame, flags: Flags) -> NDArray[np.float64]:
    """The lowest flagged score where a row is flagged (that of its course, where each has its own); NaN elsewhere."""
    of = {cut.stratum: np.nan if cut.threshold is None else cut.threshold for cut in flags.cuts}
    course = frame["course"].astype(str) if "" not in of else pd.Series("", index=frame.index)
    return np.where(flags.flag, course.map(of).to_numpy(dtype=np.float64), np.nan)


def _terms(run: Run, frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """What models read of the enrolments of earlier terms, and of these; no cohort attribute is among it."""
    folder = prepared_of(run)
    if folder is None:
        return None
    dataset = open_prepared(folder)
    terms = list(map(str, dataset.log.terms))
    here = {str(name) for name in frame["term"].unique()}
    first = min((terms.index(name) for name in here if name in terms), default=0)
    every = dataset.log.frame()
    private = set() if dataset.cohorts is None else set(map(str, dataset.cohorts.columns))
    columns = [name for name in every.columns if name in dataset.log.facts and name not in {*private, "course", "term"}]
    before = every[every["term"].isin(terms[:first])]
    now = every[np.isin(dataset.log.row, frame["example"].to_numpy())]
    return (before[columns], now[columns]) if len(before) and columns else None


def table_sha256(store: Database, run: Run) -> str:
    """The SHA-256 of a run's predictions, as they were logged."""
    return str(store.artifact(run.run_id, table_file.PREDICTIONS).sha256)


def code_mark() -> str:
    """A mark of the code that audits: the files of `attain.audit` and `attain.metrics`."""
    folder = Path(records.__file__).parents[1]
    files = sorted([*folder.glob("audit/*.py"), *folder.glob("metrics/*.py")])
    return of_json({f"{path.parent.name}/{path.name}": of_file(path) for path in files})


def plain(value: object) -> Plain:
    """As JSON gives it back: lists for tuples, and nothing that is no JSON."""
    return dict(json.loads(json.dumps(value, allow_nan=False)))


def _keep(store: Database, run: Run, made: Made, by: str) -> None:
    files = {records.json_path(made.id): made.json, records.html_path(made.id): made.html}
    artifacts.log_files(store, run.run_id, files)
    ledger_of(store).record(
        by,
        MADE,
        f"audit {made.id}",
        {
            "run": run.run_id,
            "model": made.record["card"]["model"],
            "experiment": run.experiment_id,
            "json_sha256": records.sha256(made.json),
            "html_sha256": records.sha256(made.html),
            "table_sha256": made.record["inputs"]["table_sha256"],
        },
    )
