"""Reading a folder `mlruns`, where MLflow keeps each fact in a small file."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import yaml

from attain.tracking.entities import PARENT_TAG, STATUSES, DatasetInput, Experiment, MetricPoint, Run
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.mlflow_sources.locations import files_below, local_folder, opened
from attain.tracking.mlflow_sources.source import SourceFile, Unreadable
from attain.tracking.registry_entities import ModelVersion, RegisteredModel

Yaml = dict[str, Any]

DELETED = "Deleted_Internal"
"""The stage of a version that was deleted."""
META, TRASH, MODELS = "meta.yaml", ".trash", "models"
NOT_RUNS = ("tags", "datasets", "traces", "models")


class FolderSource:
    """A file store; `folder` is what `mlflow.set_tracking_uri` was given, usually `mlruns`."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise NotFound(f"There is no folder {str(folder)!r}.")
        self._folder = folder.resolve()
        self.origin = self._folder.as_uri()
        if not any(self._experiment_folders()):
            raise Invalid(
                f"The folder {str(folder)!r} is not an MLflow file store: no folder in it has a {META!r} of an "
                "experiment. Expected the folder that is usually called 'mlruns'."
            )

    def experiments(self) -> Iterator[Experiment]:
        """Every experiment, deleted ones also."""
        for folder in self._experiment_folders():
            meta = _meta(folder)
            yield Experiment(
                experiment_id=str(meta["experiment_id"]),
                name=meta["name"],
                artifact_location=meta.get("artifact_location") or "",
                lifecycle_stage=meta.get("lifecycle_stage", "active"),
                creation_time=int(meta.get("creation_time") or 0),
                last_update_time=int(meta.get("last_update_time") or 0),
                tags=_texts(folder / "tags"),
            )

    def runs(self, experiment_id: str) -> Iterator[Run | Unreadable]:
        """Every run of an experiment, deleted ones also."""
        folder = self._experiment(experiment_id)
        for below in sorted(folder.iterdir()):
            if below.name not in NOT_RUNS and (below / META).is_file():
                try:
                    yield self._run(below)
                except Invalid as error:
                    yield Unreadable(below.name, str(error))

    def points(self, run: Run) -> Iterator[MetricPoint]:
        """Every point of every metric of a run."""
        folder = self._experiment(run.experiment_id) / run.run_id / "metrics"
        for key, file in _named(folder):
            with file.open() as lines:
                yield from (_point(key, line, file) for line in lines if line.strip())

    def files(self, run: Run) -> Iterator[SourceFile]:
        """Every artifact of a run."""
        return files_below(self._artifacts(run))

    def open(self, run: Run, path: str) -> BinaryIO:
        """An artifact, for reading."""
        return opened(self._artifacts(run), path)

    def registered_models(self) -> Iterator[RegisteredModel]:
        """Every registered model."""
        for folder in _with_meta(self._folder / MODELS):
            meta = _meta(folder)
            yield RegisteredModel(
                name=meta["name"],
                description=meta.get("description") or "",
                creation_time=int(meta.get("creation_timestamp") or 0),
                last_update_time=int(meta.get("last_updated_timestamp") or 0),
                tags=_texts(folder / "tags"),
                aliases={name: int(text) for name, text in _texts(folder / "aliases").items()},
            )

    def versions(self, name: str) -> Iterator[ModelVersion]:
        """Every version of a registered model, the first one first; those that were deleted are left out."""
        found = []
        for folder in _with_meta(self._folder / MODELS / name):
            meta = _meta(folder)
            if meta.get("current_stage") == DELETED:
                continue
            version = ModelVersion(
                name=name,
                version=int(meta["version"]),
                stage=meta.get("current_stage") or "None",
                description=meta.get("description") or "",
                source=meta.get("source") or "",
                storage=meta.get("storage_location") or meta.get("source") or "",
                run_id=meta.get("run_id") or "",
                run_link=meta.get("run_link") or "",
                model_id=meta.get("model_id") or "",
                user_id=meta.get("user_id") or "",
                creation_time=int(meta.get("creation_timestamp") or 0),
                last_update_time=int(meta.get("last_updated_timestamp") or 0),
                tags=_texts(folder / "tags"),
            )
            found.append(version)
        yield from sorted(found, key=lambda one: one.version)

    def _experiment_folders(self) -> Iterator[Path]:
        for parent in (self._folder, self._folder / TRASH):
            yield from (folder for folder in _with_meta(parent) if "experiment_id" in _meta(folder))

    def _experiment(self, experiment_id: str) -> Path:
        for parent in (self._folder, self._folder / TRASH):
            if (parent / experiment_id / META).is_file():
                return parent / experiment_id
        raise NotFound(f"There is no experiment {experiment_id!r} in {str(self._folder)!r}.")

    def _artifacts(self, run: Run) -> Path:
        """Beside the run, also where the whole folder was moved; else where the run says."""
        beside = self._experiment(run.experiment_id) / run.run_id / "artifacts"
        if beside.is_dir() or not run.artifact_uri:
            return beside
        return local_folder(run.artifact_uri, self._folder.parent)

    def _run(self, folder: Path) -> Run:
        meta, tags = _meta(folder), _texts(folder / "tags")
        latest: dict[str, MetricPoint] = {}
        run = Run(
            run_id=meta.get("run_id") or meta["run_uuid"],
            experiment_id=str(meta["experiment_id"]),
            name=meta.get("run_name") or tags.get("mlflow.runName", ""),
            status=STATUSES_BY_NUMBER[int(meta["status"])],  # type: ignore[arg-type]  # one of STATUSES
            start_time=int(meta.get("start_time") or 0),
            end_time=int(meta["end_time"]) if meta.get("end_time") else None,
            lifecycle_stage=meta.get("lifecycle_stage", "active"),
            user_id=meta.get("user_id") or "",
            artifact_uri=meta.get("artifact_uri") or "",
            parent_run_id=tags.get(PARENT_TAG),
            params=_texts(folder / "params"),
            tags=tags,
            inputs=tuple(_inputs(folder)),
        )
        for point in self.points(run):
            if point.key not in latest or rank(point) > rank(latest[point.key]):
                latest[point.key] = point
        return replace(run, latest=latest)


STATUSES_BY_NUMBER = dict(enumerate(STATUSES, start=1))


def rank(point: MetricPoint) -> tuple[int, int, bool, float]:
    """What makes a point later than another: step, then time, then value, NaN above numbers."""
    is_nan = point.value != point.value
    return point.step, point.timestamp, is_nan, 0.0 if is_nan else point.value


def _inputs(run: Path) -> Iterator[DatasetInput]:
    for folder in _with_meta(run / "inputs"):
        link = _meta(folder)
        data = run.parent / "datasets" / str(link["source_id"])
        if link.get("source_type") == "DATASET" and (data / META).is_file():
            meta = _meta(data)
            yield DatasetInput(
                name=meta["name"],
                digest=meta["digest"],
                source_type=meta.get("source_type") or "",
                source=meta.get("source") or "",
                schema=meta.get("schema"),
                profile=meta.get("profile"),
                tags=link.get("tags") or {},
            )


def _point(key: str, line: str, file: Path) -> MetricPoint:
    """A line `time value`, `time value step`, or with a data set's name and digest behind."""
    parts = line.split()
    try:
        return MetricPoint(key, float(parts[1]), int(parts[0]), int(parts[2]) if len(parts) > 2 else 0)
    except (ValueError, IndexError):
        raise Invalid(
            f"The metric file {str(file)!r} has a line {line.strip()!r}; expected 'time value step'."
        ) from None


def _texts(folder: Path) -> dict[str, str]:
    return {key: file.read_text() for key, file in _named(folder)}


def _named(folder: Path) -> Iterator[tuple[str, Path]]:
    """Files below a folder, by their relative path: a key with slashes is a file in folders."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file.relative_to(folder).as_posix(), file


def _with_meta(folder: Path) -> list[Path]:
    return sorted(f for f in folder.iterdir() if (f / META).is_file()) if folder.is_dir() else []


def _meta(folder: Path) -> Yaml:
    try:
        found = yaml.safe_load((folder / META).read_text())
    except yaml.YAMLError as error:
        raise Invalid(f"The file {str(folder / META)!r} is not YAML: {error}.") from None
    if not isinstance(found, dict):
        raise Invalid(f"The file {str(folder / META)!r} is empty or damaged; expected names with values.")
    return found
