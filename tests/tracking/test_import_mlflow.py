"""Imports from a folder that MLflow's own client wrote, and from a SQLite file with its schema."""

import importlib.util
import math
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from attain.tracking.artifacts import read_bytes
from attain.tracking.entities import DatasetInput, MetricPoint, Run
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.import_mlflow import STATE_TAG, import_mlflow, open_source
from attain.tracking.import_registry import of_owner
from attain.tracking.import_report import ORIGIN_TAG, Counts, Report
from attain.tracking.sql.store import Store

WRITE = """
import sys
import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag
mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
mlflow.set_experiment("first")
with mlflow.start_run(run_name="outer", tags={"note": "one\\ntwo"}) as run:
    mlflow.log_params({"lr": 0.1, "model/depth": "a b"})
    for step in range(5):
        mlflow.log_metric("loss/train", 1 / (step + 1), step=step, timestamp=1000 + step)
    mlflow.log_metric("undefined", float("nan"), timestamp=1)
    mlflow.log_metric("endless", float("-inf"), timestamp=2, step=-3)
    mlflow.log_text("hello", "notes/a b.txt")
    data = Dataset("answers", "abc123", "local", "a.csv", schema="{}")
    client.log_inputs(run.info.run_id, datasets=[DatasetInput(data, [InputTag("mlflow.data.context", "training")])])
    with mlflow.start_run(run_name="inner", nested=True) as inner:
        pass
client.delete_run(inner.info.run_id)
failed = client.create_run(run.info.experiment_id)
client.set_terminated(failed.info.run_id, "FAILED")
client.create_registered_model("tracer", tags={"team": "a"}, description="Traces.")
for number in range(3):
    client.create_model_version("tracer", f"{run.info.artifact_uri}/notes", run.info.run_id, tags={"n": str(number)})
client.set_registered_model_alias("tracer", "champion", "3")
client.delete_model_version("tracer", "2")
gone = client.create_experiment("gone")
client.create_run(gone)
client.delete_experiment(gone)
"""


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that MLflow's client wrote."""
    if importlib.util.find_spec("mlflow") is None:
        pytest.skip("MLflow's client is not installed: pip install mlflow-skinny")
    folder = tmp_path_factory.mktemp("mlflow")
    environment = os.environ | {"MLFLOW_ALLOW_FILE_STORE": "true"}
    command = [sys.executable, "-W", "ignore", "-c", WRITE, f"file://{folder}/mlruns"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return folder / "mlruns"


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """The folder at another place, as after a move: its own addresses are wrong now."""
    return Path(shutil.copytree(written, tmp_path / "moved"))


def run_import(address: Path | str, store: Store) -> Report:
    return import_mlflow(open_source(str(address)), store, lambda report: None)


def named(store: Store, name: str) -> Run:
    experiment = store.experiment_named("first")
    assert experiment is not None
    (run,) = store.search_runs([experiment.experiment_id], f"attributes.run_name = '{name}'", view="ALL").items
    return run


def test_everything_in_a_folder_is_taken_over(folder: Path, store: Store) -> None:
    report = run_import(folder, store)
    assert report.trouble == []
    assert report.complete
    run = named(store, "outer")
    assert (folder / store_id(folder, "first") / run.run_id).is_dir()  # the id is kept
    assert (run.status, run.params) == ("FINISHED", {"lr": "0.1", "model/depth": "a b"})
    assert run.tags["note"] == "one\ntwo"
    assert run.tags[ORIGIN_TAG] == folder.as_uri()
    assert store.metric_history(run.run_id, "loss/train").items == [
        MetricPoint("loss/train", 1 / (step + 1), 1000 + step, step) for step in range(5)
    ]
    assert math.isnan(run.metrics["undefined"])
    assert run.latest["endless"] == MetricPoint("endless", -1.7976931348623157e308, 2, -3)
    context = {"mlflow.data.context": "training"}
    assert run.inputs == (DatasetInput("answers", "abc123", "local", "a.csv", schema="{}", tags=context),)
    assert read_bytes(store, run.run_id, "notes/a b.txt") == b"hello"


def store_id(folder: Path, name: str) -> str:
    (experiment,) = (one for one in open_source(str(folder)).experiments() if one.name == name)
    return experiment.experiment_id


def test_nested_failed_and_deleted_runs_stay_what_they_are(folder: Path, store: Store) -> None:
    run_import(folder, store)
    inner = named(store, "inner")
    assert (inner.parent_run_id, inner.lifecycle_stage) == (named(store, "outer").run_id, "deleted")
    gone = store.experiment_named("gone")
    assert gone is not None
    assert gone.lifecycle_stage == "deleted"
    (lost,) = store.search_runs([gone.experiment_id], view="ALL").items
    assert lost.lifecycle_stage == "deleted"
    assert sorted(r.status for r in store.search_runs([named(store, "outer").experiment_id]).items) == [
        "FAILED",
        "FINISHED",
    ]


def test_registered_models_keep_versions_aliases_and_runs(folder: Path, store: Store) -> None:
    run_import(folder, store)
    run_id = named(store, "outer").run_id
    model = store.registry.model("tracer")
    assert (model.description, model.tags["team"], model.aliases) == ("Traces.", "a", {"champion": 3})
    assert [store.registry.version("tracer", n).source for n in (1, 3)] == [f"runs:/{run_id}/notes"] * 2
    assert store.registry.version("tracer", 3).tags["n"] == "2"
    with pytest.raises(NotFound):
        store.registry.version("tracer", 2)  # deleted there, and its number is not used again here


def test_a_second_import_adds_only_what_is_new(folder: Path, store: Store) -> None:
    first = run_import(folder, store)
    assert first.added.points == first.seen.points == 7
    second = run_import(folder, store)
    assert second.added == Counts()
    assert (second.seen, second.kept) == (first.seen, first.kept)
    run = folder / store_id(folder, "first") / named(store, "outer").run_id
    with (run / "metrics" / "loss" / "train").open("a") as metric:
        metric.write("2000 0.1 5\n2000 0.1 5\n")  # a file may have a point twice
    (run / "artifacts" / "new.txt").write_text("new")
    third = run_import(folder, store)
    assert third.complete
    assert third.added == Counts(points=1, files=1, bytes=3)
    assert named(store, "outer").metrics["loss/train"] == 0.1


def test_an_import_that_was_stopped_goes_on(folder: Path, store: Store) -> None:
    class StoppedError(Exception):
        pass

    def stop(report: Report) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        import_mlflow(open_source(str(folder)), store, stop)
    assert run_import(folder, store).complete


def test_runs_that_came_from_elsewhere_are_left_alone(folder: Path, store: Store) -> None:
    run_id = next(open_source(str(folder)).runs(store_id(folder, "first"))).run_id
    ours = store.create_run("0", run_id=run_id)
    report = run_import(folder, store)
    assert not report.complete
    (trouble,) = (one for one in report.trouble if run_id in one)
    assert "was not imported from" in trouble
    assert store.get_run(run_id) == ours


def test_what_cannot_be_taken_over_is_named_and_the_rest_goes_on(folder: Path, store: Store) -> None:
    (folder / store_id(folder, "first") / named_id(folder, "outer") / "metrics" / "broken").write_text("1 high 0\n")
    report = run_import(folder, store)
    assert not report.complete
    (trouble,) = report.trouble[:1]
    assert "has a line '1 high 0'; expected 'time value step'" in trouble
    assert named(store, "inner").status == "FINISHED"


def named_id(folder: Path, name: str) -> str:
    (run,) = (run for run in open_source(str(folder)).runs(store_id(folder, "first")) if run.name == name)
    assert isinstance(run, Run)
    return run.run_id


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A SQLite file with the parts of MLflow's schema that are read, one run in it."""
    connection = sqlite3.connect(tmp_path / "mlflow.db")
    artifacts = tmp_path / "mlruns" / "1" / ("a" * 32) / "artifacts"
    artifacts.mkdir(parents=True)
    (artifacts / "a.txt").write_text("hello")
    connection.executescript(f"""
    CREATE TABLE experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time);
    CREATE TABLE experiment_tags (key, value, experiment_id);
    CREATE TABLE runs (run_uuid, name, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri,
        experiment_id);
    CREATE TABLE tags (key, value, run_uuid);
    CREATE TABLE params (key, value, run_uuid);
    CREATE TABLE metrics (key, value, timestamp, run_uuid, step, is_nan);
    CREATE TABLE latest_metrics (key, value, timestamp, step, is_nan, run_uuid);
    CREATE TABLE datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source,
        dataset_schema, dataset_profile);
    CREATE TABLE inputs (input_uuid, source_type, source_id, destination_type, destination_id);
    CREATE TABLE input_tags (input_uuid, name, value);
    CREATE TABLE registered_models (name, creation_time, last_updated_time, description);
    CREATE TABLE registered_model_tags (key, value, name);
    CREATE TABLE registered_model_aliases (alias, version, name);
    CREATE TABLE model_versions (name, version, creation_time, last_updated_time, description, user_id, current_stage,
        source, run_id, status, run_link);
    CREATE TABLE model_version_tags (key, value, name, version);
    INSERT INTO experiments VALUES (1, 'first', '', 'active', 5, 6);
    INSERT INTO experiment_tags VALUES ('team', 'a', 1);
    INSERT INTO runs VALUES ('{"a" * 32}', 'outer', 'ada', 'FINISHED', 10, 20, 'active', '{artifacts}', 1);
    INSERT INTO tags VALUES ('note', 'x', '{"a" * 32}');
    INSERT INTO params VALUES ('lr', '0.1', '{"a" * 32}');
    INSERT INTO metrics VALUES ('loss', 0.5, 1, '{"a" * 32}', 0, 0), ('loss', 0.0, 2, '{"a" * 32}', 1, 1);
    INSERT INTO latest_metrics VALUES ('loss', 0.0, 2, 1, 1, '{"a" * 32}');
    INSERT INTO datasets VALUES ('d', 1, 'answers', 'abc', 'local', 'a.csv', NULL, NULL);
    INSERT INTO inputs VALUES ('i', 'DATASET', 'd', 'RUN', '{"a" * 32}');
    INSERT INTO input_tags VALUES ('i', 'mlflow.data.context', 'test');
    INSERT INTO registered_models VALUES ('tracer', 1, 2, NULL);
    INSERT INTO registered_model_aliases VALUES ('champion', 1, 'tracer');
    INSERT INTO model_versions VALUES ('tracer', 1, 1, 2, 'first', NULL, 'Staging', '{artifacts}/model', '{"a" * 32}',
        'READY', NULL);
    """)
    yield connection
    connection.close()


def test_everything_in_a_database_is_taken_over(database: sqlite3.Connection, tmp_path: Path, store: Store) -> None:
    report = run_import(tmp_path / "mlflow.db", store)
    assert report.trouble == []
    assert report.complete
    assert report.added == Counts(1, 1, 1, 1, 2, 1, 1, 5, 1, 1)
    run = named(store, "outer")
    assert (run.run_id, run.user_id, run.start_time, run.end_time) == ("a" * 32, "ada", 10, 20)
    assert store.metric_history(run.run_id, "loss", 1).items[0].value == 0.5
    assert math.isnan(run.metrics["loss"])
    assert run.inputs == (DatasetInput("answers", "abc", "local", "a.csv", tags={"mlflow.data.context": "test"}),)
    assert read_bytes(store, run.run_id, "a.txt") == b"hello"
    assert store.registry.version("tracer", 1).stage == "Staging"
    assert store.registry.model("tracer").aliases == {"champion": 1}
    assert run_import(f"sqlite:///{tmp_path / 'mlflow.db'}", store).added == Counts()


def test_artifacts_that_cannot_be_reached_are_named(database: sqlite3.Connection, tmp_path: Path, store: Store) -> None:
    database.execute("UPDATE runs SET artifact_uri = 's3://bucket/1'")
    database.commit()
    report = run_import(tmp_path / "mlflow.db", store)
    assert not report.complete
    assert "Import from the address of the MLflow server" in report.trouble[0]
    assert STATE_TAG not in named(store, "outer").tags  # the next import tries again


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("postgresql://host/mlflow", "start an MLflow server on it"),
        ("nowhere", "no folder 'nowhere'"),
        ("sqlite:///nowhere.db", "no file 'nowhere.db'"),
        ("http://", "not one of a server"),
    ],
)
def test_an_address_of_nothing_is_explained(address: str, sentence: str) -> None:
    with pytest.raises((Invalid, NotFound), match=sentence):
        open_source(address)


def test_a_folder_or_file_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="not an MLflow file store"):
        open_source(str(tmp_path))
    (tmp_path / "text.db").write_text("text" * 1000)
    with pytest.raises(Invalid, match="cannot be read as a SQLite database"):
        open_source(str(tmp_path / "text.db"))
    sqlite3.connect(tmp_path / "empty.db").execute("CREATE TABLE a (b)").connection.close()
    with pytest.raises(Invalid, match="no table 'experiments'"):
        open_source(str(tmp_path / "empty.db"))


def test_a_source_inside_a_run_is_known_wherever_it_lay() -> None:
    assert of_owner("mlflow-artifacts:/1/ff/artifacts/model", "ff") == "runs:/ff/model"
    assert of_owner("file:///old/place/mlruns/1/ff/artifacts/a/b", "ff") == "runs:/ff/a/b"
    assert of_owner("s3://bucket/other/model", "ff") == "s3://bucket/other/model"
