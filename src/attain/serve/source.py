"""Which model is to be served: a registered one by its alias or version, that of a run, or a saved folder."""

import hashlib
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from attain.core.errors import UserError
from attain.data.catalogue import read
from attain.serve.served import Served, load
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.errors import NotFound
from attain.tracking.find_run import find_run
from attain.tracking.registry_entities import ModelVersion
from attain.tracking.store import Store

MODEL = "model"
"""The folder of a run in which its model lies."""


@dataclass(frozen=True)
class Found:
    """A model, and where its files are.

    Attributes:
        name: what it is called when it is served, and under which answers of learners are kept.
        version: of a registered model its number, else how the run's id or the files' fingerprint begins.
        run_id: the run whose files they are; "" for a folder.
        path: of the files in the run, or of the folder.
    """

    name: str
    version: str
    run_id: str
    path: str


def find(store: Store | None, text: str, name: str = "") -> Found:
    """The model that a person names: `NAME@ALIAS`, `NAME/VERSION`, a folder, or a run.

    Args:
        store: where runs and the registry are; None if only folders may be named.
        text: what a person gave.
        name: what it is called when it is served; its own name if not given.

    Raises:
        UserError: there is no such model, or the run keeps none.
    """
    found = _find(store, text.removeprefix("models:/"))
    return replace(found, name=name) if name else found


def _find(store: Store | None, text: str) -> Found:
    if Path(text, "model.json").is_file():
        return Found(Path(text).resolve().name, _of_files(Path(text))[:8], "", str(Path(text).resolve()))
    if Path(text).is_dir():
        raise UserError(f"{text!r} holds no saved model: it has no 'model.json'.")
    if store is None:
        raise UserError(f"{text!r} is not a folder with a saved model.")
    if match := re.fullmatch(r"([^/:@]+)(?:@([\w\-]+)|/(\d+))", text):
        name, alias, version = match.groups()
        registry = store.registry
        found = registry.version_by_alias(name, alias) if alias else registry.version(name, version)
        return _of_version(store, found)
    run = find_run(store, text)
    _check_model(store, run, MODEL)
    return Found(run.name or run.run_id[:8], run.run_id[:8], run.run_id, MODEL)


def fetch(store: Store | None, found: Found, items: Path | None = None) -> Served:
    """The model itself, in memory.

    Args:
        store: where its run is.
        found: the model.
        items: a file of the items that there are, in place of those kept with the model.
    """
    served = _fetched(store, found)
    return served if items is None else served.with_items(read(items))


def _fetched(store: Store | None, found: Found) -> Served:
    if not found.run_id:
        folder = Path(found.path)
        return load(folder, found.name, found.version, _of_files(folder))
    assert store is not None, "a model of a run was found in a store"
    with tempfile.TemporaryDirectory(prefix="attain-serve-") as scratch:
        artifacts.download(store, found.run_id, found.path, scratch)
        folder = Path(scratch) / found.path
        return load(folder, found.name, found.version, _of_files(folder))


def _of_version(store: Store, version: ModelVersion) -> Found:
    known = f"Version {version.version} of {version.name!r}"
    if not version.run_id:
        raise UserError(f"{known} belongs to no run; only models of runs can be served.")
    run = store.get_run(version.run_id)
    inside = version.storage.removeprefix(run.artifact_uri.rstrip("/") + "/")
    if inside == version.storage:
        raise UserError(f"{known} lies at {version.storage!r}, outside the files of its run; it cannot be served.")
    path = inside.strip("/")
    _check_model(store, run, path)
    return Found(version.name, str(version.version), run.run_id, path)


def _check_model(store: Store, run: Run, path: str) -> None:
    try:
        store.artifact(run.run_id, f"{path}/model.json")
    except NotFound:
        folds = store.search_runs([run.experiment_id], f"tags.`mlflow.parentRunId` = '{run.run_id}'", max_results=50)
        keeping = [one.run_id for one in folds.items if _has_model(store, one.run_id)]
        hint = f" The runs of its folds do: {', '.join(sorted(keeping))}." if keeping else ""
        raise UserError(
            f"Run {run.run_id[:8]} ({run.name}) keeps no model of attain in {path!r}: there is no 'model.json'.{hint}"
        ) from None


def _has_model(store: Store, run_id: str) -> bool:
    return any(file.path == f"{MODEL}/model.json" for file in store.artifacts_under(run_id, MODEL))


def _of_files(folder: Path) -> str:
    """The fingerprint of all files of a folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]
