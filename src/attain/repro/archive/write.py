"""A run with all that a repetition elsewhere needs, as one ZIP file."""

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attain import __version__
from attain.core.errors import UserError
from attain.repro.archive.code import whole_code
from attain.repro.archive.data import data_files
from attain.repro.archive.read import FILES, FORMAT, HEAD, RUN, SUMS, Head
from attain.repro.archive.recipes import Told, recipes
from attain.repro.archive.source import own_source
from attain.repro.original import Original
from attain.repro.pins import pins_of
from attain.repro.verdict import seed_runs
from attain.suite.results import PREPARED
from attain.tracking import artifacts
from attain.tracking.entities import PARENT_TAG, Run
from attain.tracking.environment import LOCK_PATH
from attain.tracking.provenance import BUNDLE_PATH, DIFF_PATH, PROVENANCE_PATH, UNTRACKED_PATH
from attain.tracking.run_record import record_of

_WHEN = (1980, 1, 1, 0, 0, 0)
"""The time of every file in it, so that what is the same has the same bytes."""
_OF_A_CLONE = (DIFF_PATH, UNTRACKED_PATH)
"""Files that say how a clone differed, which may hold what the bundle leaves out."""


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        path: the file; `sha256` is of the whole of it, `size` in bytes.
        runs: how many runs are in it.
        files: how many files.
        data_files: those of data, as they lie in it.
        left_out: files of the code that are not in it, each with the reason.
        hashed: whether the hash of every package's files is known.
    """

    path: Path
    sha256: str
    size: int
    runs: int
    files: int
    data_files: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    hashed: bool


def export(one: Original, path: Path, *, repository: Path, folders: Sequence[Path] = (), with_data: bool) -> Exported:
    """Write the archive; the file appears when it is whole.

    Args:
        one: the run: of a suite, or of one of its models.
        path: of the archive.
        repository: a folder in a clone that has the run's commit, where the store does not keep all of the code.
        folders: where data files may lie, beside the usual places.
        with_data: whether it holds the data files.

    Raises:
        UserError: the path is taken or cannot be written, or the code or the data cannot be had again.
    """
    if path.exists():
        raise UserError(f"{str(path)!r} is there already; remove it, or give another name with -o.")
    with tempfile.TemporaryDirectory(prefix="attain-") as scratch:
        facts, bundle = dict(one.facts), b""
        if facts["code"] is not None:
            facts["code"], bundle = whole_code(facts["code"], one.bundle, repository, Path(scratch))
    told = _told(one, facts, data_files(facts["data"], folders) if with_data else {})
    contents = _Contents(one, _runs(one), told, bundle)
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        count = _write(half, contents)
        half.replace(path)
    except OSError as problem:
        raise UserError(f"The archive cannot be written to {str(path)!r}: {problem.strerror}.") from None
    finally:
        half.unlink(missing_ok=True)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    left = tuple((str(name), str(why)) for name, why in (facts["code"] or {"skipped": ()})["skipped"])
    size, runs = path.stat().st_size, len(contents.runs)
    return Exported(path, digest, size, runs, count, tuple(told.data), left, told.pins.hashed)


def _told(one: Original, facts: dict[str, Any], data: dict[str, Path]) -> Told:  # JSON
    packages = facts["environment"]["packages"]
    pins = pins_of(packages, one.lock)
    return Told(
        name=one.suite_run.name,
        run=f"{one.run.name} ({one.run.run_id[:8]})",
        run_id=one.run.run_id,
        facts=facts,
        pins=pins,
        source=own_source() if "attain" in pins.folders or "attain" not in packages else {},
        data=data,
        code_at=f"runs/{one.suite_run.run_id}/{FILES}/{BUNDLE_PATH}",
    )


@dataclass(frozen=True)
class _Contents:
    one: Original
    runs: Sequence[Run]
    told: Told
    bundle: bytes

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """Every file's name and content, one at a time."""
        yield from self._at_the_top().items()
        for name, local in {**self.told.source, **self.told.data}.items():
            yield name, local.read_bytes()
        for run in self.runs:
            known = record_of(self.one.store, run, without=[PREPARED])
            yield f"runs/{run.run_id}/{RUN}", known.model_dump_json(indent=1).encode()
            own = self._own(run)
            for file in self.one.store.artifacts_under(run.run_id):
                if file.path not in own and file.path not in _OF_A_CLONE:
                    content = artifacts.read_bytes(self.one.store, run.run_id, file.path)
                    yield f"runs/{run.run_id}/{FILES}/{file.path}", content
            for path, content in own.items():
                yield f"runs/{run.run_id}/{FILES}/{path}", content

    def _at_the_top(self) -> dict[str, bytes]:
        one, facts = self.one, self.told.facts
        head = Head(format=FORMAT, attain=__version__, run=one.run.run_id, suite_run=one.suite_run.run_id)
        return {
            HEAD: head.model_dump_json(indent=1).encode(),
            PROVENANCE_PATH: json.dumps(facts, indent=1).encode(),
            "suite.yaml": str(facts["suite_text"]).encode(),
            "data.json": json.dumps([_described(each) for each in facts["data"]], indent=1).encode(),
            **({LOCK_PATH: one.lock} if one.lock else {}),
            **recipes(self.told),
        }

    def _own(self, run: Run) -> dict[str, bytes]:
        """Files of the suite's run that are other here: its code needs no clone any more."""
        if run.run_id != self.one.suite_run.run_id:
            return {}
        facts = {PROVENANCE_PATH: json.dumps(self.told.facts, indent=1).encode()}
        return facts | ({BUNDLE_PATH: self.bundle} if self.bundle else {})


def _write(path: Path, contents: _Contents) -> int:
    sums: dict[str, str] = {}
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as packed:
        for name, content in contents:
            packed.writestr(_entry(name), content)
            sums[name] = hashlib.sha256(content).hexdigest()
        packed.writestr(_entry(SUMS), "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())))
    return len(sums) + 1


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _runs(one: Original) -> list[Run]:
    """The suite's run, its models, those with other seeds that say what a seed changes, and the folds of all these."""
    models = {run.run_id: run for member in one.members for run in (member, *seed_runs(one.store, member))}
    of_suite = [run for run in models.values() if run.parent_run_id == one.suite_run.run_id]
    others = {run.parent_run_id or "" for run in models.values()} - {one.suite_run.run_id, ""}
    folds = [fold for run in of_suite for fold in _children(one, run)]
    found = [one.suite_run, *(one.store.get_run(run) for run in sorted(others)), *models.values(), *folds]
    return list({run.run_id: run for run in found}.values())


def _children(one: Original, run: Run) -> list[Run]:
    found: list[Run] = []
    token: str | None = None
    while True:
        asked = f"tags.`{PARENT_TAG}` = '{run.run_id}'"
        page = one.store.search_runs([run.experiment_id], asked, (), 200, token)
        found += page.items
        if (token := page.next_token) is None:
            return found


def _described(data: dict[str, Any]) -> dict[str, Any]:  # JSON
    """A data set without anything that its rows could be told from."""
    rows = {name: parts[0] for name, parts in data["columns"].items()}
    return {
        "name": data["name"],
        "fingerprint": data["fingerprint"],
        "files": data["source_sha256"],
        "entries by column": rows,
    }
