"""The run that is to be repeated: its suite, its code, its data and its environment, as they were kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attain.core.errors import UserError
from attain.suite import record
from attain.suite.repeatable import identity_of
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.environment import LOCK_PATH
from attain.tracking.find_run import find_run
from attain.tracking.provenance import BUNDLE_PATH, ENVIRONMENT_PATH, FORMAT, PROVENANCE_PATH
from attain.tracking.store import Store


@dataclass(frozen=True)
class Original:
    """A run with all that a repetition needs.

    Attributes:
        run: the run that was named.
        suite_run: the run of its suite.
        members: the finished runs of models that are compared.
        facts: `provenance.json`.
    """

    store: Store
    run: Run
    suite_run: Run
    members: tuple[Run, ...]
    facts: Mapping[str, Any]  # JSON

    def file(self, path: str) -> bytes:
        """A file that the suite's run kept; empty where it kept none."""
        kept = {file.path for file in self.store.artifacts_under(self.suite_run.run_id, path)}
        return artifacts.read_bytes(self.store, self.suite_run.run_id, path) if path in kept else b""

    @property
    def bundle(self) -> bytes:
        """The code that no clone has."""
        return self.file(BUNDLE_PATH)

    @property
    def lock(self) -> bytes:
        """The packages, as `pylock.toml`."""
        return self.file(LOCK_PATH)

    @property
    def pins(self) -> bytes:
        """The packages, one `name==version` a line."""
        return self.file(ENVIRONMENT_PATH)


def facts_of(store: Store, run: Run) -> dict[str, Any]:  # JSON
    """How a run came about, as it was kept with it or with a run that it belongs to.

    Raises:
        UserError: nothing is kept, as by an older attain or another program; or a newer attain kept it.
    """
    at: Run | None = run
    while at is not None:
        if any(file.path == PROVENANCE_PATH for file in store.artifacts_under(at.run_id, PROVENANCE_PATH)):
            found: dict[str, Any] = json.loads(artifacts.read_bytes(store, at.run_id, PROVENANCE_PATH))
            if found["format"] != FORMAT:
                raise UserError(
                    f"Run {run.name!r} ({run.run_id[:8]}) keeps a {PROVENANCE_PATH} of format {found['format']}, and "
                    f"this attain reads format {FORMAT}."
                )
            return found
        at = store.get_run(at.parent_run_id) if at.parent_run_id else None
    raise UserError(
        f"Run {run.name!r} ({run.run_id[:8]}) keeps no {PROVENANCE_PATH}, so nobody can say how it came about; "
        "runs made from now on keep one."
    )


def original(store: Store, text: str) -> Original:
    """The run with an id, or with an id that begins so.

    Raises:
        UserError: there is none, it belongs to no suite, is not finished, or keeps too little.
    """
    run = find_run(store, text)
    suite_run = run
    while suite_run.tags.get(record.KIND) != "suite" and suite_run.parent_run_id:
        suite_run = store.get_run(suite_run.parent_run_id)
    if suite_run.tags.get(record.KIND) != "suite":
        raise UserError(
            f"Run {run.name!r} ({run.run_id[:8]}) belongs to no suite and no project; only runs of those are repeated."
        )
    facts = facts_of(store, suite_run)
    if suite_run is run:
        members = [store.get_run(one) for one in json.loads(_read(store, run, record.MEMBERS_FILE) or "[]")]
    else:
        model = run if run.tags.get(record.KIND) == "model" else store.get_run(run.parent_run_id or "")
        members = [model] if model.status == "FINISHED" else []
    if not members:
        raise UserError(f"Run {run.name!r} ({run.run_id[:8]}) has no finished model whose results could be compared.")
    return Original(store, run, suite_run, tuple(members), facts)


def suite_of(one: Original, seed: int | None) -> dict[str, Any]:  # JSON
    """The suite to run: the whole one, or that of one model; with another seed where one is given."""
    suite = dict(one.facts["suite"]) | {"canaries": False}
    if one.run is not one.suite_run:
        wanted = identity_of(one.members[0].params)
        (run, *_) = [run for run in one.facts["runs"] if run["identity"] == wanted]
        on = {"training": [run["on"]]}
        seeds = [int(one.members[0].params["seed"])]
        suite |= {"models": [_model(suite["models"], run)], "baselines": False, "seeds": seeds} | on
    return suite if seed is None else suite | {"seeds": [seed]}


def _model(choices: Sequence[Mapping[str, Any]], run: Mapping[str, Any]) -> dict[str, Any]:  # JSON
    """One model as a suite asks for it: its params, and where they are sought instead, how; what its jobs ask for."""
    name = next((one["name"] for one in choices if _name(one["name"]) == _name(run["model"])), run["model"])
    sought = run.get("search")
    given = {param: value for param, value in run["params"].items() if not sought or param not in sought["space"]}
    return {"name": name, "params": given, "search": sought, "resources": run.get("resources")}


def _name(model: str) -> str:
    return Path(model).name


def _read(store: Store, run: Run, path: str) -> bytes:
    kept = {file.path for file in store.artifacts_under(run.run_id, path)}
    return artifacts.read_bytes(store, run.run_id, path) if path in kept else b""
