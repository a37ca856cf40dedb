"""What a suite adds to the provenance of its run, so that it can be run again elsewhere."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attain.data.columns import columns_of
from attain.suite.plan import ModelRun, Plan, describe
from attain.tracking.git import top_of


def repeatable(plan: Plan, *, workers: int, threads: int) -> dict[str, Any]:  # JSON
    """The suite with all that was added on the command line, its runs, its data as hashes, and how it was run."""
    path = plan.source.path.resolve()
    top = (top_of(Path.cwd()) or Path.cwd()).resolve()
    inside = path.is_relative_to(top)
    return {
        "suite": _relative(plan.source.suite.model_dump(mode="json"), path.parent, top),
        "suite_folder": path.parent.relative_to(top).as_posix() if inside else ".",
        "suite_text": plan.source.text,
        "runs": [_run(run) for run in plan.runs],
        "data": list({run.dataset.fingerprint: _data(run, path.parent, plan) for run in plan.runs}.values()),
        "workers": workers,
        "threads": threads,
    }


def identity_of(params: Mapping[str, str]) -> str:
    """What a run is but for its seed: data set, model and their params, whatever folder a model's file lies in."""
    own = {name: value for name, value in params.items() if name not in ("seed", "fold")}
    own["model"] = own.get("model", "").rpartition("/")[2]
    return json.dumps(own, sort_keys=True)


def _run(run: ModelRun) -> dict[str, Any]:  # JSON
    return {
        "label": run.label,
        "dataset": run.dataset.name,
        "model": run.model,
        "params": run.params,
        "seed": run.seed,
        "on": run.on,
        "baseline": run.baseline,
        "resources": run.resources.model_dump(mode="json"),
        "search": None if run.search is None else run.search.model_dump(mode="json"),
        "code": run.code,
        "identity": identity_of(describe(run)),
    }


def _data(run: ModelRun, folder: Path, plan: Plan) -> dict[str, Any]:  # JSON
    data = run.dataset
    files = {Path(choice.file).name: choice.file for choice in plan.source.suite.datasets if choice.file}
    return {
        "name": data.name,
        "fingerprint": data.fingerprint,
        "source_sha256": data.source_sha256,
        "files": {n: str((folder / files[n]).resolve()) for n in data.source_sha256 if n in files},
        "columns": columns_of(data),
    }


def _relative(value: Any, folder: Path, top: Path) -> Any:  # JSON in, JSON out
    """The same, paths inside the repository made relative to the suite's folder."""
    if isinstance(value, dict):
        return {name: _relative(one, folder, top) for name, one in value.items()}
    if isinstance(value, list):
        return [_relative(one, folder, top) for one in value]
    if isinstance(value, str) and os.path.isabs(value) and value.startswith(f"{top}{os.sep}"):
        return os.path.relpath(value, folder)
    return value
