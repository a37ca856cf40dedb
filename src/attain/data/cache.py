"""Prepared data sets on disk: columns that workers map into memory instead of parsing files again.

A folder holds one `.npy` file a column, the names as JSON, and `about.json` with everything else and the checksum of
each file. Folders are written under another name and renamed, so a folder that is there is whole; the first of
several writers wins, and all of them hold the same.
"""

import contextlib
import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.core.fingerprint import of_arrays, of_file, of_json
from attain.core.places import home
from attain.data.choices import Choices
from attain.data.dataset import C, Change, Dataset
from attain.data.enrolments import Enrolments
from attain.data.interactions import Interactions
from attain.data.prompts import Prompts
from attain.data.scored_answers import ScoredAnswers

logger = logging.getLogger(__name__)

_CONTENTS = {kind.__name__: kind for kind in (Interactions, Enrolments, Choices, Prompts, ScoredAnswers)}
_FAULTS = (OSError, ValueError, KeyError, TypeError, EOFError)


def content_fingerprint(dataset: Dataset[Any]) -> str:  # of any content
    """The fingerprint of what a data set holds and how it came about.

    Pseudonyms of learners do not count: they differ between machines, the answers do not.
    """
    return fingerprint_with(dataset, of_arrays(_columns(dataset).items()))


def fingerprint_with(dataset: Dataset[Any], columns: str) -> str:  # of any content
    """`content_fingerprint` where that of the columns is known."""
    names = {name: value for name, value in dataset.log.texts().items() if name != "learners"}
    return of_json(
        {
            "name": dataset.name,
            "source": dataset.source_sha256,
            "options": dataset.options,
            "changes": [[change.what, change.rows] for change in dataset.changes],
            "columns": columns,
            "names": names,
            "cohorts": None if dataset.cohorts is None else dataset.cohorts.to_dict("list"),
        }
    )


def cached(key: str, prepare: Callable[[], Dataset[C]]) -> Dataset[C]:
    """The data set in the cache under `key`, prepared and written first where it is not there or damaged.

    When the cache cannot be written, the data set is given from memory and a warning is logged.
    """
    folder = home() / "cache" / key
    if (found := _whole(folder)) is not None:
        return found
    dataset = prepare()
    try:
        write_prepared(dataset, folder)
    except OSError as error:
        logger.warning("Cannot write the cache %r: %s. The data is kept in memory only.", str(folder), error.strerror)
        return dataset
    return open_prepared(folder)


def filled(key: str, fill: Callable[[Path], None]) -> Dataset[Any]:  # as whoever fills it says
    """The data set in the cache under `key`, as `cached` gives it; where it is not there, `fill` makes its folder.

    Args:
        key: of the data set.
        fill: makes the folder that it is given, whole and at once.
    """
    folder = home() / "cache" / key
    if (found := _whole(folder)) is not None:
        return found
    fill(folder)
    return open_prepared(folder)


def _whole(folder: Path) -> Dataset[Any] | None:
    """The data set in a folder of the cache; None where it is not there or damaged."""
    if not folder.is_dir():
        return None
    try:
        check_prepared(folder)
        return open_prepared(folder)
    except UserError as error:
        logger.warning("%s It is prepared again.", error)
        return None


def open_prepared(folder: Path) -> Dataset[Any]:  # the folder knows of which content
    """The data set in a folder of the cache; its columns are mapped, not read.

    Raises:
        UserError: the folder is not there or not whole.
    """
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
        columns = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in about["columns"]}
        published = columns.pop("published", None)
        log = _CONTENTS[about["content"]].of(columns, names["log"])
        cohorts = None
        if names["cohorts"] is not None and not isinstance(log, ScoredAnswers):
            index = pd.Index(log.learners, dtype=object, name="learner")
            cohorts = pd.DataFrame(names["cohorts"], index=index, dtype=object)
        return Dataset(
            name=about["name"],
            log=log,
            fingerprint=about["fingerprint"],
            source_sha256=about["source_sha256"],
            options=about["options"],
            changes=tuple(Change(**change) for change in about["changes"]),
            cohorts=cohorts,
            published=published,
            truth={name: pd.read_parquet(folder / f"truth-{name}.parquet") for name in about["truth"]},
            folder=folder,
        )
    except _FAULTS as error:
        raise UserError(f"The prepared data in {str(folder)!r} is not whole ({error}).") from None


def find_prepared(fingerprint: str) -> Path | None:
    """The folder of the data set with this fingerprint in the cache, whoever prepared it; None if there is none."""
    for about in sorted((home() / "cache").glob("*/about.json")):
        if json.loads(about.read_text())["fingerprint"] == fingerprint:
            return about.parent
    return None


def write_prepared(dataset: Dataset[Any], folder: Path) -> None:
    """Write a data set into a folder of the cache; a whole folder that is there already stays."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write(dataset, fresh)
        put_prepared(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def put_prepared(fresh: Path, folder: Path) -> None:
    """Move a fresh folder to its place; a damaged one there goes out of the way, a whole one stays."""
    while True:
        try:
            fresh.rename(folder)
            return
        except OSError:
            if not folder.is_dir():
                raise
        try:
            check_prepared(folder)
            return
        except UserError:
            aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
            with contextlib.suppress(FileNotFoundError):  # another process was faster
                folder.rename(aside / "damaged")
            shutil.rmtree(aside, ignore_errors=True)


def _write(dataset: Dataset[Any], folder: Path) -> None:
    columns = _columns(dataset)
    for name, array in columns.items():
        np.save(folder / f"{name}.npy", array)
    seal(dataset, folder, list(columns))


def seal(
    dataset: Dataset[Any],  # of any content
    folder: Path,
    columns: list[str],
    sha256: Mapping[str, str] | None = None,
) -> None:
    """Write into a folder whose columns are there what belongs to them, and last what the folder is.

    Args:
        dataset: what belongs to them.
        folder: where they are.
        columns: their names.
        sha256: of the files that are there, where that is known.
    """
    names: dict[str, Any] = {"log": dataset.log.texts()}  # JSON
    names["cohorts"] = None if dataset.cohorts is None else dataset.cohorts.to_dict("list")
    (folder / "names.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
    for name, frame in dataset.truth.items():
        frame.to_parquet(folder / f"truth-{name}.parquet")
    about = {
        "name": dataset.name,
        "content": type(dataset.log).__name__,
        "fingerprint": dataset.fingerprint,
        "source_sha256": dataset.source_sha256,
        "options": dataset.options,
        "changes": [vars(change) for change in dataset.changes],
        "columns": columns,
        "truth": list(dataset.truth),
        "sha256": digests(folder, sha256 or {}),
    }
    (folder / "about.json").write_text(json.dumps(about, indent=1), encoding="utf-8")


def digests(folder: Path, known: Mapping[str, str]) -> dict[str, str]:
    """SHA-256 of each file of a folder; those that are known are taken as they are."""
    paths = sorted(folder.iterdir())
    with ThreadPoolExecutor(max_workers=2) as pool:  # hashing needs no lock of Python
        found = pool.map(lambda path: known.get(path.name) or of_file(path), paths)
        return {path.name: digest for path, digest in zip(paths, found, strict=True)}


def _columns(dataset: Dataset[Any]) -> dict[str, NDArray[Any]]:
    """The numeric columns of the log, and the published split."""
    columns: dict[str, NDArray[Any]] = dataset.log.arrays()
    return columns if dataset.published is None else columns | {"published": dataset.published}


def check_prepared(folder: Path) -> None:
    """Refuse a folder in which a file is missing or has other bytes than were written."""
    try:
        wanted: dict[str, str] = json.loads((folder / "about.json").read_text(encoding="utf-8"))["sha256"]
        wrong = [name for name, digest in wanted.items() if of_file(folder / name) != digest]
    except _FAULTS as error:
        raise UserError(f"The prepared data in {str(folder)!r} is not whole ({error}).") from None
    if wrong:
        raise UserError(f"The prepared data in {str(folder)!r} is damaged ({', '.join(wrong)}).")
