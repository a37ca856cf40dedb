"""`attain audit verify` and `decide`: an audit held against the store it came from, and decisions on its flags."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from attain.audit import record as records
from attain.audit.capacity import flag_highest
from attain.audit.evidence import at_cut_off, judged_rows, stratum_of
from attain.audit.ledger import Line, chain, ledger_of, line_of, notes, signatures
from attain.audit.overrides import DECIDED, Decision, overrides
from attain.audit.policy import Policy, PolicyFile
from attain.audit.results import results
from attain.audit.rows import audit_rows
from attain.audit.verify import Check, check_bytes, check_numbers
from attain.core import table_file
from attain.core.errors import UserError
from attain.data import pseudonym
from attain.suite.audits import Asked, code_mark, gather, plain
from attain.tracking import artifacts
from attain.tracking.sql.ledger import Fact
from attain.tracking.sql.store import Store as Database

Plain = dict[str, Any]  # JSON


def verify_audit(store: Database, text: str, cohorts: Path | None = None) -> list[Check]:
    """Look at the ledger, the kept files and the predictions, and compute every number again.

    Args:
        store: where the audit is.
        text: its id, or how that begins.
        cohorts: the file of cohorts, where the audit was made with one.

    Raises:
        UserError: the ledger knows no such audit.
    """
    checks = [chain(store)]
    if not checks[0].passed:
        return checks  # what is sealed in it is worth nothing then
    line = line_of(store, text)
    content = _sealed(store, line, checks)
    if content is None:
        return checks
    try:
        record = records.read_record(content)
    except UserError as problem:
        return [*checks, Check("record", False, str(problem))]
    checks.append(Check("record", record["id"] == line.id, f"its id follows from what it says: {record['id']}"))
    tables = _tables(store, line, record)
    checks += tables
    if all(check.passed for check in tables):
        checks += _numbers(store, record, cohorts)
    return checks


def _sealed(store: Database, line: Line, checks: list[Check]) -> bytes | None:
    """The record's bytes where they are as sealed; what was found is added to `checks`."""
    kept = None
    for what, path, sealed in (
        ("record's file", records.json_path(line.id), line.json_sha256),
        ("page's file", records.html_path(line.id), line.html_sha256),
    ):
        content = _bytes(store, line.run_id, path)
        if isinstance(content, str):
            checks.append(Check(what, False, content))
            continue
        checks.append(check_bytes(what, content, sealed))
        if checks[-1].passed and kept is None and path.endswith(".json"):
            kept = content
    return kept


def _bytes(store: Database, run_id: str, path: str) -> bytes | str:
    """The content, or why there is none."""
    try:
        return artifacts.read_bytes(store, run_id, path)
    except UserError as problem:
        return str(problem)


def _tables(store: Database, line: Line, record: Plain) -> list[Check]:
    inputs = record["inputs"]
    others = [*inputs["weeks"], *([inputs["baseline"]] if inputs["baseline"] else [])]
    checks = []
    for run_id, sealed in [[line.run_id, line.table_sha256], *others]:
        content = _bytes(store, run_id, table_file.PREDICTIONS)
        what = f"predictions of run {run_id[:8]}"
        checks.append(Check(what, False, content) if isinstance(content, str) else check_bytes(what, content, sealed))
    return checks


def _numbers(store: Database, record: Plain, file: Path | None) -> list[Check]:
    inputs, policy = record["inputs"], Policy.model_validate(record["policy"])
    run = store.get_run(inputs["run_id"])
    asked = Asked(
        run=run,
        policy=PolicyFile(policy),
        by=tuple(inputs["by"]),
        cohorts=file,
        as_of=inputs["as_of"],
        weeks=tuple(store.get_run(run_id) for run_id, _ in inputs["weeks"]),
        baseline=store.get_run(inputs["baseline"][0]) if inputs["baseline"] else None,
        look_beside=False,
    )
    try:
        evidence, cohorts = gather(store, asked)
        again = plain(results(evidence, policy))
    except UserError as problem:
        where = f" It was made with cohorts from {inputs['cohorts']['source']}: give them by --cohorts FILE."
        return [Check("numbers", None, f"They cannot be computed again. {problem}{where}")]
    now = f"attain's audit code is {code_mark()} now; the audit was made by {inputs['code']}."
    signed = signatures(store, run.experiment_id, up_to=inputs["ledger"]["row"])
    noted = overrides(notes(store, run.experiment_id, up_to=inputs["ledger"]["row"]), policy.rule)
    same = cohorts.mark == inputs["cohorts"]["mark"]
    said = "as then" if same else f"{cohorts.mark or 'none'} now, {inputs['cohorts']['mark'] or 'none'} then"
    return [
        Check("cohorts", same, f"{cohorts.source}: {said}"),
        check_numbers("numbers", record["results"], again, code=now),
        check_numbers("overrides", record["overrides"], noted),
        check_numbers("signatures", record.get("signed", []), signed),
    ]


@dataclass(frozen=True)
class Word:
    """What an advisor decided, or how it ended.

    Attributes:
        learner: name as in the predictions, or before it became a pseudonym on this machine.
        course: which enrolment, where the learner has several; "" otherwise.
        decision: whether support is given; None to record the outcome only.
        because: why.
        outcome: whether the learner had the outcome; None where that is not known yet.
    """

    learner: str
    course: str
    decision: Decision | None
    because: str
    outcome: bool | None


def decide(store: Database, text: str, word: Word, by: str) -> tuple[str, bool]:
    """Write an advisor's word on one flag into the ledger; the audit's id, and whether the learner was flagged.

    Raises:
        UserError: there is no such audit or learner, or nothing is said.
    """
    if word.decision is None and word.outcome is None:
        raise UserError("Nothing is said. Give --decision with --because, or --outcome.")
    if word.decision is not None and not word.because.strip():
        raise UserError('A decision needs its reason: --because "…".')
    line = line_of(store, text)
    record = records.read_record(artifacts.read_bytes(store, line.run_id, records.json_path(line.id)))
    enrolment, flagged = _enrolment(store, line, record, word)
    details: dict[str, Fact] = {
        "audit": line.id,
        "run": line.run_id,
        "experiment": store.get_run(line.run_id).experiment_id,
        "enrolment": enrolment,
        "flagged": flagged,
        "because": word.because,
    }
    details |= {} if word.decision is None else {"decision": word.decision}
    details |= {} if word.outcome is None else {"outcome": word.outcome}
    ledger_of(store).record(by, DECIDED, f"audit {line.id}", details)
    return line.id, flagged


def _enrolment(store: Database, line: Line, record: Plain, word: Word) -> tuple[int, bool]:
    """The number of the learner's enrolment in the predictions, and whether it was flagged."""
    with tempfile.TemporaryDirectory() as folder:
        found = artifacts.download(store, line.run_id, table_file.PREDICTIONS, folder)
        frame, _ = at_cut_off(judged_rows(pd.read_parquet(found)), record["inputs"]["as_of"])
    policy = Policy.model_validate(record["policy"])
    stratum = stratum_of(frame, per_course=policy.capacity.per_course)
    flag = flag_highest(audit_rows(frame, stratum=stratum), policy.flags).flag
    names = frame["unit"].astype(str)
    own = names == word.learner
    if not own.any():
        own = names == pseudonym.pseudonyms([word.learner], pseudonym.key())[0]
    if word.course:
        own &= frame["course"].astype(str) == word.course
    places = own.to_numpy().nonzero()[0]
    if len(places) == 0:
        where = f" in course {word.course!r}" if word.course else ""
        raise UserError(f"The audited predictions have no learner {word.learner!r}{where}.")
    if len(places) > 1:
        courses = sorted(frame["course"].astype(str).iloc[places].unique())
        raise UserError(f"The learner has {len(places)} enrolments; say which by --course: {', '.join(courses)}.")
    return int(frame["example"].iloc[places[0]]), bool(flag[places[0]])
