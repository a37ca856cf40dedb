"""What the real MLflow client does, against our server. Files and models: beside the tests of those endpoints."""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning:mlflow"),
    pytest.mark.filterwarnings("ignore::UserWarning:mlflow"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the client's own, at import
    mlflow = pytest.importorskip("mlflow", reason="the mlflow client is not installed")
    from mlflow.entities import Metric, Param, RunTag, ViewType
    from mlflow.exceptions import MlflowException

Server = Any  # the class `Running` of the conftest


@pytest.fixture
def client(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The client's whole module, speaking to a server of this test alone."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    mlflow.set_tracking_uri(server.url)
    mlflow.set_experiment("lab")
    yield mlflow
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.set_tracking_uri(None)


def test_a_run_is_logged_with_all_that_the_fluent_client_logs(client: Any) -> None:
    with client.start_run(run_name="first", tags={"team": "a"}, description="a note") as run:
        client.log_param("model", "bkt")
        client.log_params({"lr": 0.1, "epochs": 5})
        client.log_metric("loss", 0.5, step=1)
        client.log_metric("loss", float("nan"), step=2)
        client.log_metrics({"auc": 0.7, "acc": 0.8}, step=3)
        client.set_tag("state", "good")
        client.set_tags({"n": 5})
    found = client.get_run(run.info.run_id)
    assert found.data.params == {"model": "bkt", "lr": "0.1", "epochs": "5"}
    assert (found.data.metrics["auc"], found.data.metrics["acc"]) == (0.7, 0.8)
    assert found.data.metrics["loss"] != found.data.metrics["loss"]
    kept = {"team": "a", "state": "good", "n": "5", "mlflow.runName": "first", "mlflow.note.content": "a note"}
    assert kept.items() <= found.data.tags.items()
    assert (found.info.status, found.info.run_name, found.info.lifecycle_stage) == ("FINISHED", "first", "active")
    assert found.info.end_time >= found.info.start_time
    history = client.MlflowClient().get_metric_history(run.info.run_id, "loss")
    assert [point.step for point in history] == [1, 2]


def test_a_run_that_raises_has_failed(client: Any) -> None:
    with pytest.raises(ZeroDivisionError), client.start_run() as run:
        raise ZeroDivisionError
    assert client.get_run(run.info.run_id).info.status == "FAILED"


def test_runs_are_nested_and_found_by_their_parent(client: Any) -> None:
    with client.start_run(run_name="parent") as parent:
        for at in range(3):
            with client.start_run(run_name=f"child {at}", nested=True):
                client.log_metric("auc", 0.5 + at / 10)
    parent_is = f"tags.mlflow.parentRunId = '{parent.info.run_id}'"
    found = client.search_runs(filter_string=parent_is, order_by=["metrics.auc DESC"], output_format="list")
    assert [run.info.run_name for run in found] == ["child 2", "child 1", "child 0"]
    assert client.get_parent_run(found[0].info.run_id).info.run_id == parent.info.run_id


def test_a_run_is_resumed(client: Any) -> None:
    with client.start_run() as run:
        pass
    with client.start_run(run_id=run.info.run_id):
        assert client.get_run(run.info.run_id).info.status == "RUNNING"
    assert client.get_run(run.info.run_id).info.status == "FINISHED"


@pytest.mark.parametrize(
    ("filter", "names"),
    [
        ("metrics.auc = 0.6", ["b"]),
        ("metrics.auc != 0.6", ["a"]),
        ("metrics.auc > 0.5", ["b"]),
        ("metrics.auc >= 0.5 and metrics.auc < 0.6", ["a"]),
        ("metrics.auc <= 0.5", ["a"]),
        ("params.model = 'bkt'", ["a"]),
        ("params.model != 'bkt'", ["b"]),
        ("params.model LIKE 'd%'", ["b"]),
        ("params.model ILIKE 'D%'", ["b"]),
        ("params.extra IS NULL", ["a"]),
        ("params.extra IS NOT NULL", ["b"]),
        ("tags.team = 'x'", ["a", "b"]),
        ("attributes.status = 'FINISHED'", ["a", "b"]),
        ("attributes.run_name LIKE 'a%'", ["a"]),
        ("attributes.start_time > 0", ["a", "b"]),
    ],
)
def test_runs_are_searched_with_each_operator(client: Any, filter: str, names: list[str]) -> None:
    for name, auc, params in (("a", 0.5, {"model": "bkt"}), ("b", 0.6, {"model": "dkt", "extra": "1"})):
        with client.start_run(run_name=name, tags={"team": "x"}):
            client.log_metric("auc", auc)
            client.log_params(params)
    found = client.search_runs(filter_string=filter, order_by=["attributes.run_name ASC"], output_format="list")
    assert [run.info.run_name for run in found] == names


def test_runs_come_as_a_frame_too(client: Any) -> None:
    with client.start_run():
        client.log_param("model", "bkt")
        client.log_metric("auc", 0.5)
    frame = client.search_runs()
    assert frame.loc[0, ["params.model", "metrics.auc", "status"]].tolist() == ["bkt", 0.5, "FINISHED"]


def test_a_batch_of_everything_is_logged(client: Any) -> None:
    low = client.MlflowClient()
    run = low.create_run(client.get_experiment_by_name("lab").experiment_id)
    points = [Metric("loss", 1 / (step + 1), 1_700_000_000_000 + step, step) for step in range(2_500)]
    low.log_batch(run.info.run_id, points, [Param("a", "1")], [RunTag("b", "2")])
    history = low.get_metric_history(run.info.run_id, "loss")
    assert [point.value for point in history] == [point.value for point in points]
    low.set_terminated(run.info.run_id, "KILLED")
    assert low.get_run(run.info.run_id).info.status == "KILLED"


def test_a_param_that_would_change_is_refused(client: Any) -> None:
    with client.start_run():
        client.log_param("model", "bkt")
        with pytest.raises(MlflowException, match="never change") as caught:
            client.log_param("model", "dkt")
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"


def test_metrics_are_logged_asynchronously(client: Any) -> None:
    with client.start_run() as run:
        for step in range(50):
            client.log_metric("loss", step, step=step, synchronous=False)
        client.flush_async_logging()
    assert len(client.MlflowClient().get_metric_history(run.info.run_id, "loss")) == 50


def test_experiments_are_made_tagged_renamed_searched_deleted_and_restored(client: Any) -> None:
    low = client.MlflowClient()
    made = client.create_experiment("other", tags={"team": "a"})
    assert client.get_experiment(made).tags == {"team": "a"}
    low.set_experiment_tag(made, "team", "b")
    low.rename_experiment(made, "renamed")
    found = client.search_experiments(filter_string="tags.team = 'b'", order_by=["name DESC"])
    assert [one.name for one in found] == ["renamed"]
    assert {one.name for one in client.search_experiments()} == {"Default", "lab", "renamed"}
    client.delete_experiment(made)
    assert client.get_experiment(made).lifecycle_stage == "deleted"
    assert [one.name for one in client.search_experiments(view_type=ViewType.DELETED_ONLY)] == ["renamed"]
    with pytest.raises(MlflowException, match="deleted"):
        client.set_experiment("renamed")
    low.restore_experiment(made)
    assert client.set_experiment("renamed").experiment_id == made
    assert client.get_experiment_by_name("nowhere") is None


def test_runs_are_deleted_and_restored(client: Any) -> None:
    with client.start_run() as run:
        pass
    client.delete_run(run.info.run_id)
    assert client.search_runs(output_format="list") == []
    deleted = client.search_runs(run_view_type=ViewType.DELETED_ONLY, output_format="list")
    assert [one.info.run_id for one in deleted] == [run.info.run_id]
    client.MlflowClient().restore_run(run.info.run_id)
    assert len(client.search_runs(output_format="list")) == 1


def test_a_tag_is_deleted(client: Any) -> None:
    with client.start_run() as run:
        client.set_tag("team", "a")
        client.delete_tag("team")
    assert "team" not in client.get_run(run.info.run_id).data.tags


def test_a_data_set_is_logged_as_an_input(client: Any) -> None:
    import pandas as pd

    data = client.data.from_pandas(pd.DataFrame({"x": [1, 2], "y": [3.0, 4.0]}), source="x.csv", name="answers")
    with client.start_run() as run:
        client.log_input(data, context="training")
    (read,) = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert (read.dataset.name, read.dataset.digest) == ("answers", data.digest)
    assert [(tag.key, tag.value) for tag in read.tags] == [("mlflow.data.context", "training")]
    found = client.search_runs(filter_string="datasets.name = 'answers'", output_format="list")
    assert len(found) == 1
