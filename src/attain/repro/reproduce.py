"""Run a suite or one of its models again, with the code and data of then, and say how like the results are."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from attain.core.errors import UserError
from attain.core.places import data_folders, home
from attain.repro.causes import Cause, causes
from attain.repro.checkout import check_out
from attain.repro.data import changes, placed
from attain.repro.interpreter import fresh
from attain.repro.original import Original, facts_of, suite_of
from attain.repro.verdict import Level, Likeness, likeness, worst
from attain.suite import record
from attain.suite.repeatable import identity_of
from attain.tracking import artifacts
from attain.tracking.environment import VARIABLES
from attain.tracking.git import top_of
from attain.tracking.store import Store, open_store

SUITE = ".attain-again.yaml"
REPRODUCTION = "reproduction.json"
REPRODUCES, VERDICT = "attain.reproduces", "attain.verdict"
_HERE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Reproduction:
    """What a repetition found.

    Attributes:
        verdict: on all models together.
        models: the verdict on each; none where the data are others.
        causes: what may have changed results; what differs comes first.
        said: sentences that a reader needs beside it.
    """

    run_id: str
    verdict: Level
    models: tuple[Likeness, ...]
    causes: tuple[Cause, ...]
    said: tuple[str, ...]


def reproduce(
    one: Original, *, repository: Path, data: Path | None = None, seed: int | None = None, is_fresh: bool = False
) -> Reproduction:
    """Do it; what was found is kept as a run beside the original one, which stays as it is.

    Args:
        one: what is repeated.
        repository: a folder in a clone that has the commit.
        data: a folder with the data files.
        seed: another seed.
        is_fresh: whether a new environment is made from the lock.

    Raises:
        UserError: the code, the data or the environment cannot be had again; nothing is kept then.
    """
    with tempfile.TemporaryDirectory(prefix="attain-") as scratch:
        tree = Path(scratch).resolve() / "tree"
        code = one.facts["code"]
        check_out(code, one.bundle, repository, tree)
        suite = suite_of(one, seed)
        folder = tree / one.facts["suite_folder"]
        if not folder.resolve().is_relative_to(tree):
            raise UserError(
                f"The suite of the run lies in {one.facts['suite_folder']!r}, which is outside of its code."
            )
        folder.mkdir(parents=True, exist_ok=True)
        beside = (top_of(repository) or repository) / one.facts["suite_folder"]
        places = [folder, beside] if data is None else [data.resolve()]
        suite = placed(suite, one.facts["data"], places, elsewhere=data is None)
        (folder / SUITE).write_text(yaml.safe_dump(suite, sort_keys=False, allow_unicode=True))
        python, how = fresh(one, Path(scratch) / "venv") if is_fresh else (Path(sys.executable), "")
        variables = environment_of(one, tree, Path(scratch), data=data, is_fresh=is_fresh)
        again = _Again(one, python, tree, folder / SUITE, variables)
        said, bytes_only = changes(one.facts["data"], again.data())
        if said:
            why = tuple(f"The data changed: {sentence}." for sentence in said)
            other = Cause("data", "as the run had it", said[0])
            return keep(one, Reproduction("", "not comparable", (), (other,), why))
        notes = [how] if how else []
        notes += ["The data have other bytes and the same content."] if bytes_only else []
        uri = f"sqlite:///{scratch}/again/attain.db"
        (Path(scratch) / "again").mkdir()
        suite_run = again.run(uri)
        store = open_store(uri)
        models = _compared(one, store, suite_run)
        now = facts_of(store, store.get_run(suite_run))
        now["code"] = code
        if code is None:
            notes.append("The run kept no code; what was run is what is installed now.")
        found = worst([model.level for model in models])
        return keep(one, Reproduction("", found, models, tuple(causes(_as_run(one), now)), tuple(notes)))


@dataclass(frozen=True)
class _Again:
    """The processes that repeat a suite."""

    one: Original
    python: Path
    tree: Path
    file: Path
    environment: Mapping[str, str]

    def data(self) -> list[dict[str, Any]]:  # JSON
        said = json.loads(self._do("-m", "attain.repro.probe", str(self.file)) or "{}")
        if "error" in said:
            words = re.sub(rf"^.*{re.escape(SUITE)}:[\d: ]*(datasets\.\d+: )?", "", said["error"])
            raise UserError(f"The data of the run cannot be had again: {words}")
        found: list[dict[str, Any]] = said["data"]
        return found

    def run(self, uri: str) -> str:
        workers = min(self.one.facts["workers"], os.cpu_count() or 1)
        how = ("--store", uri, "--threads", str(self.one.facts["threads"]), "--workers", str(workers), "--json")
        return str(json.loads(self._do("-m", "attain.cli", "run", str(self.file), *how))["suite_run"])

    def _do(self, *arguments: str) -> str:
        folder = self.tree / ((self.one.facts["code"] or {}).get("folder", "."))
        folder.mkdir(parents=True, exist_ok=True)
        command = [str(self.python), *arguments]
        done = subprocess.run(
            command, cwd=folder, env=dict(self.environment), capture_output=True, text=True, check=False
        )
        if done.returncode:
            words = [line for line in done.stderr.strip().splitlines() if line.strip()] or ["it said nothing"]
            raise UserError(f"The repetition did not finish: {words[-1].removeprefix('attain: ')}")
        return done.stdout


def environment_of(
    one: Original, tree: Path, scratch: Path, *, data: Path | None = None, is_fresh: bool = False
) -> dict[str, str]:
    """Our own environment, with what changes numbers as it was then, and the code of then to be imported.

    Where that code has no attain, it is ours, unless a fresh environment has the one of then.

    Args:
        one: what is repeated.
        tree: its code.
        scratch: a folder to put things into.
        data: a folder with data files that goes before the usual ones.
        is_fresh: whether it is for a new environment.
    """
    known = {name: value for name, value in os.environ.items() if name not in (*VARIABLES, "ATTAIN_TRACKING_URI")}
    code = one.facts["code"] or {"paths": []}
    paths = [str(tree / path) for path in code["paths"]]
    if not is_fresh or "folder" in one.facts["environment"]["packages"].get("attain", {"folder": ""}):
        ours = scratch / "attain"
        ours.mkdir()
        (ours / "attain").symlink_to(_HERE / "attain", target_is_directory=True)
        paths.append(str(ours))
    variables: dict[str, str] = one.facts["environment"]["variables"]
    folders = [*([data] if data else []), *data_folders()[:-1]]  # the last is that of our home
    own = {
        "ATTAIN_HOME": str(home().resolve()),
        "ATTAIN_DATA": os.pathsep.join(str(folder.resolve()) for folder in folders),
        "PYTHONPATH": os.pathsep.join(paths),
    }
    return known | variables | own


def _compared(one: Original, store: Store, suite_run: str) -> tuple[Likeness, ...]:
    """Each original model beside the one of the repetition that is the same but perhaps for the seed."""
    members = [store.get_run(run) for run in json.loads(artifacts.read_bytes(store, suite_run, record.MEMBERS_FILE))]
    found = []
    for then in one.members:
        same = [run for run in members if identity_of(run.params) == identity_of(then.params)]
        same = [run for run in same if run.params["seed"] == then.params["seed"]] or same
        if same:
            found.append(likeness(one.store, then, store, same[0]))
        else:
            found.append(Likeness(then.name, "not comparable", "the repetition has no such model", ()))
    return tuple(found)


def _as_run(one: Original) -> dict[str, Any]:  # JSON
    """The facts of the original, of the models alone that were repeated."""
    wanted = {(identity_of(run.params), int(run.params["seed"])) for run in one.members}
    runs = [run for run in one.facts["runs"] if (run["identity"], run["seed"]) in wanted]
    return dict(one.facts) | {"runs": runs}


def keep(one: Original, found: Reproduction) -> Reproduction:
    """Keep what was found as a run in the experiment of the original one."""
    tags = {record.KIND: "reproduction", REPRODUCES: one.run.run_id, VERDICT: found.verdict}
    run = one.store.create_run(one.run.experiment_id, f"{one.run.name} again", tags=tags)
    whole = asdict(found) | {"run_id": run.run_id, "reproduces": one.run.run_id}
    artifacts.log_bytes(one.store, run.run_id, json.dumps(whole, indent=1).encode(), REPRODUCTION)
    one.store.update_run(run.run_id, status="FINISHED")
    return Reproduction(run.run_id, found.verdict, found.models, found.causes, found.said)
