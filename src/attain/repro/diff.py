"""How two runs differ: what they were asked, what they were made with, and what came out."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attain.core.errors import UserError
from attain.repro.causes import Cause, causes
from attain.repro.checkout import check_out
from attain.repro.original import facts_of
from attain.suite import record
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.git import git
from attain.tracking.provenance import BUNDLE_PATH
from attain.tracking.store import Store


@dataclass(frozen=True)
class Difference:
    """Two runs beside each other.

    Attributes:
        params: name to both values, of those that differ; "" where a run lacks it.
        metrics: name to both values, of those that differ; None where a run lacks it.
        causes: how they came about; what differs comes first.
        code: a diff of the code; empty where it is the same.
        said: why the code could not be compared; empty where it could.
    """

    params: Mapping[str, tuple[str, str]]
    metrics: Mapping[str, tuple[float | None, float | None]]
    causes: tuple[Cause, ...]
    code: str
    said: str


def difference(store: Store, one: Run, two: Run, repository: Path) -> Difference:
    """How the second run differs from the first.

    Args:
        store: where both are.
        one: the first run.
        two: the second.
        repository: a folder in a clone that has the commits of both.

    Raises:
        UserError: a run keeps nothing about how it came about.
    """
    params = {n: (one.params.get(n, ""), two.params.get(n, "")) for n in sorted(one.params.keys() | two.params.keys())}
    names = sorted(one.metrics.keys() | two.metrics.keys())
    metrics = {name: (one.metrics.get(name), two.metrics.get(name)) for name in names}
    facts = [_of_run(facts_of(store, run), run) for run in (one, two)]
    code, said = _code(store, (one, two), facts, repository)
    return Difference(
        {name: pair for name, pair in params.items() if pair[0] != pair[1]},
        {name: pair for name, pair in metrics.items() if pair[0] != pair[1]},
        tuple(causes(*facts)),
        code,
        said,
    )


def _of_run(facts: dict[str, Any], run: Run) -> dict[str, Any]:  # JSON
    """The facts of a suite, of one of its models alone where the run is that."""
    if run.tags.get(record.KIND) != "model":
        return facts
    label, data = run.tags.get(record.LABEL), run.tags.get(record.DATASET)
    runs = [one for one in facts["runs"] if (one["label"], one["dataset"]) == (label, data)]
    return facts | {"runs": runs, "data": [one for one in facts["data"] if one["name"] == data]}


def _code(
    store: Store, runs: tuple[Run, Run], facts: list[dict[str, Any]], repository: Path
) -> tuple[str, str]:  # JSON
    trees = [(one["code"] or {}).get("tree") for one in facts]
    if trees[0] == trees[1]:
        return "", ""
    with tempfile.TemporaryDirectory() as scratch:
        for name, run, one in zip(("then", "now"), runs, facts, strict=True):
            try:
                check_out(one["code"], _bundle(store, run), repository, Path(scratch) / name)
            except UserError as problem:
                return "", str(problem)
        top = Path(scratch) / "now"
        objects = (Path(scratch) / "then" / ".git" / "objects").resolve()
        variables = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects)}
        found = git(top, "diff", "--no-ext-diff", "--no-color", str(trees[0]), str(trees[1]), variables=variables)
        return (found or b"").decode(errors="replace"), ""


def _bundle(store: Store, run: Run) -> bytes:
    at: Run | None = run
    while at is not None:
        if any(file.path == BUNDLE_PATH for file in store.artifacts_under(at.run_id, BUNDLE_PATH)):
            return artifacts.read_bytes(store, at.run_id, BUNDLE_PATH)
        at = store.get_run(at.parent_run_id) if at.parent_run_id else None
    return b""
