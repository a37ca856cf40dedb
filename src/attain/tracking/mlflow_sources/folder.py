"""Reading a folder `mlruns`, where MLflow keeps each fact in a small file."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from attain.tracking.entities import PARENT_TAG, STATUSES, DatasetInput, Experiment, MetricPoint, ModelOutput, Run
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.mlflow_sources.locations import files_below, local_folder, opened
from attain.tracking.mlflow_sources.small_files import (
    META,
    files_by_name,
    folders_with_meta,
    meta_of,
    model_point_of_line,
    point_of_line,
    texts_in,
)
from attain.tracking.mlflow_sources.source import Owner, SourceFile, Unreadable, id_of
from attain.tracking.registry_entities import MODEL_STATUSES, LoggedModel, ModelPoint, ModelVersion, RegisteredModel

DELETED = "Deleted_Internal"
"""The stage of a version that was deleted."""
TRASH, MODELS = ".trash", "models"
MODEL_INPUTS = ("MODEL", "MODEL_INPUT")
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
            meta = meta_of(folder)
            yield Experiment(
                experiment_id=str(meta["experiment_id"]),
                name=meta["name"],
                artifact_location=meta.get("artifact_location") or "",
                lifecycle_stage=meta.get("lifecycle_stage", "active"),
                creation_time=int(meta.get("creation_time") or 0),
                last_update_time=int(meta.get("last_update_time") or 0),
                tags=texts_in(folder / "tags"),
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
        for key, file in files_by_name(folder):
            with file.open() as lines:
                yield from (point_of_line(key, line, file) for line in lines if line.strip())

    def models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """Every logged model of an experiment, deleted ones also."""
        for folder in folders_with_meta(self._experiment(experiment_id) / MODELS):
            meta = meta_of(folder)
            yield LoggedModel(
                model_id=meta["model_id"],
                experiment_id=experiment_id,
                name=meta["name"],
                model_type=meta.get("model_type") or "",
                source_run_id=meta.get("source_run_id") or "",
                status=MODEL_STATUSES[int(meta["status"]) - 1],  # type: ignore[arg-type]  # one of them
                lifecycle_stage=meta.get("lifecycle_stage") or "active",
                artifact_uri=meta.get("artifact_location") or "",
                creation_time=int(meta.get("creation_timestamp") or 0),
                last_update_time=int(meta.get("last_updated_timestamp") or 0),
                params=texts_in(folder / "params"),
                tags=texts_in(folder / "tags"),
            )

    def model_points(self, model: LoggedModel) -> Iterator[ModelPoint]:
        """Every point that is about a logged model; MLflow keeps them in the experiments of the runs."""
        for experiment in self._experiment_folders():
            for key, file in files_by_name(experiment / MODELS / model.model_id / "metrics"):
                with file.open() as lines:
                    yield from (model_point_of_line(model.model_id, key, line, file) for line in lines if line.strip())

    def files(self, owner: Owner) -> Iterator[SourceFile]:
        """Every artifact of a run or logged model."""
        return files_below(self._artifacts(owner))

    def open(self, owner: Owner, path: str) -> BinaryIO:
        """An artifact, for reading."""
        return opened(self._artifacts(owner), path)

    def registered_models(self) -> Iterator[RegisteredModel]:
        """Every registered model."""
        for folder in folders_with_meta(self._folder / MODELS):
            meta = meta_of(folder)
            yield RegisteredModel(
                name=meta["name"],
                description=meta.get("description") or "",
                creation_time=int(meta.get("creation_timestamp") or 0),
                last_update_time=int(meta.get("last_updated_timestamp") or 0),
                tags=texts_in(folder / "tags"),
                aliases={name: int(text) for name, text in texts_in(folder / "aliases").items()},
            )

    def versions(self, name: str) -> Iterator[ModelVersion]:
        """Every version of a registered model, the first one first; those that were deleted are left out."""
        found = []
        for folder in folders_with_meta(self._folder / MODELS / name):
            meta = meta_of(folder)
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
                tags=texts_in(folder / "tags"),
            )
            found.append(version)
        yield from sorted(found, key=lambda one: one.version)

    def _experiment_folders(self) -> Iterator[Path]:
        for parent in (self._folder, self._folder / TRASH):
            yield from (folder for folder in folders_with_meta(parent) if "experiment_id" in meta_of(folder))

    def _experiment(self, experiment_id: str) -> Path:
        for parent in (self._folder, self._folder / TRASH):
            if (parent / experiment_id / META).is_file():
                return parent / experiment_id
        raise NotFound(f"There is no experiment {experiment_id!r} in {str(self._folder)!r}.")

    def _artifacts(self, owner: Owner) -> Path:
        """Beside the run or model, also where the whole folder was moved; else where it says."""
        experiment = self._experiment(owner.experiment_id)
        beside = (experiment if isinstance(owner, Run) else experiment / MODELS) / id_of(owner) / "artifacts"
        if beside.is_dir() or not owner.artifact_uri:
            return beside
        return local_folder(owner.artifact_uri, self._folder.parent)

    def _run(self, folder: Path) -> Run:
        meta, tags = meta_of(folder), texts_in(folder / "tags")
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
            params=texts_in(folder / "params"),
            tags=tags,
            inputs=tuple(_inputs(folder)),
            model_inputs=tuple(
                str(link["source_id"])
                for link in map(meta_of, folders_with_meta(folder / "inputs"))
                if link.get("source_type") in MODEL_INPUTS
            ),
            model_outputs=tuple(
                ModelOutput(str(link["destination_id"]), int(link.get("step") or 0))
                for link in map(meta_of, folders_with_meta(folder / "outputs"))
            ),
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
    for folder in folders_with_meta(run / "inputs"):
        link = meta_of(folder)
        data = run.parent / "datasets" / str(link["source_id"])
        if link.get("source_type") == "DATASET" and (data / META).is_file():
            meta = meta_of(data)
            yield DatasetInput(
                name=meta["name"],
                digest=meta["digest"],
                source_type=meta.get("source_type") or "",
                source=meta.get("source") or "",
                schema=meta.get("schema"),
                profile=meta.get("profile"),
                tags=link.get("tags") or {},
            )
