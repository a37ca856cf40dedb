"""Logged models that MLflow's own client wrote: into a folder, into a database, and behind MLflow's own server."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from attain.tracking.artifacts import read_bytes
from attain.tracking.entities import MetricPoint, ModelOutput, Run
from attain.tracking.errors import NotFound
from attain.tracking.import_mlflow import import_mlflow, open_source
from attain.tracking.import_registry import of_owner
from attain.tracking.import_report import Counts, Report
from attain.tracking.registry_entities import LoggedModel, ModelPoint
from attain.tracking.sql.store import Store

WRITE = """
import sys
import mlflow
from mlflow import MlflowClient
from mlflow.entities import LoggedModelInput, LoggedModelOutput
mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
first, second = client.create_experiment("first"), client.create_experiment("second")
made, used = client.create_run(first, run_name="made"), client.create_run(second, run_name="used")
model = client.create_logged_model(first, "net", made.info.run_id, {"team": "a"}, {"depth": "2"}, "classifier")
client.log_outputs(made.info.run_id, [LoggedModelOutput(model.model_id, 7)])
client.log_inputs(used.info.run_id, models=[LoggedModelInput(model.model_id)])
about = {"model_id": model.model_id, "dataset_name": "answers", "dataset_digest": "abc"}
for step in range(3):
    client.log_metric(made.info.run_id, "auc", 0.5 + step / 10, timestamp=step, step=step, **about)
with open(sys.argv[2] + "/weights.txt", "w") as file:
    file.write("1 2 3")
client.log_model_artifact(model.model_id, file.name)
client.finalize_logged_model(model.model_id, "READY")
waiting = client.create_logged_model(first, "waiting")
gone = client.create_logged_model(first, "gone")
client.delete_logged_model(gone.model_id)
client.create_registered_model("tracer")
client.create_model_version("tracer", f"models:/{model.model_id}", made.info.run_id, model_id=model.model_id)
client.log_metric(used.info.run_id, "auc", 0.5, timestamp=0, step=0, **about)  # its folder store looks astray after it
client.delete_run(used.info.run_id)
"""

PYTHON = [sys.executable, "-W", "ignore", "-c"]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `mlruns` and `mlflow.db`, each written by MLflow's client."""
    if importlib.util.find_spec("mlflow") is None:
        pytest.skip("MLflow's client is not installed: pip install mlflow-skinny")
    folder = tmp_path_factory.mktemp("models")
    environment = os.environ | {"MLFLOW_ALLOW_FILE_STORE": "true"}
    for uri in (f"file://{folder}/mlruns", f"sqlite:///{folder}/mlflow.db"):
        subprocess.run([*PYTHON, WRITE, uri, str(folder)], cwd=folder, env=environment, check=True, capture_output=True)
    return folder


@pytest.fixture(params=["folder", "database", pytest.param("server", marks=pytest.mark.slow)])
def address(request: pytest.FixtureRequest, written: Path, tmp_path: Path) -> str:
    """Of each kind of source: what was written, moved; the database also behind MLflow's own server."""
    if request.param == "folder":
        return str(shutil.copytree(written / "mlruns", tmp_path / "moved"))
    if request.param == "database":
        return str(written / "mlflow.db")
    serve: Callable[[Path], str] = request.getfixturevalue("mlflow_server")
    return serve(written)


def run_import(address: str, store: Store) -> Report:
    return import_mlflow(open_source(address), store, lambda report: None)


def run_named(store: Store, experiment: str, name: str) -> Run:
    found = store.experiment_named(experiment)
    assert found is not None
    (run,) = store.search_runs([found.experiment_id], f"attributes.run_name = '{name}'", view="ALL").items
    return run


def models(store: Store) -> dict[str, LoggedModel]:
    experiment = store.experiment_named("first")
    assert experiment is not None
    return {one.name: one for one in store.models.search([experiment.experiment_id]).items}


def test_a_logged_model_comes_with_all_it_has_under_its_id(address: str, store: Store) -> None:
    report = run_import(address, store)
    assert report.trouble == []
    assert report.complete
    assert report.added.model_points == 4
    made, used = run_named(store, "first", "made"), run_named(store, "second", "used")
    model = models(store)["net"]
    assert (model.status, model.model_type, model.source_run_id) == ("READY", "classifier", made.run_id)
    assert (model.params, model.tags["team"]) == ({"depth": "2"}, "a")
    about = (model.model_id, "answers", "abc")
    points = [(made.run_id, step, 0.5 + step / 10) for step in range(3)] + [(used.run_id, 0, 0.5)]
    assert sorted(model.metrics, key=lambda one: (one.run_id == used.run_id, one.point.step)) == [
        ModelPoint(about[0], MetricPoint("auc", value, step, step), about[1], about[2], run)
        for run, step, value in points
    ]
    assert made.model_outputs == (ModelOutput(model.model_id, 7),)
    assert read_bytes(store, model.model_id, "weights.txt") == b"1 2 3"
    assert models(store)["waiting"].status == "PENDING"
    version = store.registry.version("tracer", 1)
    assert (version.source, version.model_id) == (f"models:/{model.model_id}", model.model_id)
    assert models(store)["net"].registered == (("tracer", 1),)


def test_a_second_import_brings_nothing_twice_and_what_is_new(written: Path, tmp_path: Path, store: Store) -> None:
    folder = shutil.copytree(written / "mlruns", tmp_path / "moved")
    first = run_import(str(folder), store)
    second = run_import(str(folder), store)
    assert second.added == Counts()
    assert (second.seen, second.kept) == (first.seen, first.kept)
    model, made = models(store)["net"], run_named(store, "first", "made")
    (there,) = (meta.parent for meta in folder.glob(f"*/models/{model.model_id}/meta.yaml"))
    with (there / "metrics" / "auc").open("a") as points:
        points.write(f"9 0.9 9 {made.run_id} answers abc\n" * 2)
    (there / "artifacts" / "more.txt").write_text("more")
    (there / "params" / "width").write_text("3")
    third = run_import(str(folder), store)
    assert third.complete
    assert third.added == Counts(params=1, files=1, bytes=4, model_points=1)
    assert models(store)["net"].metrics[-1].point == MetricPoint("auc", 0.9, 9, 9)


def test_what_runs_used_and_what_is_deleted_stays_so(written: Path, tmp_path: Path, store: Store) -> None:
    for address in (str(written / "mlflow.db"), str(written / "mlflow.db")):
        run_import(address, store)
        (model,) = (one for name, one in models(store).items() if name == "net")
        used = run_named(store, "second", "used")
        assert (used.model_inputs, used.lifecycle_stage) == ((model.model_id,), "deleted")
        assert "gone" not in models(store)
    (gone,) = (one for one in open_source(str(written / "mlflow.db")).models("1") if one.name == "gone")
    assert store.models.get(gone.model_id, deleted=True).lifecycle_stage == "deleted"
    with pytest.raises(NotFound):
        store.models.get(gone.model_id)


def test_a_model_that_was_not_imported_from_there_is_left_alone(written: Path, store: Store) -> None:
    (theirs,) = (one for one in open_source(str(written / "mlflow.db")).models("1") if one.name == "net")
    ours = store.models.create("0", "ours", model_id=theirs.model_id)
    report = run_import(str(written / "mlflow.db"), store)
    assert "was not imported from" in report.trouble[0]
    assert replace(store.models.get(theirs.model_id), registered=()) == ours


def test_a_source_inside_a_logged_model_is_known_wherever_it_lay() -> None:
    model_id = f"m-{'a' * 32}"
    assert of_owner(f"s3://b/1/models/{model_id}/artifacts/x/y", "ff") == f"models:/{model_id}/x/y"
    assert of_owner(f"file:///old/mlruns/1/models/{model_id}/artifacts", "") == f"models:/{model_id}"
