"""Run a script of a project again, with the code, the values and the data of then, and say how like the results are."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from attain.core.errors import UserError
from attain.projects.ask import SEED, Asked
from attain.projects.config import FILE, Entry
from attain.projects.data import Read, changed, read
from attain.projects.record import KIND, PROJECT_KIND
from attain.projects.run import Ended, Place, run_project
from attain.repro.causes import Cause, causes
from attain.repro.checkout import check_out
from attain.repro.interpreter import fresh
from attain.repro.original import Original, facts_of, original
from attain.repro.project_verdict import likeness_of
from attain.repro.reproduce import Reproduction, environment_of, keep
from attain.tracking.entities import Run
from attain.tracking.find_run import find_run
from attain.tracking.git import top_of
from attain.tracking.store import Store, open_store


def is_of_project(run: Run) -> bool:
    """Whether a run is that of a project's script."""
    return run.tags.get(KIND) == PROJECT_KIND


def original_of(store: Store, text: str) -> Original:
    """The run with an id, or with an id that begins so, of a suite or of a project, with all that a repetition needs.

    Raises:
        UserError: there is none, it did not finish, or keeps too little.
    """
    run = find_run(store, text)
    return project_original(store, run) if is_of_project(run) else original(store, text)


def project_original(store: Store, run: Run) -> Original:
    """A project's run with all that a repetition needs.

    Raises:
        UserError: it did not finish, or keeps too little.
    """
    called = f"Run {run.name!r} ({run.run_id[:8]})"
    if run.status != "FINISHED":
        raise UserError(f"{called} is {run.shown_status}; only results of finished runs can be compared.")
    facts = facts_of(store, run)
    if facts["code"] is None:
        raise UserError(f"{called} kept no code, for there was no git; nothing can be run again.")
    return Original(store, run, run, (run,), facts)


def reproduce_project(
    one: Original, *, repository: Path, data: Path | None = None, seed: int | None = None, is_fresh: bool = False
) -> Reproduction:
    """Do it; what was found is kept as a run beside the original one, which stays as it is.

    Args:
        one: what is repeated.
        repository: a folder in a clone that has the commit.
        data: a folder with the files that the run read.
        seed: another value of the parameter `seed`.
        is_fresh: whether a new environment is made from the lock.

    Raises:
        UserError: the code, the data or the environment cannot be had again; nothing is kept then.
    """
    with tempfile.TemporaryDirectory(prefix="attain-") as scratch:
        tree = Path(scratch).resolve() / "tree"
        check_out(one.facts["code"], one.bundle, repository, tree)
        folder = tree / one.facts["code"]["folder"]
        if not folder.resolve().is_relative_to(tree):
            raise UserError(f"The script of the run lies in {str(folder)!r}, which is outside of its code.")
        folder.mkdir(parents=True, exist_ok=True)
        asked = _asked(one, folder, seed)
        beside = (top_of(repository) or repository) / one.facts["code"]["folder"]
        placed = [_placed(Read.of_facts(known), asked, tree, beside, data) for known in one.facts["data"]]
        if said := [f"{file.then.name} ({file.then.path}): {file.said}" for file in placed if file.said]:
            why = tuple(f"The data changed: {sentence}." for sentence in said)
            return keep(
                one, Reproduction("", "not comparable", (), (Cause("data", "as the run had it", said[0]),), why)
            )
        asked = _with(asked, {file.then.name: file.value for file in placed})
        python, how = fresh(one, Path(scratch) / "venv") if is_fresh else (Path(sys.executable), "")
        variables = environment_of(one, tree, Path(scratch), is_fresh=is_fresh)
        store, ended = _done(one, asked, python, variables, Path(scratch))
        now = facts_of(store, store.get_run(ended.run_id))
        now["code"] = one.facts["code"]
        if is_fresh:
            now["environment"] |= packages_in(python, variables)
        found = likeness_of(one, store, store.get_run(ended.run_id), asked.entry.varies)
        return keep(
            one, Reproduction("", found.level, (found,), tuple(_causes(one.facts, now)), _notes(one, ended, how))
        )


def _asked(one: Original, folder: Path, seed: int | None) -> Asked:
    """The entry with the values of then."""
    known = one.facts["project"]
    entry = Entry.model_validate(known["entry"])
    values = dict(known["values"])
    if seed is not None:
        if SEED not in entry.parameters:
            raise UserError(f"Entry {known['entry_name']!r} has no parameter {SEED!r}, so --seed has nowhere to go.")
        values[SEED] = entry.parameters[SEED].read(str(seed))
    text = one.file(FILE).decode(errors="replace")
    return Asked(known["name"], known["entry_name"], entry, folder, values, text)


def _with(asked: Asked, values: Mapping[str, str]) -> Asked:
    return Asked(asked.project, asked.entry_name, asked.entry, asked.folder, {**asked.values, **values}, asked.text)


@dataclass(frozen=True)
class _File:
    """What a parameter reads, as the repetition has it.

    Attributes:
        then: what it read.
        value: the parameter's value now; the one of then wherever that can be.
        said: how its bytes are others than then; "" where they are not.
    """

    then: Read
    value: str
    said: str


def _placed(then: Read, asked: Asked, tree: Path, beside: Path, data: Path | None) -> _File:
    """Bring a file or folder to where the script looks for it: the first with the bytes of then, else the first."""
    there = [one.resolve() for one in _candidates(then, asked.folder, beside, data) if one.exists()]
    if not there:
        digest = next(iter(then.files.values()), then.fingerprint)
        raise UserError(
            f"The data {then.path!r} of the run ({then.name}) is gone; put what has SHA-256 {digest[:16]}… into a "
            "folder and name that with --data."
        )
    found = []
    for at in dict.fromkeys(there):
        found.append(read(then.name, str(at), asked.folder))
        if found[-1].fingerprint == then.fingerprint:
            return _File(then, _brought(at, then.path, asked.folder, tree), "")
    return _File(then, then.path, changed(then.files, found[0].files))


def _candidates(then: Read, folder: Path, beside: Path, data: Path | None) -> list[Path]:
    """Where it may be; in a folder that was given, with the path or the name that it had."""
    if data is None:
        return [folder / then.path, beside / then.path, Path(then.at)]
    given = PurePath(then.path)
    inside = [] if given.is_absolute() or ".." in given.parts else [data / given]
    return [*inside, data / Path(then.at).name]


def _brought(at: Path, path: str, folder: Path, tree: Path) -> str:
    """Copy what lies elsewhere to its place in the tree; the value that names it."""
    place = Path(os.path.normpath(folder / path))
    if not place.is_relative_to(tree) or not place.parent.resolve().is_relative_to(tree):
        return str(at)
    if place.resolve() == at:
        return path
    if place.is_dir():
        shutil.rmtree(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    if at.is_dir():
        shutil.copytree(at, place)
    else:
        shutil.copyfile(at, place)
    return path


def _done(
    one: Original, asked: Asked, python: Path, variables: Mapping[str, str], scratch: Path
) -> tuple[Store, Ended]:
    """Run it into a store of its own."""
    (scratch / "again").mkdir()
    uri = f"sqlite:///{scratch}/again/attain.db"
    store = open_store(uri)
    ended = run_project(asked, Place(store, uri), python=python, environment=variables)
    if ended.status != "FINISHED":
        left = [name for name, _ in one.facts["code"]["skipped"]]
        hint = f" Not kept with its code: {', '.join(left[:5])}." if left else ""
        raise UserError(f"The repetition did not finish: {ended.last_words or ended.why}{hint}")
    return store, ended


def packages_in(python: Path, environment: Mapping[str, str]) -> dict[str, Any]:  # JSON
    """What another Python than ours has: its version and its packages."""
    code = "import json; from attain.tracking.environment import environment as e; print(json.dumps(e()))"
    done = subprocess.run([str(python), "-c", code], env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(
            "The packages of the new environment cannot be told: " + done.stderr.strip().rpartition("\n")[2]
        )
    found = json.loads(done.stdout)
    return {name: found[name] for name in ("python", "implementation", "packages")}


def _causes(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Cause]:  # JSON
    """What may have changed results, the values first."""
    own = [Cause(name, *(_of(facts, name) for facts in (then, now))) for name in _names(then, now)]
    rest = [cause for cause in causes(then, now) if cause.what != "seed"]
    return sorted([*own, *rest], key=lambda cause: not cause.differs)


def _names(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:  # JSON
    """The seed, and parameters that are others."""
    values = [facts["project"]["values"] for facts in (then, now)]
    paths = {one["name"] for one in then["data"]}
    other = [name for name in values[0] if name not in (SEED, *paths) and values[0][name] != values[1].get(name)]
    return [*([SEED] if SEED in values[0] else []), *other]


def _of(facts: Mapping[str, Any], name: str) -> str:  # JSON
    return str(facts["project"]["values"].get(name, ""))


def _notes(one: Original, ended: Ended, how: str) -> tuple[str, ...]:
    """What a reader needs beside the verdict."""
    code = one.facts["code"]
    given = {os.path.normpath(Path(code["folder"]) / known["path"]) for known in one.facts["data"]}
    left = [f"{name} ({why})" for name, why in code["skipped"] if not given & {name, *map(str, Path(name).parents)}]
    note = f"Not kept with the run's code, so as in its commit or not there: {', '.join(left[:5])}."
    return (*([how] if how else []), *([note] if left else []), *ended.outputs.said)
