"""Reading the SQLite file of an MLflow server, such as `mlflow.db`."""

import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from attain.tracking.entities import PARENT_TAG, DatasetInput, Experiment, MetricPoint, ModelOutput, Run
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.mlflow_sources.locations import files_below, local_folder, opened
from attain.tracking.mlflow_sources.source import Owner, SourceFile
from attain.tracking.registry_entities import MODEL_STATUSES, LoggedModel, ModelPoint, ModelVersion, RegisteredModel

Row = sqlite3.Row
TABLES = ("experiments", "runs", "metrics", "latest_metrics", "params", "tags", "registered_models", "model_versions")


class DatabaseSource:
    """A SQLite file; artifacts are read where it says they are, relative paths from its folder. It is not changed."""

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise NotFound(f"There is no file {str(file)!r}.")
        self._file = file.resolve()
        self.origin = self._file.as_uri()
        self._connection = sqlite3.connect(f"{self._file.as_uri()}?mode=ro", uri=True)
        self._connection.row_factory = sqlite3.Row
        try:
            known = {row[0] for row in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        except sqlite3.DatabaseError as error:
            raise Invalid(f"The file {str(file)!r} cannot be read as a SQLite database: {error}.") from None
        if missing := [name for name in TABLES if name not in known]:
            raise Invalid(
                f"The file {str(file)!r} is not an MLflow database: it has no table {missing[0]!r}. "
                "An old one is brought up to date by `mlflow db upgrade`."
            )
        self._has_inputs = {"inputs", "input_tags", "datasets"} <= known
        self._has_models = {"logged_models", "logged_model_metrics"} <= known
        self._has_aliases = "registered_model_aliases" in known

    def experiments(self) -> Iterator[Experiment]:
        """Every experiment, deleted ones also."""
        for row in self._rows("SELECT * FROM experiments ORDER BY experiment_id"):
            number = row["experiment_id"]
            yield Experiment(
                experiment_id=str(number),
                name=row["name"],
                artifact_location=row["artifact_location"] or "",
                lifecycle_stage=row["lifecycle_stage"],
                creation_time=row["creation_time"] or 0,
                last_update_time=row["last_update_time"] or 0,
                tags=self._pairs("SELECT key, value FROM experiment_tags WHERE experiment_id = ?", number),
            )

    def runs(self, experiment_id: str) -> Iterator[Run]:
        """Every run of an experiment, deleted ones also, the first one first."""
        for row in self._rows("SELECT * FROM runs WHERE experiment_id = ? ORDER BY start_time", int(experiment_id)):
            yield self._run(row)

    def points(self, run: Run) -> Iterator[MetricPoint]:
        """Every point of every metric of a run."""
        for row in self._rows("SELECT * FROM metrics WHERE run_uuid = ?", run.run_id):
            yield _point(row)

    def models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """Every logged model of an experiment, deleted ones also; none in a file that is older than they are."""
        query = "SELECT * FROM logged_models WHERE experiment_id = ? ORDER BY creation_timestamp_ms"
        for row in self._rows(query, int(experiment_id)) if self._has_models else ():
            yield LoggedModel(
                model_id=row["model_id"],
                experiment_id=experiment_id,
                name=row["name"],
                model_type=row["model_type"] or "",
                source_run_id=row["source_run_id"] or "",
                status=MODEL_STATUSES[row["status"] - 1],
                lifecycle_stage=row["lifecycle_stage"] or "active",
                artifact_uri=row["artifact_location"],
                creation_time=row["creation_timestamp_ms"],
                last_update_time=row["last_updated_timestamp_ms"],
                params=self._pairs(
                    "SELECT param_key, param_value FROM logged_model_params WHERE model_id = ?", row["model_id"]
                ),
                tags=self._pairs(
                    "SELECT tag_key, tag_value FROM logged_model_tags WHERE model_id = ?", row["model_id"]
                ),
            )

    def model_points(self, model: LoggedModel) -> Iterator[ModelPoint]:
        """Every point that is about a logged model."""
        for row in self._rows("SELECT * FROM logged_model_metrics WHERE model_id = ?", model.model_id):
            value = math.nan if row["metric_value"] is None else row["metric_value"]
            point = MetricPoint(row["metric_name"], value, row["metric_timestamp_ms"], row["metric_step"])
            yield ModelPoint(
                model.model_id, point, row["dataset_name"] or "", row["dataset_digest"] or "", row["run_id"]
            )

    def files(self, owner: Owner) -> Iterator[SourceFile]:
        """Every artifact of a run or logged model."""
        return files_below(local_folder(owner.artifact_uri, self._file.parent))

    def open(self, owner: Owner, path: str) -> BinaryIO:
        """An artifact, for reading."""
        return opened(local_folder(owner.artifact_uri, self._file.parent), path)

    def registered_models(self) -> Iterator[RegisteredModel]:
        """Every registered model."""
        for row in self._rows("SELECT * FROM registered_models ORDER BY name"):
            aliases = "SELECT alias AS key, version AS value FROM registered_model_aliases WHERE name = ?"
            found = self._pairs(aliases, row["name"]) if self._has_aliases else {}
            yield RegisteredModel(
                name=row["name"],
                description=row["description"] or "",
                creation_time=row["creation_time"] or 0,
                last_update_time=row["last_updated_time"] or 0,
                tags=self._pairs("SELECT key, value FROM registered_model_tags WHERE name = ?", row["name"]),
                aliases={alias: int(version) for alias, version in found.items()},
            )

    def versions(self, name: str) -> Iterator[ModelVersion]:
        """Every version of a registered model, the first one first; those that were deleted are left out."""
        query = "SELECT * FROM model_versions WHERE name = ? AND current_stage != 'Deleted_Internal' ORDER BY version"
        for row in self._rows(query, name):
            tags = "SELECT key, value FROM model_version_tags WHERE name = ? AND version = ?"
            yield ModelVersion(
                name=name,
                version=row["version"],
                stage=row["current_stage"] or "None",
                description=row["description"] or "",
                source=row["source"] or "",
                storage=row["source"] or "",
                run_id=row["run_id"] or "",
                run_link=row["run_link"] or "",
                model_id="",
                user_id=row["user_id"] or "",
                creation_time=row["creation_time"] or 0,
                last_update_time=row["last_updated_time"] or 0,
                tags=self._pairs(tags, name, row["version"]),
            )

    def _run(self, row: Row) -> Run:
        run_id = row["run_uuid"]
        tags = self._pairs("SELECT key, value FROM tags WHERE run_uuid = ?", run_id)
        latest = [_point(one) for one in self._rows("SELECT * FROM latest_metrics WHERE run_uuid = ?", run_id)]
        return Run(
            run_id=run_id,
            experiment_id=str(row["experiment_id"]),
            name=row["name"] or tags.get("mlflow.runName", ""),
            status=row["status"],
            start_time=row["start_time"] or 0,
            end_time=row["end_time"],
            lifecycle_stage=row["lifecycle_stage"],
            user_id=row["user_id"] or "",
            artifact_uri=row["artifact_uri"] or "",
            parent_run_id=tags.get(PARENT_TAG),
            latest={point.key: point for point in latest},
            params=self._pairs("SELECT key, value FROM params WHERE run_uuid = ?", run_id),
            tags=tags,
            inputs=tuple(self._inputs(run_id)) if self._has_inputs else (),
            model_inputs=tuple(row["destination_id"] for row in self._links("RUN_INPUT", run_id)),
            model_outputs=tuple(
                ModelOutput(row["destination_id"], row["step"]) for row in self._links("RUN_OUTPUT", run_id)
            ),
        )

    def _links(self, kind: str, run_id: str) -> Iterator[Row]:
        """The logged models that a run used or made."""
        query = "SELECT * FROM inputs WHERE source_type = ? AND source_id = ?"
        return self._rows(query, kind, run_id) if self._has_models else iter(())

    def _inputs(self, run_id: str) -> Iterator[DatasetInput]:
        query = (
            "SELECT d.*, i.input_uuid FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id "
            "WHERE i.destination_id = ? AND i.source_type = 'DATASET' ORDER BY d.name"
        )
        for row in self._rows(query, run_id):
            yield DatasetInput(
                name=row["name"],
                digest=row["digest"],
                source_type=row["dataset_source_type"] or "",
                source=row["dataset_source"] or "",
                schema=row["dataset_schema"],
                profile=row["dataset_profile"],
                tags=self._pairs("SELECT name, value FROM input_tags WHERE input_uuid = ?", row["input_uuid"]),
            )

    def _rows(self, query: str, *values: object) -> Iterator[Row]:
        """The rows of a query, read as they are asked for."""
        return iter(self._connection.execute(query, values))

    def _pairs(self, query: str, *values: object) -> dict[str, str]:
        return {row[0]: row[1] for row in self._rows(query, *values)}


def _point(row: Row) -> MetricPoint:
    value = math.nan if row["is_nan"] else row["value"]
    return MetricPoint(row["key"], value, row["timestamp"], row["step"])
