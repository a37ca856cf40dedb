"""MLflow's own client against our registry and logged models."""

import uuid
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

Server = Any  # the `Running` of conftest
Client = Any  # mlflow's, which is imported when it is wanted


@pytest.fixture(scope="module")
def mlflow(shared: Server) -> Iterator[Any]:
    """The module `mlflow`, with our server as its store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the client warns of when it is imported is not ours to mend
            import mlflow
            import mlflow.pyfunc
        before = mlflow.get_tracking_uri()
        mlflow.set_tracking_uri(shared.url)
        yield mlflow
        mlflow.set_tracking_uri(before)


@pytest.fixture
def client(mlflow: Any) -> Client:
    return mlflow.MlflowClient()


@pytest.fixture
def name(client: Client) -> str:
    """The name of a registered model of this test alone."""
    name = f"m-{uuid.uuid4().hex[:8]}"
    client.create_registered_model(name, {"team": "ada"}, "warns early")
    return name


def add(client: Client, name: str, count: int = 1, **fields: Any) -> None:
    for _ in range(count):
        client.create_model_version(name, "s3://bucket/model", await_creation_for=0, **fields)


def test_a_model_is_created_changed_renamed_and_deleted(client: Client, name: str) -> None:
    from mlflow.exceptions import RestException

    made = client.get_registered_model(name)
    assert (made.name, made.tags, made.description, made.latest_versions) == (name, {"team": "ada"}, "warns early", [])
    with pytest.raises(RestException, match="RESOURCE_ALREADY_EXISTS"):
        client.create_registered_model(name)
    assert client.update_registered_model(name, "later").description == "later"
    client.set_registered_model_tag(name, "team", "bob")
    client.set_registered_model_tag(name, "other", "x")
    client.delete_registered_model_tag(name, "other")
    client.rename_registered_model(name, f"{name}-b")
    assert client.get_registered_model(f"{name}-b").tags == {"team": "bob"}
    client.delete_registered_model(f"{name}-b")
    with pytest.raises(RestException, match="RESOURCE_DOES_NOT_EXIST"):
        client.get_registered_model(f"{name}-b")


def test_versions_have_tags_descriptions_and_aliases(client: Client, name: str) -> None:
    add(client, name, 2, tags={"a": "b"}, description="first")
    client.set_model_version_tag(name, "1", "c", "d")
    client.delete_model_version_tag(name, "1", "a")
    client.update_model_version(name, "1", "better")
    client.set_registered_model_alias(name, "champion", "1")
    found = client.get_model_version_by_alias(name, "champion")
    assert (found.version, found.tags, found.description, found.aliases) == ("1", {"c": "d"}, "better", ["champion"])
    assert client.get_registered_model(name).aliases == {"champion": "1"}
    assert client.get_model_version_by_alias(name, "latest").version == "2"
    client.delete_registered_model_alias(name, "champion")
    assert client.get_model_version(name, "1").aliases == []
    assert client.get_model_version_download_uri(name, "1") == "s3://bucket/model"
    client.delete_model_version(name, "2")
    add(client, name)
    assert [one.version for one in client.search_model_versions(f"name = '{name}'")] == ["3", "1"]


@pytest.mark.filterwarnings("ignore:.*model registry stages will be removed:FutureWarning")
@pytest.mark.filterwarnings("ignore:.*get_latest_versions.*:FutureWarning")
@pytest.mark.filterwarnings("ignore:.*transition_model_version_stage.*:FutureWarning")
def test_stages_work_as_long_as_clients_use_them(client: Client, name: str) -> None:
    add(client, name, 3)
    client.transition_model_version_stage(name, "1", "Production")
    client.transition_model_version_stage(name, "2", "production", archive_existing_versions=True)
    assert client.get_model_version(name, "1").current_stage == "Archived"
    assert {one.current_stage: one.version for one in client.get_latest_versions(name)} == {
        "Archived": "1",
        "Production": "2",
        "None": "3",
    }
    assert [one.version for one in client.get_latest_versions(name, ["Production"])] == ["2"]


def test_the_registry_is_searched(client: Client, name: str) -> None:
    add(client, name, 3, run_id="a run", tags={"kind": "forest"})
    add(client, name)
    assert [one.name for one in client.search_registered_models(f"name ILIKE '{name.upper()}'")] == [name]
    assert client.search_registered_models("tags.team = 'nobody'") == []

    def found(filter: str, **options: Any) -> list[str]:
        return [one.version for one in client.search_model_versions(f"name='{name}' AND {filter}", **options)]

    assert found("run_id = 'a run'") == ["3", "2", "1"]
    assert found("run_id IN ('a run', 'b')", order_by=["version_number ASC"]) == ["1", "2", "3"]
    assert found("source_path LIKE 's3://%'", order_by=["creation_timestamp ASC", "version_number ASC"])[0] == "1"
    assert found("tags.kind = 'forest' AND version_number > 1") == ["3", "2"]
    first = client.search_model_versions(f"name='{name}'", max_results=3)
    rest = client.search_model_versions(f"name='{name}'", max_results=3, page_token=first.token)
    assert ([one.version for one in first], [one.version for one in rest]) == (["4", "3", "2"], ["1"])


def test_a_logged_model_goes_from_pending_to_ready_with_its_metrics(mlflow: Any, client: Client) -> None:
    from mlflow.entities import LoggedModelOutput

    experiment = client.create_experiment(uuid.uuid4().hex)
    with mlflow.start_run(experiment_id=experiment) as run:
        made = mlflow.initialize_logged_model("clf", params={"depth": "3"}, tags={"team": "ada"})
        mlflow.log_metric("auc", 0.5, step=1, model_id=made.model_id)
        assert made.status == "PENDING"
        client.log_outputs(run.info.run_id, [LoggedModelOutput(made.model_id, 3)])
        mlflow.finalize_logged_model(made.model_id, "READY")
    client.set_logged_model_tags(made.model_id, {"kind": "forest"})
    client.delete_logged_model_tag(made.model_id, "team")
    client.log_model_params(made.model_id, {"lr": "0.1"})
    found = client.get_logged_model(made.model_id)
    assert (found.status, found.source_run_id) == ("READY", run.info.run_id)
    assert found.params == {"depth": "3", "lr": "0.1"}
    assert found.tags["kind"] == "forest"
    assert "team" not in found.tags
    assert [(one.key, one.value, one.step, one.run_id) for one in found.metrics] == [("auc", 0.5, 1, run.info.run_id)]
    outputs = client.get_run(run.info.run_id).outputs.model_outputs
    assert [(one.model_id, one.step) for one in outputs] == [(made.model_id, 3)]
    by_metric = {"field_name": "metrics.auc", "ascending": False}
    listed = client.search_logged_models([experiment], "metrics.auc > 0.4 AND params.depth = '3'", order_by=[by_metric])
    assert [one.model_id for one in listed] == [made.model_id]
    client.delete_logged_model(made.model_id)
    assert client.search_logged_models([experiment]) == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow")
def test_a_model_is_logged_registered_named_and_loaded(mlflow: Any, client: Client, name: str) -> None:
    from sklearn.tree import DecisionTreeClassifier

    x, y = np.arange(8.0).reshape(-1, 1), np.array([0, 0, 0, 0, 1, 1, 1, 1])
    tree = DecisionTreeClassifier(random_state=0).fit(x, y)
    with mlflow.start_run() as run:
        logged = mlflow.sklearn.log_model(
            tree,
            name="tree",
            registered_model_name=name,
            serialization_format="cloudpickle",
            pip_requirements=["scikit-learn"],
        )
    client.set_registered_model_alias(name, "champion", 1)
    version = client.get_model_version_by_alias(name, "champion")
    assert (version.run_id, version.source) == (run.info.run_id, f"models:/{logged.model_id}")
    for address in (f"models:/{name}@champion", f"models:/{name}/1", logged.model_uri):
        assert mlflow.pyfunc.load_model(address).predict(x).tolist() == y.tolist()
    again = mlflow.register_model(logged.model_uri, name)
    assert again.version == "2"
    copied = client.copy_model_version(f"models:/{name}@champion", f"{name}-prod")
    assert (copied.version, copied.run_id) == ("1", run.info.run_id)
    assert mlflow.sklearn.load_model(f"models:/{name}-prod/1").predict(x).tolist() == y.tolist()
    assert {file.path for file in client.list_logged_model_artifacts(logged.model_id)} >= {"MLmodel", "model.pkl"}
