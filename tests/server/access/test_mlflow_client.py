"""MLflow's own client against a server with access control: by password, by token, and by neither."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attain.testing.stores import BACKENDS
from attain.tracking.sql.store import Store

Client = Any  # mlflow's, which is imported when it is wanted


@pytest.fixture(params=BACKENDS)
def uri(request: pytest.FixtureRequest, new_store: Any) -> str:
    """A store on each database."""
    found: str = new_store(request.param)
    return found


@pytest.fixture
def client_of(guarded: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Client]:
    """A client that shows what is given: `client_of(username=…, password=…)` or `client_of(token=…)`."""
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the client warns of when it is imported is not ours to mend
        import mlflow

    def made(**shown: str) -> Client:
        for name in ("username", "password", "token"):
            variable = f"MLFLOW_TRACKING_{name.upper()}"
            if name in shown:
                monkeypatch.setenv(variable, shown[name])
            else:
                monkeypatch.delenv(variable, raising=False)
        return mlflow.MlflowClient(guarded.url)

    return made


def test_a_password_and_both_ways_of_a_token_open_the_same_door(
    client_of: Any, people: Store, password: str, tmp_path: Path
) -> None:
    token = people.access.add_token("ann", "test")
    (tmp_path / "note.txt").write_text("hello")
    client = client_of(username="ann", password=password)
    experiment = client.create_experiment("anns")
    run = client.create_run(experiment)
    assert run.info.user_id == "ann"
    client.log_metric(run.info.run_id, "auc", 0.7)
    client.log_artifact(run.info.run_id, str(tmp_path / "note.txt"))
    for shown in ({"token": token}, {"username": "ann", "password": token}):
        client = client_of(**shown)
        assert client.get_run(run.info.run_id).data.metrics == {"auc": 0.7}
        assert [file.path for file in client.list_artifacts(run.info.run_id)] == ["note.txt"]
        client.log_param(run.info.run_id, next(iter(shown)), "x")
    assert [one.name for one in client.search_experiments()] == ["anns"]
    assert len(client.search_runs([experiment])) == 1


def test_who_shows_nothing_or_what_is_no_longer_good_is_refused_at_once(client_of: Any, people: Store) -> None:
    from mlflow.exceptions import MlflowException

    token = people.access.add_token("ann", "test")
    assert client_of(token=token).search_experiments() == []
    people.access.revoke_token(token.split("_")[1], "test")
    for shown in ({"token": token}, {}, {"username": "ann", "password": "wrong horse battery"}):
        with pytest.raises(MlflowException, match="UNAUTHENTICATED"):
            client_of(**shown).search_experiments()


def test_another_users_runs_files_and_models_are_closed_until_they_are_opened(
    client_of: Any, people: Store, password: str, tmp_path: Path
) -> None:
    from mlflow.exceptions import MlflowException
    from requests.exceptions import HTTPError

    client = client_of(username="ann", password=password)
    experiment = client.create_experiment("anns")
    run_id = client.create_run(experiment).info.run_id
    (tmp_path / "note.txt").write_text("hello")
    client.log_artifact(run_id, str(tmp_path / "note.txt"))
    model = client.create_logged_model(experiment, "m", run_id).model_id
    client.create_registered_model("tracer")
    client.create_model_version("tracer", f"runs:/{run_id}/model", run_id, await_creation_for=0)

    client = client_of(username="ben", password=password)
    assert client.search_registered_models() == []
    assert client.search_model_versions() == []
    client.create_registered_model("bens")
    for attempt in (
        lambda: client.get_run(run_id),
        lambda: client.search_runs([experiment]),
        lambda: client.log_metric(run_id, "auc", 1.0),
        lambda: client.set_terminated(run_id),
        lambda: client.delete_run(run_id),
        lambda: client.get_experiment(experiment),
        lambda: client.get_experiment_by_name("anns"),
        lambda: client.rename_experiment(experiment, "bens"),
        lambda: client.create_run(experiment),
        lambda: client.get_metric_history(run_id, "auc"),
        lambda: client.list_artifacts(run_id),
        lambda: client.log_artifact(run_id, str(tmp_path / "note.txt")),
        lambda: client.get_logged_model(model),
        lambda: client.search_logged_models([experiment]),
        lambda: client.set_logged_model_tags(model, {"a": "b"}),
        lambda: client.get_registered_model("tracer"),
        lambda: client.get_model_version("tracer", "1"),
        lambda: client.get_model_version_download_uri("tracer", "1"),
        lambda: client.set_registered_model_alias("tracer", "champion", "1"),
        lambda: client.delete_registered_model("tracer"),
        lambda: client.create_model_version("bens", f"runs:/{run_id}/model", run_id, await_creation_for=0),
    ):
        with pytest.raises((MlflowException, HTTPError), match=r"PERMISSION_DENIED|You may not have access"):
            attempt()
    assert people.get_run(run_id).status == "RUNNING"

    people.access.permit("group", "lab", "anns", "read", "test")
    people.access.permit("group", "lab", "tracer", "read", "test", "model")
    assert client.get_run(run_id).info.run_id == run_id
    assert Path(client.download_artifacts(run_id, "note.txt", str(tmp_path / ""))).read_text() == "hello"
    assert client.get_model_version("tracer", "1").run_id == run_id
    assert {one.name for one in client.search_registered_models()} == {"bens", "tracer"}
    with pytest.raises((MlflowException, HTTPError), match="PERMISSION_DENIED"):
        client.log_artifact(run_id, str(tmp_path / "note.txt"))


def test_bytes_of_artifacts_are_closed_too(guarded: Any, people: Store, basic: Any) -> None:
    run = people.create_run("0")
    path = f"/api/2.0/mlflow-artifacts/artifacts/0/{run.run_id}/artifacts/a.txt"
    assert guarded.raw("PUT", path, b"x", headers=basic("root"))[0] == 200
    for method, at in [
        ("GET", path),
        ("PUT", path),
        ("DELETE", path),
        ("GET", f"/get-artifact?run_id={run.run_id}&path=a.txt"),
        ("GET", f"/api/2.0/mlflow-artifacts/artifacts?path=0/{run.run_id}/artifacts"),
    ]:
        assert guarded.raw(method, at, headers=basic("ann"))[0] == 403, (method, at)
        assert guarded.raw(method, at)[0] == 401
    assert guarded.raw("GET", path, headers=basic("root")) == (200, b"x")
    people.access.permit("user", "ann", "0", "read", "test")
    assert guarded.raw("GET", path, headers=basic("ann")) == (200, b"x")
    assert guarded.raw("DELETE", path, headers=basic("ann"))[0] == 403
