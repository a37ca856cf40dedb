"""Under which rules numbers were made; only numbers of one record are ranked together.

The same model is said to reach an AUC of .75 or .83 on what is called the same data: the file, the rows that were left
out, the copies of answers and the split decide. So every run carries them.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attain.core import fingerprint
from attain.core.errors import UserError
from attain.data.dataset import Dataset
from attain.tracking.entities import Run
from attain.tracking.signatures import signatures_of, unlike_signatures

PROTOCOL, PROTOCOL_KEY = "attain.protocol", "attain.protocol_key"
"""Tags: the record as JSON, and its fingerprint."""
SIGNATURE_OF = "signature of "
"""Begins the name of a part that is no part of the record: what a metric was made with."""
OF_ROWS = (
    *("scaffolding", "keep_without_skill", "min_answers", "learners", "seed"),
    *("as_of", "outcome", "horizon", "courses", "terms", "with_activity", "mistakes"),
    *("maxima", "questions"),
)
OF_SKILLS = ("skills", "expanded")
Record = Mapping[str, Any]  # JSON


def record_of(task_rules: Mapping[str, str], split: Mapping[str, Any], dataset: Dataset[Any]) -> Record:
    """The protocol record of a suite's data set.

    Args:
        task_rules: how the task judges: its `PROTOCOL`.
        split: the suite's, as JSON.
        dataset: the prepared data.
    """
    options = dataset.options
    return {
        "data": {"fingerprint": dataset.fingerprint, "sha256": dataset.source_sha256},
        "rows": {
            "options": {name: options[name] for name in OF_ROWS if name in options},
            "changes": {change.what: change.rows for change in dataset.changes},
        },
        "skills": {name: options[name] for name in OF_SKILLS if name in options},
        "split": dict(split),
        **task_rules,
    }


def tags_of(record: Record) -> dict[str, str]:
    """The record as tags of a run."""
    text = json.dumps(record, sort_keys=True, ensure_ascii=False)
    return {PROTOCOL: text, PROTOCOL_KEY: fingerprint.of_json(record)}


def unlike(runs: Sequence[Run]) -> list[str]:
    """In which parts the records of runs differ, and of which metrics the signature.

    Runs from before there were records count as one of their own; a run without a metric differs from none in it.
    """
    signed = [f"{SIGNATURE_OF}{name}" for name in unlike_signatures(runs)]
    if len({run.tags.get(PROTOCOL_KEY) for run in runs}) < 2:
        return signed
    records = [_record(run) for run in runs]
    parts = dict.fromkeys(part for record in records for part in record)
    differing = [p for p in parts if len({json.dumps(record.get(p), sort_keys=True) for record in records}) > 1]
    return differing + signed


def part_of(run: Run, part: str) -> object:
    """A run's own value of a part that `unlike` names; None where it has none."""
    if part.startswith(SIGNATURE_OF):
        return signatures_of(run).get(part.removeprefix(SIGNATURE_OF))
    return _record(run).get(part)


def _record(run: Run) -> Record:
    found: Record = json.loads(run.tags.get(PROTOCOL, "{}"))
    return found


def refuse_unlike(runs: Sequence[Run]) -> None:
    """Refuse to rank runs of different records.

    Raises:
        UserError: the records differ.
    """
    if parts := unlike(runs):
        raise UserError(
            f"These runs follow different protocols (they differ in: {', '.join(parts)}), so their numbers are not to "
            "be ranked together. See `attain show RUN` for each record; --shared-answers compares them on the answers "
            "that all of them judged."
        )
