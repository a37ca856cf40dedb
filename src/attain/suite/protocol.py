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

PROTOCOL, PROTOCOL_KEY = "attain.protocol", "attain.protocol_key"
"""Tags: the record as JSON, and its fingerprint."""
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
    """In which parts the records of runs differ; runs from before there were records count as one of their own."""
    if len({run.tags.get(PROTOCOL_KEY) for run in runs}) < 2:
        return []
    records = [json.loads(run.tags.get(PROTOCOL, "{}")) for run in runs]
    parts = dict.fromkeys(part for record in records for part in record)
    return [part for part in parts if len({json.dumps(record.get(part), sort_keys=True) for record in records}) > 1]


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
