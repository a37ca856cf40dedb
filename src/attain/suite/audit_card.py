"""What is known of an audited model and its data, from what its run kept."""

import json
from typing import Any

from attain.core.errors import UserError
from attain.suite import record
from attain.suite.audit_words import usual_outcome
from attain.tasks.find import task
from attain.tracking.entities import Run

Plain = dict[str, Any]  # JSON
TASK = "dropout_prediction"
UNSET = ("None", "[]", "False")


def card_of(run: Run) -> Plain:
    """The model card's facts; what a run did not keep is said to be unknown."""
    name = run.tags.get(record.MODEL) or run.params.get("model") or run.name
    commit = run.tags.get("mlflow.source.git.commit", "")
    dirty = " with uncommitted changes" if run.tags.get("attain.git.dirty") == "true" else ""
    usual, split = usual_outcome(run), json.loads(run.tags.get(record.SPLIT, "{}"))
    return {
        "model": run.tags.get(record.LABEL, name),
        "summary": _summary(name),
        "params": {key.removeprefix("model."): v for key, v in run.params.items() if _chosen(key, v)},
        "data": _data(run),
        "outcome": _given(run, "dataset.outcome", f"{usual} (the data set's usual one)" if usual else "not recorded"),
        "mistakes": _given(run, "dataset.mistakes", ""),
        "unit": _given(run, "dataset.unit", "day"),
        "split": {name: v for name, v in split.items() if v is not None} or {"by": "not recorded"},
        "seed": run.tags.get(record.SEED, run.params.get("seed", "not recorded")),
        "code": f"commit {commit[:12]}{dirty}" if commit else _mark(run),
    }


def _chosen(name: str, value: str) -> bool:
    """Whether a parameter is one of the model's, and was set."""
    return name.startswith("model.") and value not in ("None", "[]")


def _mark(run: Run) -> str:
    mark = run.tags.get(record.CODE)
    return f"no commit is known; mark of its code {mark}" if mark else "not recorded"


def _given(run: Run, name: str, usual: str) -> str:
    given = run.params.get(name, "None")
    return usual if given in UNSET else given


def _summary(name: str) -> str:
    """The first line of what the adapter says of itself."""
    try:
        adapter = task(TASK).MODELS.get(name)
    except UserError:
        return "nothing is known of it here"
    return (adapter.__doc__ or "").strip().split("\n", 1)[0]


def _data(run: Run) -> dict[str, str]:
    """Each data set in a line, then with which options it was loaded, and what the loader did."""
    found = {}
    for data in run.inputs:
        found[f"data set {data.name}"] = f"fingerprint {data.digest}"
        profile = json.loads(data.profile or "{}")
        for what, rows in dict(profile.get("changes", {})).items():
            found[f"{data.name}: {what}"] = f"{rows:,} rows"
    options = {key.removeprefix("dataset."): v for key, v in run.params.items() if key.startswith("dataset.")}
    given = [f"{key} {value}" for key, value in options.items() if value not in UNSET]
    found |= {"options of the data set": ", ".join(given)} if given else {}
    return found or {"data set": run.params.get("dataset", "not recorded")}
